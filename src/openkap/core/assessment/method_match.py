"""Which way of working suits this person, and why. A hypothesis that explains itself; a person decides.

More of a marker never lowers the score of a method it speaks for. A marker nobody asked about is unknown: it
counts neither for nor against, and is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from openkap.knowledge.schema.method_match import Caution, FromMeasure, Marker, MethodMatch, Reason

HIGHEST = 10.0
AXES = ("cognitive", "somatic", "avoidant")


class Origin(StrEnum):
    """Where a marker's value comes from."""

    INTERVIEW = "interview"  # asked and rated 0 to 10
    MEASURE = "measure"  # hinted at by items of a questionnaire
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rated:
    """One marker with its value, 0 to 10, None where nothing is known."""

    marker: Marker
    value: float | None
    origin: Origin
    hinted: float | None = None  # what questionnaires say, also where it was asked


@dataclass(frozen=True, slots=True)
class Because:
    """One reason with what it rests on."""

    reason: Reason
    rated: Rated

    @property
    def share(self) -> float | None:
        """What it adds before the weights are made to sum to one; None when not known."""
        return None if self.rated.value is None else self.reason.weight * self.rated.value


class Suitability(StrEnum):
    """How a method stands."""

    FITS = "fits"
    MAY_FIT = "may-fit"
    UNKNOWN = "unknown"  # too little of what speaks for it was asked


@dataclass(frozen=True, slots=True)
class Scored:
    """One method: its score 0 to 10 over the markers that are known, and why."""

    method: str
    score: float | None
    suitability: Suitability
    because: tuple[Because, ...]
    cautions: tuple[Caution, ...]

    @property
    def unknown(self) -> tuple[Marker, ...]:
        """The markers nobody has asked about."""
        return tuple(one.rated.marker for one in self.because if one.rated.value is None)


Answers = Mapping[str, Mapping[str, int | None]]  # by instrument, by item


def rate(table: MethodMatch, interview: Mapping[str, int | None], answers: Answers) -> tuple[Rated, ...]:
    """Every marker with its value: the interview's first, else what questionnaires hint at.

    `interview` is by marker, 0 to 10, None for not asked. Raises `ValueError` on a value out of range.
    """
    return tuple(_rate(marker, interview.get(marker.id), answers) for marker in table.markers)


def _rate(marker: Marker, asked: int | None, answers: Answers) -> Rated:
    hinted = _hint(marker, answers)
    if asked is not None:
        if not 0 <= asked <= HIGHEST:
            raise ValueError(f"{marker.id}: {asked} is not from 0 to 10")
        return Rated(marker, float(asked), Origin.INTERVIEW, hinted)
    if hinted is not None:
        return Rated(marker, hinted, Origin.MEASURE, hinted)
    return Rated(marker, None, Origin.UNKNOWN)


def _hint(marker: Marker, answers: Answers) -> float | None:
    """The mean share of the highest answer over all its items, times ten; None when one is missing."""
    shares = [share for hint in marker.hints for share in _shares(hint, answers)]
    known = [share for share in shares if share is not None]
    return HIGHEST * sum(known) / len(known) if known and len(known) == len(shares) else None


def _shares(hint: FromMeasure, answers: Answers) -> list[float | None]:
    given = answers.get(hint.instrument, {})
    values = [given.get(item) for item in hint.items]
    return [None if value is None else value / hint.highest for value in values]


def score(table: MethodMatch, rated: tuple[Rated, ...]) -> tuple[Scored, ...]:
    """Every method: those that can be told first, the best supported on top; then in the table's order.

    Which can be told depends on what was asked alone, never on the answers.
    """
    by_marker = {one.marker.id: one for one in rated}
    scored = []
    for suits in table.methods:
        because = tuple(Because(reason, by_marker[reason.marker]) for reason in suits.reasons)
        value = _mean(because)
        standing = _standing(value, _share_known(because), table)
        scored.append(Scored(suits.method, value, standing, because, suits.cautions))
    return tuple(sorted(scored, key=_place))


def _place(one: Scored) -> tuple[bool, float]:
    return one.suitability is Suitability.UNKNOWN, 0.0 if one.score is None else -one.score


def _share_known(because: tuple[Because, ...]) -> float:
    """How much of the method's weight lies on markers that are known."""
    known = sum(one.reason.weight for one in because if one.rated.value is not None)
    return known / sum(one.reason.weight for one in because)


def _mean(because: tuple[Because, ...]) -> float | None:
    """The weighted mean over the known markers: it rises with each of them."""
    shares = [(one.share, one.reason.weight) for one in because if one.share is not None]
    if not shares:
        return None
    return sum(share for share, _weight in shares) / sum(weight for _share, weight in shares)


def _standing(value: float | None, share_known: float, table: MethodMatch) -> Suitability:
    if value is None or share_known < table.enough_known:
        return Suitability.UNKNOWN
    return Suitability.FITS if value >= table.enough else Suitability.MAY_FIT


def profile(rated: tuple[Rated, ...]) -> dict[str, float | None]:
    """How cognitive, somatic and avoidant the picture is: the mean of each axis, None when nothing is known."""
    found: dict[str, float | None] = {}
    for axis in AXES:
        values = [one.value for one in rated if one.marker.axis == axis and one.value is not None]
        found[axis] = sum(values) / len(values) if values else None
    return found
