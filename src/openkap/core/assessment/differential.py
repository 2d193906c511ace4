"""What screens point to, and whether a condition stands on its own. A clinician decides; this proposes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openkap.knowledge.schema.screen import PointsTo, Says, Screen


class Proposal(StrEnum):
    """Whether depression or anxiety stands on its own."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    NOT_DECIDED = "not-decided"


class Why(StrEnum):
    """A reason for a proposal, about one screen."""

    POINTS_TO = "points-to"
    POINTS_AWAY = "points-away"
    OPEN = "open"  # asked, and the answers leave it open
    NOT_ASKED = "not-asked"


@dataclass(frozen=True, slots=True)
class Replies:
    """Answers to one screen, by question: 'yes', 'no', 'unknown', a choice, or a whole number."""

    screen: str
    given: Mapping[str, str | int]
    asked_on: date


@dataclass(frozen=True, slots=True)
class Pointed:
    """One outcome of one screen: pointed to, not, or (None) left open."""

    outcome: PointsTo
    met: bool | None


@dataclass(frozen=True, slots=True)
class ScreenResult:
    """What the answers to a screen point to; `asked_on` is None when it was not asked."""

    screen: Screen
    asked_on: date | None
    pointed: tuple[Pointed, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a proposal is as it is: the screen, and what it says."""

    screen: Screen
    why: Why


@dataclass(frozen=True, slots=True)
class Differential:
    """What the screens together propose, with a reason for each; `conditions` are those pointed to."""

    results: tuple[ScreenResult, ...]
    proposal: Proposal
    reasons: tuple[Reason, ...]
    conditions: tuple[str, ...]


def evaluate_screen(screen: Screen, given: Mapping[str, str | int]) -> tuple[Pointed, ...]:
    """What answers point to, outcome by outcome. An answer not given, or 'unknown', is not known."""
    return tuple(Pointed(outcome, _any_group(outcome, given)) for outcome in screen.outcomes)


def differential(screens: Iterable[Screen], replies: Iterable[Replies]) -> Differential:
    """All screens with their answers. Secondary when a cause is pointed to; primary only when nothing is open.

    A result of a licensed form may be missing; of the screens about the same question one is enough.
    """
    by_screen = {one.screen: one for one in replies}
    results = tuple(
        _result(screen, by_screen.get(screen.id)) for screen in sorted(screens, key=lambda one: one.order)
    )
    reasons = tuple(Reason(result.screen, _why(result)) for result in results if _matters(result))
    conditions = tuple(
        pointed.outcome.condition
        for result in results
        for pointed in result.pointed
        if pointed.met and pointed.outcome.condition
    )
    return Differential(results, _proposal(reasons), reasons, conditions)


def concept_results(results: Iterable[ScreenResult]) -> dict[str, tuple[bool | None, date]]:
    """For each concept that rules know: whether it is so (None: open), and since when that is known.

    Of several screens about one concept a positive one counts, then a negative one.
    """
    found: dict[str, list[tuple[bool | None, date]]] = {}
    for result in results:
        for pointed in result.pointed:
            if pointed.outcome.concept and result.asked_on:
                found.setdefault(pointed.outcome.concept, []).append((pointed.met, result.asked_on))
    return {concept: _together(said) for concept, said in found.items()}


def _together(said: list[tuple[bool | None, date]]) -> tuple[bool | None, date]:
    for wanted in (True, False, None):
        if days := [day for met, day in said if met is wanted]:
            return wanted, max(days)
    raise AssertionError("a concept without a result")


def _any_group(outcome: PointsTo, given: Mapping[str, str | int]) -> bool | None:
    groups = [_all_of(group, given) for group in outcome.any_of]
    if True in groups:
        return True
    return None if None in groups else False


def _all_of(group: Iterable[Says], given: Mapping[str, str | int]) -> bool | None:
    tests = [_says(test, given.get(test.question)) for test in group]
    if False in tests:
        return False
    return None if None in tests else True


def _says(test: Says, answer: str | int | None) -> bool | None:
    if answer is None or answer == "unknown":
        return None
    if test.at_least is not None:
        return isinstance(answer, int) and answer >= test.at_least
    return answer in (test.answer or ())


def _result(screen: Screen, replies: Replies | None) -> ScreenResult:
    if replies is None:
        return ScreenResult(screen, None, ())
    return ScreenResult(screen, replies.asked_on, evaluate_screen(screen, replies.given))


def _matters(result: ScreenResult) -> bool:
    """Screens for the leading condition decide nothing here; a licensed form may be left out."""
    if result.screen.about == "condition":
        return False
    return result.screen.kind == "own-questions" or result.asked_on is not None


def _why(result: ScreenResult) -> Why:
    if result.asked_on is None:
        return Why.NOT_ASKED
    met = [pointed.met for pointed in result.pointed]
    if True in met:
        return Why.POINTS_TO
    return Why.OPEN if None in met else Why.POINTS_AWAY


def _proposal(reasons: Iterable[Reason]) -> Proposal:
    said = [(reason.screen.about, reason.why) for reason in reasons]
    if ("cause", Why.POINTS_TO) in said:
        return Proposal.SECONDARY
    away = {about for about, why in said if why is Why.POINTS_AWAY}
    points_to = any(why is Why.POINTS_TO for _about, why in said)
    return (
        Proposal.PRIMARY if not points_to and {about for about, _why in said} <= away else Proposal.NOT_DECIDED
    )
