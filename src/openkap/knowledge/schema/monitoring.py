"""Monitoring records: when to measure in a session, which readings need someone, who may start and leave."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Authority, Record, RecordId, StrictModel, Text
from openkap.units import Drug, Route


class Vital(StrEnum):
    """What is measured or asked in the chair."""

    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    HEART_RATE = "heart-rate"
    SPO2 = "spo2"
    RESPIRATION = "respiration"
    MOAAS = "moaas"
    DISSOCIATION = "dissociation"
    NAUSEA = "nausea"
    PAIN = "pain"
    ANXIETY = "anxiety"
    WEIGHT = "weight"


UNITS = {
    Vital.SYSTOLIC: "mmHg",
    Vital.DIASTOLIC: "mmHg",
    Vital.HEART_RATE: "/min",
    Vital.SPO2: "%",
    Vital.RESPIRATION: "/min",
    Vital.MOAAS: "level",
    Vital.DISSOCIATION: "points",
    Vital.NAUSEA: "points",
    Vital.PAIN: "points",
    Vital.ANXIETY: "points",
    Vital.WEIGHT: "kg",
}

Who = Literal["monitor", "prescriber", "medical-director"]
Minutes = Annotated[int, Field(ge=0)]


class _InUnit(StrictModel):
    """A figure for one vital, in the one unit in which that vital is kept."""

    vital: Vital
    unit: str

    @model_validator(mode="after")
    def _unit_fits(self) -> "_InUnit":
        if self.unit != UNITS[self.vital]:
            raise ValueError(f"{self.vital} is kept in {UNITS[self.vital]}, not in {self.unit}")
        return self


class Bound(_InUnit):
    """A reading beyond which something has to happen; exactly one of the four comparisons.

    `age_over` and `age_up_to` narrow it to patients older than, or of at most, so many years.
    """

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    age_over: int | None = None
    age_up_to: int | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> "Bound":
        if sum(v is not None for v in (self.above, self.at_least, self.below, self.at_most)) != 1:
            raise ValueError("give exactly one of above, at_least, below, at_most")
        return self

    def crossed_by(self, value: float) -> bool:
        """Whether `value`, in the vital's unit, lies beyond the bound."""
        return (
            (self.above is not None and value > self.above)
            or (self.at_least is not None and value >= self.at_least)
            or (self.below is not None and value < self.below)
            or (self.at_most is not None and value <= self.at_most)
        )

    def concerns(self, age: int | None) -> bool:
        """Whether it applies at `age` in years. An unknown age meets the bound that is not for the older."""
        if self.age_over is not None:
            return age is not None and age > self.age_over
        return self.age_up_to is None or age is None or age <= self.age_up_to


class Symptom(StrictModel):
    """A sign that somebody reports or sees; `id` is what a session event carries."""

    id: RecordId
    label: Text


class Schedule(StrictModel):
    """Minutes after the dose's start at which `take` is due."""

    kind: Literal["schedule"]
    minutes: Annotated[tuple[Minutes, ...], Field(min_length=1)]
    take: Annotated[tuple[Vital, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _minutes_rise(self) -> "Schedule":
        if list(self.minutes) != sorted(set(self.minutes)):
            raise ValueError("minutes must rise, each once")
        return self


class Limit(StrictModel):
    """A reading or a sign in the session that opens a step: what to do, by whom, and what follows if missed."""

    kind: Literal["limit"]
    any_of: tuple[Bound, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    urgency: Literal["recheck", "pause", "stop", "emergency"]
    step: Text
    recheck_minutes: Annotated[int, Field(ge=1)] | None = None  # none: the step is due at once
    owner: Who
    if_missed: Who

    @model_validator(mode="after")
    def _watches_something(self) -> "Limit":
        if bool(self.any_of) == bool(self.symptoms):
            raise ValueError("a limit has either bounds or symptoms")
        return self


class Gate(StrictModel):
    """A reading before the dose that keeps it from starting: `hold` until a prescriber decides, or `block`."""

    kind: Literal["gate"]
    any_of: Annotated[tuple[Bound, ...], Field(min_length=1)]
    action: Literal["hold", "block"]
    step: Text


class Start(StrictModel):
    """What must be known before a dose: facts of the session and baseline readings."""

    kind: Literal["start"]
    facts: tuple[Literal["arrived", "identity", "weight", "escort-named"], ...]
    baseline: tuple[Vital, ...]


class LeaveAfter(StrictModel):
    """The least time in the chair, counted from the recorded start or end of the dose."""

    kind: Literal["leave-after"]
    minutes: Annotated[int, Field(ge=1)]
    after: Literal["dose-start", "dose-end"]


class Condition(StrictModel):
    """One thing that must be so before the patient leaves.

    `confirmed`: somebody asked or saw it; `at-baseline`: the last reading is no worse than before the dose;
    `exactly`: the last reading is `value`; `pressure-falling`: below the session's peak and every limit.
    """

    id: RecordId
    label: Text
    kind: Literal["confirmed", "at-baseline", "exactly", "pressure-falling", "escort-present"]
    vital: Vital | None = None
    value: float | None = None
    room_air: bool = False
    or_confirmed: bool = False

    @model_validator(mode="after")
    def _has_its_vital(self) -> "Condition":
        if (self.kind in ("at-baseline", "exactly")) != (self.vital is not None):
            raise ValueError("at-baseline and exactly name a vital, the others none")
        if (self.kind == "exactly") != (self.value is not None):
            raise ValueError("exactly, and only that, has a value")
        return self


class Leave(StrictModel):
    """All that must be met before the patient leaves, besides the time."""

    kind: Literal["leave"]
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1)]


class Range(_InUnit):
    """What can be entered at all; beyond it, the entry is a slip."""

    label: Text
    least: float
    most: float
    step: float

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if self.least >= self.most or self.step <= 0:
            raise ValueError("least must lie below most, and the step above zero")
        return self


class EntryRanges(StrictModel):
    """The range of each vital that can be entered."""

    kind: Literal["entry-ranges"]
    ranges: Annotated[tuple[Range, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> "EntryRanges":
        if len({r.vital for r in self.ranges}) != len(self.ranges):
            raise ValueError("each vital has one range")
        return self


class AnswerTimes(StrictModel):
    """How long people have: for readings nobody took, until the next role hears of it; and to sign."""

    kind: Literal["answer-times"]
    missed_readings_minutes: Annotated[int, Field(ge=1)]
    signature_hours: Annotated[int, Field(ge=1)]


Content = Annotated[
    Schedule | Limit | Gate | Start | LeaveAfter | Leave | EntryRanges | AnswerTimes,
    Field(discriminator="kind"),
]


class MonitoringRecord(Record):
    """One fact about watching over a session, for the drugs and routes it names."""

    authority: Authority
    drugs: Annotated[tuple[Drug, ...], Field(min_length=1)]
    routes: Annotated[tuple[Route, ...], Field(min_length=1)]
    content: Content
