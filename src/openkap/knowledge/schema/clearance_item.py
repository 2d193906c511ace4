"""One item of medical clearance: what must have been examined before treatment, and for how long it counts."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Authority, Effect, Record, RecordId, StrictModel, Text
from openkap.knowledge.schema.rule import Override, Scope
from openkap.knowledge.schema.values import ItemId, LoincCode

Days = Annotated[int, Field(ge=1)]


class Part(StrictModel):
    """One value of the item. Any of the LOINC codes is that value; `entry` is how it is typed in."""

    id: ItemId
    title: Text
    loinc: Annotated[tuple[LoincCode, ...], Field(min_length=1)]
    entry: RecordId | None = None
    valid_days: Days | None = None  # where it lasts longer or shorter than the item


class Total(StrictModel):
    """The sum of a screening form that is filled in elsewhere."""

    least: int
    most: int

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least >= self.most:
            raise ValueError("least must be below most")
        return self


class Chore(StrictModel):
    """Who is asked for what is missing, and within how many days."""

    role: Literal["prescriber", "monitor", "coordinator"]
    within_days: Days


class ClearanceItem(Record):
    """A required examination.

    `valid_days`: the last day it counts is so many days after it was done. `expiring_days`: so many days
    before its end it is to be renewed. `needs_reading`: a clinician has to say whether it is normal; without it
    the values speak for themselves and rules judge them. `readings`: so many on one day. `only_with`: asked for
    only if the chart has one of these concepts, now or ever. `settles`: a concept that a normal result answers
    with no and an abnormal one with yes. All of these are conventions unless `notes` says otherwise.
    """

    group: Literal["circulation", "laboratory", "screening", "examination", "specialist"]
    order: Annotated[int, Field(ge=1)]
    authority: Authority
    scope: Scope = Scope()
    only_with: tuple[RecordId, ...] = ()
    why: Text
    parts: tuple[Part, ...] = ()
    readings: Annotated[int, Field(ge=1)] = 1
    total: Total | None = None
    needs_reading: bool
    settles: RecordId | None = None
    valid_days: Days
    expiring_days: Days
    chore: Chore
    waiver: Override

    @model_validator(mode="after")
    def _can_be_satisfied(self) -> Self:
        if not self.needs_reading and not self.parts:
            raise ValueError("an item that nobody reads needs values")
        if self.readings > 1 and self.needs_reading:
            raise ValueError("only values that speak for themselves are taken several times")
        if self.expiring_days > self.valid_days:
            raise ValueError("it cannot expire before it begins")
        return self

    @model_validator(mode="after")
    def _demands(self) -> Self:
        if self.effect is not Effect.RESTRICTIVE:
            raise ValueError("what is demanded before treatment is restrictive")
        return self
