"""What a concentration does, as a record: which analyte at which site it needs, its numbers, and how far to
trust it.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from openkap.knowledge.schema.pk_model import Analyte, Evidence, Site
from openkap.knowledge.schema.record import Record, StrictModel


class Standing(StrEnum):
    """What kind of statement it is. None of them is a clinical prediction."""

    EXPLORATORY = "exploratory"  # fitted or derived by us from published summaries
    HYPOTHESIS = "hypothesis"  # carried over from animals; unvalidated


class Number(StrictModel):
    """A value read or derived somewhere."""

    value: FiniteFloat
    unit: str
    evidence: Evidence = Evidence()


class Span(StrictModel):
    """A value nobody has published: only its ends are known, or assumed."""

    low: FiniteFloat
    high: FiniteFloat
    unit: str
    evidence: Evidence


class Needs(StrictModel):
    """The concentration an effect takes; any other is refused."""

    analyte: Analyte
    site: Site


class Sigmoid(StrictModel):
    """Fraction of the maximum = C^g / (C50^g + C^g), C at an effect site with an equilibration half-life."""

    kind: Literal["sigmoid"]
    c50: Number
    steepness: Span
    equilibration_half_life: Span


class Slope(StrictModel):
    """Change = slope x C, between people log-normal; beyond `up_to` nobody looked."""

    kind: Literal["slope"]
    outcomes: dict[str, Number]
    between_subject_cv_percent: Number
    up_to: Number


class Plasticity(StrictModel):
    """Stimulus C / (C50 + C) through a transit chain onto a turnover, per unit of an unknown largest effect."""

    kind: Literal["plasticity"]
    c50: Number
    transits: Annotated[int, Field(ge=1, le=20)]
    mean_transit_time: Number
    turnover_half_life: Number


class PdModel(Record):
    """An effect of a concentration."""

    standing: Standing
    needs: Needs
    outcome: str
    form: Annotated[Sigmoid | Slope | Plasticity, Field(discriminator="kind")]
