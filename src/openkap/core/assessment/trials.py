"""Treatments tried, as values: what is known of each, and how long it lasted. None is 'not known'."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from openkap.errors import BadInput
from openkap.units.partial_dates import PartialDate

DAYS_OF_A_WEEK: Final = 7


class TrialKind(StrEnum):
    """What sort of treatment it was."""

    DRUG = "drug"
    PSYCHOTHERAPY = "psychotherapy"
    ECT = "ect"
    TMS = "tms"
    KETAMINE = "ketamine"


class Spell(StrEnum):
    """The spell of illness it belongs to."""

    PRESENT = "present"
    EARLIER = "earlier"
    UNKNOWN = "unknown"


class Benefit(StrEnum):
    """What it did, in words."""

    NONE = "none"
    PARTIAL = "partial"
    GOOD = "good"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Weeks:
    """How long, at the shortest and at the longest that the dates allow, in weeks."""

    least: float
    most: float

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise BadInput("A treatment cannot have ended before it began.")


@dataclass(frozen=True, slots=True)
class Trial:
    """One treatment tried.

    `key` is the same for two trials of the same medicine: different medicines are counted. `drug_class` is ''
    when not known. `percent_better`: improvement in percent, negative where it got worse. `full_course`: a
    psychotherapy or a series of ECT was completed at an adequate intensity. `bilateral`: of ECT.
    """

    ref: str
    kind: TrialKind
    key: str
    drug_class: str = ""
    is_augmentation: bool = False
    spell: Spell = Spell.UNKNOWN
    weeks: Weeks | None = None
    dose_adequate: bool | None = None
    taken_as_agreed: bool | None = None
    no_response_clear: bool | None = None
    percent_better: float | None = None
    benefit: Benefit = Benefit.UNKNOWN
    full_course: bool | None = None
    bilateral: bool | None = None


def weeks_between(began: PartialDate | None, ended: PartialDate | None, on: date) -> Weeks | None:
    """The weeks from `began` to `ended`, as far as partial dates say; None when either is missing.

    `on` bounds what was not over yet. Raises `BadInput` when the end lies before the beginning.
    """
    if began is None or ended is None:
        return None
    if ended.last < began.first:
        raise BadInput("A treatment cannot have ended before it began.")
    least = max((ended.first - began.last).days, 0)
    most = max((min(ended.last, on) - began.first).days, 0)
    return Weeks(min(least, most) / DAYS_OF_A_WEEK, most / DAYS_OF_A_WEEK)


def percent_better(before: float, after: float) -> float:
    """Improvement in percent of a score where higher is worse. Raises `BadInput` unless `before` is above 0."""
    if before <= 0:
        raise BadInput("The score before must be above 0.")
    return (before - after) / before * 100
