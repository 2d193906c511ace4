"""What a change between two scores means: response, remission, reliable change (DEFINITIONS: Measures)."""

from collections.abc import Iterable
from math import sqrt
from typing import Final

from openkap.core.psychometrics.results import Change, Judgement
from openkap.core.psychometrics.scoring import score_total
from openkap.knowledge.schema.criterion import Criterion, CriterionKind
from openkap.knowledge.schema.instrument import Instrument, Points

NOT_ESTABLISHED: Final = "not established: no figure with a source has been adopted"
_Z_95: Final = 1.96  # DEFINITIONS: reliable change is beyond 1.96 standard errors of the difference


def change(instrument: Instrument, baseline: Points, followup: Points, criteria: Iterable[Criterion]) -> Change:
    """Judge a change between two totals of one instrument in one version.

    `criteria` are those that may act (`KnowledgeSet.criteria_for`); what has none is not established.
    Raises `BadInput` when a total is out of range.
    """
    for total in (baseline, followup):
        score_total(instrument, total)
    by_kind = acting_criteria(instrument, criteria)
    points = followup - baseline
    gain = -points if instrument.higher_is_worse else points
    percent = 100 * gain / baseline if baseline else None
    eligible = _caseness(instrument, baseline, by_kind.get(CriterionKind.CASENESS))
    reliable = _reliable(gain, by_kind.get(CriterionKind.RELIABLE_CHANGE))
    return Change(
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        baseline=baseline,
        followup=followup,
        points=points,
        percent_improvement=percent,
        eligible=eligible,
        response=_response(percent, eligible, by_kind.get(CriterionKind.RESPONSE)),
        remission=_remission(instrument, followup, by_kind.get(CriterionKind.REMISSION)),
        reliable=reliable,
        improved=_directed(reliable, met=gain > 0),
        deteriorated=_directed(reliable, met=gain < 0),
    )


def acting_criteria(instrument: Instrument, criteria: Iterable[Criterion]) -> dict[CriterionKind, Criterion]:
    """One criterion of each kind, by kind: where several may act, the strictest does."""
    acting: dict[CriterionKind, Criterion] = {}
    for criterion in criteria:
        if criterion.instrument == instrument.id:
            other = acting.get(criterion.kind)
            if other is None or _strictness(instrument, criterion) > _strictness(instrument, other):
                acting[criterion.kind] = criterion
    return acting


def _strictness(instrument: Instrument, criterion: Criterion) -> float:
    """Greater is harder to meet: a larger change, a remission further down, a caseness further up."""
    if criterion.kind is CriterionKind.RELIABLE_CHANGE:
        return reliable_change_points(criterion)
    value = criterion.value or 0
    if criterion.kind is CriterionKind.RESPONSE:
        return value
    towards_illness = value if instrument.higher_is_worse else -value
    return -towards_illness if criterion.kind is CriterionKind.REMISSION else towards_illness


def reliable_change_points(criterion: Criterion) -> float:
    """The smallest change, in points, that is reliable; for a published figure the figure itself.

    From a measurement error: 1.96 x SD x sqrt(2) x sqrt(1 - r), which a change must exceed.
    """
    if criterion.measurement_error is None:
        assert criterion.value is not None  # noqa: S101 - the schema requires one of the two
        return criterion.value
    error = criterion.measurement_error
    return _Z_95 * error.sd * sqrt(2) * sqrt(1 - error.reliability)


def _judgement(criterion: Criterion, met: bool | None, reason: str | None = None) -> Judgement:
    return Judgement(
        met=met,
        reason=reason,
        criterion_id=criterion.id,
        criterion_version=criterion.version,
        verification=criterion.verification.value,
        value=criterion.value,
    )


def _at_or_worse(instrument: Instrument, total: Points, cut: float) -> bool:
    return total >= cut if instrument.higher_is_worse else total <= cut


def _caseness(instrument: Instrument, baseline: Points, criterion: Criterion | None) -> Judgement:
    if criterion is None or criterion.value is None:
        return Judgement(None, NOT_ESTABLISHED)
    return _judgement(criterion, _at_or_worse(instrument, baseline, criterion.value))


def _response(percent: float | None, eligible: Judgement, criterion: Criterion | None) -> Judgement:
    if criterion is None or criterion.value is None:
        return Judgement(None, NOT_ESTABLISHED)
    if eligible.met is None:
        return _judgement(criterion, None, "whether the baseline was at caseness is not established")
    if not eligible.met or percent is None:
        return _judgement(criterion, None, "not eligible: the baseline was below caseness")
    return _judgement(criterion, percent >= criterion.value)


def _remission(instrument: Instrument, followup: Points, criterion: Criterion | None) -> Judgement:
    if criterion is None or criterion.value is None:
        return Judgement(None, NOT_ESTABLISHED)
    cut = criterion.value
    return _judgement(criterion, followup <= cut if instrument.higher_is_worse else followup >= cut)


def _reliable(gain: Points, criterion: Criterion | None) -> Judgement:
    if criterion is None:
        return Judgement(None, NOT_ESTABLISHED)
    points = reliable_change_points(criterion)
    # A published figure counts when reached; one computed from SD and r must be exceeded.
    beyond = abs(gain) > points if criterion.measurement_error else abs(gain) >= points
    return _judgement(criterion, beyond)


def _directed(reliable: Judgement, *, met: bool) -> Judgement:
    if reliable.met is None:
        return reliable
    return Judgement(
        met=reliable.met and met,
        criterion_id=reliable.criterion_id,
        criterion_version=reliable.criterion_version,
        verification=reliable.verification,
        value=reliable.value,
    )
