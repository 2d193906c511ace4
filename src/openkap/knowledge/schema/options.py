"""Ways of treating that a patient can choose among, and what may be expected of a course of treatment."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, RecordId, StrictModel, Text
from openkap.knowledge.schema.values import Cited, Indication


class Claim(Cited):
    """One plain statement on an option; shown to a patient when read in its source or signed off here."""

    words: Text
    fine: Text | None = None


class Certainty(StrictModel):
    """How sure OpenKAP is of the figures: from 0, not rated, to 4. A judgement; `why` gives the reason."""

    level: Annotated[int, Field(ge=0, le=4)]
    word: Text
    why: Text


class Treatment(Record):
    """One option of the decision aid.

    `figures` are evidence records, the preferred first: the first that is about people like the patient is the
    """

    programme: Literal["depression", "anxiety"]
    order: Annotated[int, Field(ge=1)]
    icon: str
    name: Text
    what: Text
    drug: Literal["ketamine", "esketamine"] | None = None  # what this clinic itself would give
    figures: tuple[RecordId, ...] = ()
    also: tuple[RecordId, ...] = ()
    onset: tuple[Claim, ...] = ()
    course: tuple[Claim, ...] = ()
    notice: tuple[Claim, ...] = ()
    visits: tuple[Claim, ...] = ()
    certainty: Certainty

    @model_validator(mode="after")
    def _no_figure_no_rating(self) -> "Treatment":
        if not self.figures and self.certainty.level:
            raise ValueError("without a figure nothing can be rated")
        return self


class Expectation(Record):
    """One thing a patient should know beforehand, said with the published figures behind it.

    `words` holds places such as {sustain.value}: the part before the dot is a name in `figures`, the part after
    it one of value, low, high, n, rest (100 less the value) and ten (how many of ten). Without usable figures
    the heading stands with 'no figure found'.
    """

    about: Literal["non-response", "partial", "fading", "upkeep", "stopping", "regression"]
    programme: Literal["depression", "anxiety", "both"]
    indications: tuple[Indication, ...] = ()  # empty: all of the programme
    drug: Literal["ketamine", "esketamine"] | None = None
    order: int
    heading: Text
    words: Text
    without_figures: Text | None = None
    figures: dict[Annotated[str, Field(pattern=r"^[a-z]+$")], RecordId] = {}
    draws: str | None = None  # which of the figures is drawn as people
