"""What scoring gives back."""

from dataclasses import dataclass
from enum import StrEnum

from openkap.knowledge.schema.instrument import Band, Outcome, Points


class NotAnswered(StrEnum):
    """Why an item has no value. All count as missing; each is stored."""

    NA = "NA"  # not applicable
    SKIP = "SKIP"  # left out
    REFUSED = "REFUSED"


Answer = int | NotAnswered


@dataclass(frozen=True, slots=True)
class SubscaleScore:
    """One subscale's score; none with the reason."""

    id: str
    total: Points | None
    reason: str | None
    band: Band | None


@dataclass(frozen=True, slots=True)
class SafetyFlag:
    """An answer on a safety item. `answer` above zero is `raised`; one not given is `unanswered`."""

    item: str
    answer: Answer

    @property
    def raised(self) -> bool:
        """Whether the person answered more than nothing."""
        return not isinstance(self.answer, NotAnswered) and self.answer > 0


@dataclass(frozen=True, slots=True)
class Score:
    """The result of one filled instrument. `total` is none when it may not be computed; `reason` says why.

    `prorated`: estimated from the answered items. `n_missing`: scored items that were asked and have no answer.
    `outcome`: what the form says beside its score; none without one, or when it cannot be told (`undecided`).
    """

    instrument_id: str
    instrument_version: int
    total: Points | None
    reason: str | None
    band: Band | None
    subscales: tuple[SubscaleScore, ...]
    flags: tuple[SafetyFlag, ...]
    n_missing: int
    prorated: bool
    outcome: Outcome | None = None
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """One named judgement on a change: yes, no, or not established with the reason; by which record."""

    met: bool | None
    reason: str | None = None
    criterion_id: str | None = None
    criterion_version: int | None = None
    verification: str | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happened between two totals of one instrument. `points` is follow-up minus baseline.

    `percent_improvement` is none when there was nothing to improve. `reliable` is met for a reliable change in
    either direction; `improved` and `deteriorated` say which.
    """

    instrument_id: str
    instrument_version: int
    baseline: Points
    followup: Points
    points: Points
    percent_improvement: float | None
    eligible: Judgement  # at caseness at baseline
    response: Judgement
    remission: Judgement
    reliable: Judgement
    improved: Judgement
    deteriorated: Judgement
