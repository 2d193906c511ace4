"""Suicide risk: what raises the level, what a clinician's result means, and what each level brings with it."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, RecordId, StrictModel, Text, Verification

Rung = Literal["low", "moderate", "high"]
Who = Literal["monitor", "therapist", "coordinator", "prescriber", "medical-director"]
Points = Annotated[float, Field(ge=0)]


class Opens(StrEnum):
    """What a set of steps belongs to: a level that was reached, or what a screen said beside it."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    ACUTE = "acute"
    NOT_ACUTE = "not-acute"


class Grade(StrictModel):
    """One level of a clinician's result: from this ideation on, or with behaviour so long ago at most."""

    level: Rung
    ideation_at_least: Annotated[int, Field(ge=1, le=5)]
    behaviour: Literal["recent", "ever"] | None = None


class Triage(StrictModel):
    """How a clinician's C-SSRS result becomes a level; the first grade that fits is it.

    `ideation_days`: how far back ideation counts. `recent_months`: how far back behaviour is recent.
    """

    kind: Literal["triage"]
    ideation_days: Annotated[int, Field(ge=1)]
    recent_months: Annotated[int, Field(ge=1)]
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _highest_first(self) -> "Triage":
        rungs = [("low", "moderate", "high").index(grade.level) for grade in self.grades]
        if rungs != sorted(rungs, reverse=True):
            raise ValueError("the highest grade comes first")
        return self


class Sign(StrictModel):
    """What of one instrument raises to which level: an outcome, an item's answer, or a total."""

    instrument: RecordId
    level: Rung
    outcome: str | None = None
    item: str | None = None
    item_at_least: Annotated[int, Field(ge=1)] | None = None
    total_at_least: Points | None = None
    opens: Opens | None = None

    @model_validator(mode="after")
    def _one_test(self) -> "Sign":
        if (self.item is None) != (self.item_at_least is None):
            raise ValueError("an item goes with the answer from which it counts")
        if sum(test is not None for test in (self.outcome, self.item, self.total_at_least)) != 1:
            raise ValueError("give exactly one of outcome, item, total_at_least")
        return self


class Negative(StrictModel):
    """The outcome of a screen by which somebody nobody has assessed counts as without present risk."""

    instrument: RecordId
    outcome: str


class Signs(StrictModel):
    """What answers of patients raise to; they never lower."""

    kind: Literal["signs"]
    signs: Annotated[tuple[Sign, ...], Field(min_length=1)]
    negative: tuple[Negative, ...] = ()


class Step(StrictModel):
    """One piece of work of a pathway. `verification` is of what is to be done; the minutes are conventions."""

    id: RecordId
    words: Text
    role: Who
    within_minutes: Annotated[int, Field(ge=1)]
    escalate_to: Who | None = None
    on_duty: bool = False  # the person on duty owns it, not only the role
    verification: Verification


class Steps(StrictModel):
    """What is done when it opens. `decision`: the psychiatrist decides, and no dose is given before."""

    kind: Literal["steps"]
    opens_on: Opens
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    decision_within_minutes: Annotated[int, Field(ge=1)] | None = None


class RiskPathway(Record):
    """One part of the pathway."""

    content: Annotated[Triage | Signs | Steps, Field(discriminator="kind")]
