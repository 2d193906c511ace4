"""How the weekly questions about everyday life are read: what each is about, and what staff look at."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, StrictModel, Text
from openkap.knowledge.schema.values import ItemId


class MoreIs(StrEnum):
    """What more days of it mean for the person who tells it."""

    LIGHTER = "lighter"
    HARDER = "harder"


class Look(StrictModel):
    """From this answer on staff are shown it, with why. No judgement, and no cut-off of a scale."""

    at_least: Annotated[int, Field(ge=1)]
    why: Text


class LifestyleAspect(StrictModel):
    """One question: `short` names it in a column, `told` begins the patient's own sentence about it."""

    item: ItemId
    short: Text
    told: Text
    more_is: MoreIs
    look: Look | None = None


class LifestyleReading(Record):
    """The reading of one instrument."""

    instrument: ItemId
    aspects: Annotated[tuple[LifestyleAspect, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({aspect.item for aspect in self.aspects}) != len(self.aspects):
            raise ValueError("every question is read once")
        return self
