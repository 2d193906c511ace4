"""Cadence records: which questionnaires are asked for when, until when, and how often one is reminded.

Days are local dates of the site and times those on its wall. Most figures are conventions and wait for the
medical director, like every other convention that changes care.
"""

from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.instrument import Respondent
from openkap.knowledge.schema.protocol import Span
from openkap.knowledge.schema.record import Record, RecordId, StrictModel, Text
from openkap.knowledge.schema.values import Cited, Indication

MOST_REMINDERS = 3
Days = Annotated[int, Field(ge=0, le=366)]
Role = Literal["prescriber", "therapist", "monitor", "coordinator"]
Reminders = Annotated[tuple[Span, ...], Field(max_length=MOST_REMINDERS)]


class Anchor(StrEnum):
    """What the days of a line count from."""

    ENROLMENT = "enrolment"  # the day the episode of care began
    FIRST_DOSE = "first-dose"
    EACH_DOSE = "each-dose"
    LAST_DOSE = "last-dose"  # of the plan


class AskStage(StrEnum):
    """Where on the path a line belongs; how lists group it."""

    ASSESSMENT = "assessment"
    INDUCTION = "induction"
    BETWEEN_DOSES = "between-doses"
    INTEGRATION = "integration"
    MAINTENANCE = "maintenance"
    FOLLOW_UP = "follow-up"


class CatchUp(StrEnum):
    """What becomes of an ask that was missed on its day."""

    LATE = "late"  # asked on, `late_days` longer
    NEXT = "next"  # the next one takes its place


class Repeat(StrictModel):
    """How a line goes on after the days it names: until the plan's last dose, or so many times."""

    every_days: Annotated[int, Field(ge=1, le=366)]
    times: Annotated[int, Field(ge=1, le=60)] | None = None
    until_last_dose: bool = False

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if (self.times is None) != self.until_last_dose:
            raise ValueError("a repetition has either a number of times or ends with the last dose")
        return self


class Window(Cited):
    """When an ask opens and closes, and when one is reminded: spans after its opening, at most three.

    It opens at `opens_at`, `opens_days_before` its day. It is due at the end of its day, or at the dose
    (`due_at_dose`), and closes then, or `late_days` later.
    """

    opens_at: time
    opens_days_before: Days = 0
    due_at_dose: bool = False
    late_days: Days = 0
    catch_up: CatchUp
    reminders: Reminders = ()

    @model_validator(mode="after")
    def _late_only_if_asked_late(self) -> Self:
        if (self.catch_up is CatchUp.LATE) != (self.late_days > 0):
            raise ValueError("'late' needs late_days, and 'next' has none")
        return self

    @model_validator(mode="after")
    def _reminders_inside(self) -> Self:
        if list(self.reminders) != sorted(set(self.reminders)):
            raise ValueError("reminders rise")
        open_days = timedelta(days=self.opens_days_before + self.late_days + 1)
        if any(after >= open_days for after in self.reminders):
            raise ValueError("nobody is reminded once the ask is closed")
        return self


class Line(StrictModel):
    """Instruments that are asked for together. `days` count from the anchor; below zero: before it."""

    id: RecordId
    stage: AskStage
    why: Text
    instruments: Annotated[tuple[RecordId, ...], Field(min_length=1)]
    only_for: tuple[Indication, ...] = ()
    filled_in_by: Respondent
    role: Role | None = None  # whose task it is, where a clinician rates
    anchor: Anchor
    days: Annotated[tuple[Annotated[int, Field(ge=-60, le=366)], ...], Field(min_length=1)]
    repeat: Repeat | None = None
    window: Window

    @model_validator(mode="after")
    def _clinicians_have_a_role(self) -> Self:
        if (self.filled_in_by is Respondent.CLINICIAN) != (self.role is not None):
            raise ValueError("what a clinician rates names the role, what the patient fills in does not")
        return self

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if list(self.days) != sorted(set(self.days)):
            raise ValueError("days rise, each once")
        if self.repeat and self.anchor is Anchor.EACH_DOSE:
            raise ValueError("what is asked around each dose repeats with the doses")
        if self.window.due_at_dose and (self.anchor is Anchor.ENROLMENT or self.days != (0,)):
            raise ValueError("only what is asked on the day of a dose is due at the dose")
        return self


class ForVisits(Cited):
    """How the measures that a protocol names for a visit are asked.

    They open as many days ahead as each instrument allows and are due when the visit begins; they close at the
    end of its day, or `late_days` later.
    """

    late_days: Days = 0
    reminders: Reminders = ()


class Overlap(Cited):
    """Leave to ask for an instrument again before the time its questions cover is over, and why."""

    instrument: RecordId
    least_days: Annotated[int, Field(ge=7)]
    why: Text


class Burden(Cited):
    """How much filling in is too much: staff are told beyond it."""

    minutes_in_a_week: Annotated[float, Field(gt=0)]


class Cadence(Record):
    """What a person is asked for, from enrolment to follow-up.

    For plans by one of `protocols`; else for one of `indications`; else for everybody.
    """

    protocols: tuple[RecordId, ...] = ()
    indications: tuple[Indication, ...] = ()
    lines: Annotated[tuple[Line, ...], Field(min_length=1)]
    for_visits: ForVisits
    overlaps: tuple[Overlap, ...] = ()
    burden: Burden

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({line.id for line in self.lines}) != len(self.lines):
            raise ValueError("each line has its own id")
        if len({overlap.instrument for overlap in self.overlaps}) != len(self.overlaps):
            raise ValueError("an instrument has one overlap")
        return self

    def least_days(self, instrument_id: str, recall_days: int) -> int:
        """Days from one ask of an instrument to the next: its recall, unless the record gives leave."""
        found = (one.least_days for one in self.overlaps if one.instrument == instrument_id)
        return min(next(found, recall_days), recall_days)
