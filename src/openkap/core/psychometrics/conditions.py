"""Which items are asked, and what a form says beside its score. Unknown answers leave a condition open."""

from collections.abc import Mapping

from openkap.core.psychometrics.results import Answer, NotAnswered
from openkap.knowledge.schema.instrument import AtLeast, Instrument, Outcome, Points, ScoreFrom


def asked_items(instrument: Instrument, given: Mapping[str, Answer]) -> dict[str, bool | None]:
    """Whether each item is put to the person, from the answers before it; none while that is open.

    `given` may hold some of the answers only: a form being filled in.
    """
    asked: dict[str, bool | None] = {}
    known, closed = dict(given), set[str]()
    for item in instrument.items:
        state = True if item.asked_when is None else _reached(item.asked_when, known, closed)
        if state is False:
            closed.add(item.id)
            known.pop(item.id, None)
        asked[item.id] = state
    return asked


def outcome_of(
    instrument: Instrument, given: Mapping[str, Answer], scores: Mapping[str, Points | None]
) -> tuple[Outcome | None, bool]:
    """The first outcome whose conditions hold; and whether one could not be told for want of an answer."""
    if instrument.outcomes is None:
        return None, False
    closed = {item for item, state in asked_items(instrument, given).items() if state is False}
    known = {item: answer for item, answer in given.items() if item not in closed}
    for outcome in instrument.outcomes.of:
        states = [
            _lies(condition, scores) if isinstance(condition, ScoreFrom) else _reached(condition, known, closed)
            for condition in outcome.all_of
        ]
        if all(states):
            return outcome, False
        if False not in states:
            return None, True
    return None, False


def _reached(condition: AtLeast, given: Mapping[str, Answer], closed: set[str]) -> bool | None:
    """Yes, no, or open: what is not answered could still decide it. Items in `closed` were not asked."""
    reached = unknown = 0
    for item, value in condition.of.items():
        answer = given.get(item)
        if isinstance(answer, int):
            reached += answer >= value
        elif answer is NotAnswered.REFUSED and condition.or_refused:
            reached += 1
        elif item not in closed:
            unknown += 1
    if reached >= condition.count:
        return True
    return None if reached + unknown >= condition.count else False


def _lies(condition: ScoreFrom, scores: Mapping[str, Points | None]) -> bool | None:
    points = scores.get(condition.score)
    if points is None:
        return None
    above = condition.at_least is None or points >= condition.at_least
    return above and (condition.below is None or points < condition.below)
