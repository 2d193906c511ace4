"""Scores of instruments as facts: what was entered here counts as an imported value does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from openkap.core.assessment.differential import Replies
from openkap.core.assessment.facts import Fact, FactKind, FactStatus
from openkap.core.assessment.history import TreatmentHistory
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.concept_map import PositiveScore
from openkap.knowledge.schema.instrument import Points
from openkap.units import Quantity

SCORE_UNIT = "{score}"  # UCUM's word for points


@dataclass(frozen=True, slots=True)
class Score:
    """One total of one instrument on a local day; `total` is None where answers are missing."""

    instrument: str
    on: date
    total: Points | None
    ref: str


def instruments_in_rules(knowledge: KnowledgeSet) -> frozenset[str]:
    """The instruments whose scores are facts for rules or screens."""
    totals = {total for known in knowledge.concept_maps.values() for total in known.totals_of}
    positive = {one.instrument for known in knowledge.concept_maps.values() for one in known.positive_by}
    screens = {one.total_from.instrument for one in knowledge.screens.values() if one.total_from}
    return frozenset(totals | positive | screens)


def score_facts(scores: Iterable[Score], knowledge: KnowledgeSet, sex: str) -> Iterator[Fact]:
    """Scores as facts of the concepts they measure; `sex` is the administrative one.

    Of one day the last one counts. As a value every day's counts by its age; of a positive screen each
    instrument's newest. A score that could not be worked out is not known.
    """
    newest = _by_instrument(scores)
    for concept in knowledge.concept_maps.values():
        for instrument in concept.totals_of:
            for score in newest.get(instrument, ()):
                yield _value(concept.id, score, knowledge)
        for positive in concept.positive_by:
            if mine := newest.get(positive.instrument):
                yield from _screened(concept.id, positive, mine[-1], knowledge, sex)


def with_scores(
    history: TreatmentHistory, scores: Iterable[Score], knowledge: KnowledgeSet
) -> TreatmentHistory:
    """The history with a total entered since as the answer of the screen that asks for the result of a form.

    The form's other questions are open then: they were answered, if at all, for an older form.
    """
    newest, replies = _by_instrument(scores), {one.screen: one for one in history.replies}
    for screen in knowledge.screens.values():
        taken = newest.get(screen.total_from.instrument) if screen.total_from else None
        said = replies.get(screen.id)
        if screen.total_from and taken and (said is None or said.asked_on < taken[-1].on):
            total = taken[-1].total
            given = {} if total is None else {screen.total_from.question: int(total)}
            replies[screen.id] = Replies(screen.id, given, taken[-1].on)
    return replace(history, replies=tuple(replies.values()))


def _by_instrument(scores: Iterable[Score]) -> Mapping[str, Sequence[Score]]:
    """The last score of each day, oldest first; the order of one day's is the one they come in."""
    found: dict[str, list[Score]] = {}
    for (instrument, _day), same in groupby(
        sorted(scores, key=lambda one: (one.instrument, one.on)), key=lambda one: (one.instrument, one.on)
    ):
        found.setdefault(instrument, []).append(list(same)[-1])
    return found


def _value(concept: str, score: Score, knowledge: KnowledgeSet) -> Fact:
    value = None if score.total is None else Quantity.of(score.total, SCORE_UNIT)
    status = FactStatus.UNKNOWN if value is None else FactStatus.ACTIVE
    return replace(_fact(concept, score, status, knowledge), value=value)


def _screened(
    concept: str, positive: PositiveScore, score: Score, knowledge: KnowledgeSet, sex: str
) -> Iterator[Fact]:
    """Whose sex is not known is measured by either cut-off."""
    if positive.sexes and sex in {"female", "male"} and sex not in positive.sexes:
        return
    status = FactStatus.UNKNOWN
    if score.total is not None:
        status = FactStatus.ACTIVE if score.total >= positive.at_least else FactStatus.ABSENT
    yield _fact(concept, score, status, knowledge)


def _fact(concept: str, score: Score, status: FactStatus, knowledge: KnowledgeSet) -> Fact:
    instrument = knowledge.instruments.get(score.instrument)
    return Fact(
        FactKind.OBSERVATION,
        text=instrument.abbreviation if instrument else score.instrument,
        status=status,
        recorded=score.on,
        source_ref=score.ref,
        concept=concept,
    )
