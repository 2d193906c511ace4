"""What holds of suicide risk whatever was answered and found."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from openkap import knowledge
from openkap.core.assessment.suicide_risk import (
    Choice,
    Columbia,
    Evidence,
    Hold,
    Level,
    course_of_risk,
    hold_on_dosing,
    is_certain,
    level_now,
    level_of,
)
from openkap.knowledge.schema.risk_pathway import Triage

RECORDS = knowledge.load(date(2026, 11, 21)).risk_pathways.values()
TRIAGE = next(one.content for one in RECORDS if isinstance(one.content, Triage))
START = datetime(2026, 9, 1, 16, 0, tzinfo=UTC)
maybe = st.sampled_from([True, False, None])
levels = st.sampled_from(Level)
moments = st.integers(0, 6).map(lambda hours: START + timedelta(hours=hours))


@st.composite
def results(draw: st.DrawFn) -> Columbia:
    ever = draw(maybe)
    recent = draw(maybe if ever is not False else st.sampled_from([False, None]))
    return Columbia(draw(st.none() | st.integers(0, 5)), recent, ever)


screens = st.builds(Evidence, moments, levels, by_clinician=st.just(False), ref=st.text("ab", max_size=2))
found = st.builds(Evidence, moments, levels, by_clinician=st.just(True), certain=st.booleans())
histories = st.lists(screens | found, max_size=8)


def worse(result: Columbia) -> list[Columbia]:
    """The result with one thing worse than it was found."""
    more = []
    if result.ideation is not None and result.ideation < 5:
        more.append(Columbia(result.ideation + 1, result.behaviour_recent, result.behaviour_ever))
    more.append(Columbia(result.ideation, True, True))
    if result.behaviour_recent is not True:
        more.append(Columbia(result.ideation, result.behaviour_recent, True))
    return more


@given(results())
def test_a_worse_finding_is_never_a_lower_level(result: Columbia) -> None:
    for other in worse(result):
        assert level_of(other, TRIAGE).rank >= level_of(result, TRIAGE).rank


@given(results())
def test_what_is_not_known_is_never_none(result: Columbia) -> None:
    if level_of(result, TRIAGE) is Level.NONE:
        assert result.ideation == 0
        assert not result.behaviour_recent
        assert result.behaviour_ever is False


@given(results(), results())
def test_a_certain_level_is_that_of_every_way_the_rest_may_turn_out(result: Columbia, other: Columbia) -> None:
    ever = other.behaviour_ever if result.behaviour_ever is None else result.behaviour_ever
    recent = other.behaviour_recent if result.behaviour_recent is None else result.behaviour_recent
    ideation = other.ideation if result.ideation is None else result.ideation
    if recent and ever is False:
        return  # no such person
    if is_certain(result, TRIAGE) and None not in (ideation, recent, ever):
        assert level_of(Columbia(ideation, recent, ever), TRIAGE) is level_of(result, TRIAGE)


@settings(max_examples=200)
@given(histories)
def test_only_a_clinicians_certain_result_lowers(history: list[Evidence]) -> None:
    for point in course_of_risk(history):
        if point.level.rank < point.before.rank:
            assert point.evidence.by_clinician
            assert point.evidence.certain


@given(histories, screens)
def test_one_more_screen_never_lowers(history: list[Evidence], screen: Evidence) -> None:
    assert level_now([*history, screen]).rank >= level_now(history).rank


@given(histories, st.randoms(use_true_random=False))
def test_the_order_in_which_things_were_entered_does_not_matter(
    history: list[Evidence], random: object
) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    certain = {(one.at, one.level) for one in history if one.certain}
    if len({at for at, _level in certain}) == len(certain):  # two results of one minute may contradict
        assert level_now(shuffled) is level_now(history)


@given(histories)
def test_someone_nobody_has_assessed_is_not_without_risk(history: list[Evidence]) -> None:
    if not any(one.level is not Level.NOT_ASSESSED for one in history):
        assert level_now(history) is Level.NOT_ASSESSED


@given(levels, st.booleans(), st.none() | st.sampled_from(Choice))
def test_high_risk_is_dosed_only_where_it_was_decided_so(
    level: Level, asked: bool, choice: Choice | None
) -> None:
    hold = hold_on_dosing(level, asked=asked, choice=choice)
    if level is Level.HIGH and choice is not Choice.HIGHER_CARE:
        assert hold is not None
    if asked and choice is None:
        assert hold is Hold.DECISION_OPEN
