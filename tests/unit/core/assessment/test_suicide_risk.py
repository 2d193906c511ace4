"""From a clinician's result and from answers to a level, as published and as agreed."""

from datetime import date

import pytest

from openkap import knowledge
from openkap.core.assessment.suicide_risk import (
    AnswerCourse,
    Attention,
    Choice,
    Columbia,
    Hold,
    Level,
    Raise,
    Screened,
    answer_course,
    attention_for,
    hold_on_dosing,
    is_certain,
    level_of,
    raise_of,
)
from openkap.knowledge.schema.risk_pathway import Opens, Signs, Steps, Triage

RECORDS = knowledge.load(date(2026, 11, 21)).risk_pathways
TRIAGE = next(one.content for one in RECORDS.values() if isinstance(one.content, Triage))
SIGNS = next(one.content for one in RECORDS.values() if isinstance(one.content, Signs))


@pytest.mark.parametrize(
    ("ideation", "recent", "ever", "level", "certain"),
    [
        (0, False, False, "none", True),
        (1, False, False, "low", True),
        (2, False, False, "low", True),
        (3, False, False, "moderate", True),
        (4, False, False, "high", True),
        (5, False, False, "high", True),
        (0, True, True, "high", True),
        (0, False, True, "moderate", True),
        (2, False, True, "moderate", True),
        (0, True, None, "high", True),
        (None, None, None, "not-assessed", False),
        (0, None, False, "none", True),  # what never was is not recent
        (0, None, None, "not-assessed", False),
        (0, False, None, "not-assessed", False),
        (None, False, False, "not-assessed", False),
        (2, None, None, "low", False),
        (3, None, True, "moderate", False),
        (3, False, None, "moderate", True),
        (5, None, None, "high", True),
        (None, True, True, "high", True),
        (None, False, True, "moderate", False),
    ],
)
def test_a_result_is_graded_as_published(
    ideation: int | None, recent: bool | None, ever: bool | None, level: str, certain: bool
) -> None:
    result = Columbia(ideation, recent, ever)
    assert (level_of(result, TRIAGE), is_certain(result, TRIAGE)) == (level, certain)


@pytest.mark.parametrize(
    ("ideation", "recent", "ever"), [(6, False, False), (-1, False, False), (1, True, False)]
)
def test_what_the_scale_does_not_know_is_no_result(ideation: int, recent: bool, ever: bool) -> None:
    with pytest.raises(ValueError, match=r"ideation|behaviour"):
        Columbia(ideation, recent, ever)


@pytest.mark.parametrize(
    ("said", "level", "opens"),
    [
        (Screened("asq", "acute-positive"), "high", Opens.ACUTE),
        (Screened("asq", "non-acute-positive"), "low", Opens.NOT_ACUTE),
        (Screened("asq", "non-acute-positive", None, {"4": 1}), "moderate", Opens.NOT_ACUTE),
        (Screened("asq", "", None, {"1": 1}), "low", Opens.NOT_ACUTE),  # the rest is open
        (Screened("asq", "", None, {"5": 1}), "high", Opens.ACUTE),
        (Screened("asq", "negative", None, {"1": 0}), "none", None),
        (Screened("asq", ""), "not-assessed", None),
        (Screened("phq-9", "", 3, {"9": 1}), "low", None),
        (Screened("phq-9", "", 20, {"9": 0}), "not-assessed", None),
        (Screened("phq-9", "", 20, {"9": None}), "not-assessed", None),
        (Screened("sidas", "", 0), "not-assessed", None),
        (Screened("sidas", "", 1), "low", None),
        (Screened("sidas", "", 20), "low", None),
        (Screened("sidas", "", 21), "high", None),
        (Screened("gad-7", "", 21), "not-assessed", None),
    ],
)
def test_answers_raise(said: Screened, level: str, opens: Opens | None) -> None:
    assert raise_of(said, SIGNS) == Raise(Level(level), opens)


@pytest.mark.parametrize(
    ("answer", "before", "course"),
    [
        (0, 2, "none"), (1, None, "new"), (1, 0, "new"), (2, 1, "risen"), (2, 2, "unchanged"),
        (1, 2, "unchanged"), (None, 1, "not-known"), (None, None, "not-known"),
    ],
)  # fmt: skip
def test_an_answer_is_compared_with_the_last_known_one(
    answer: int | None, before: int | None, course: str
) -> None:
    assert answer_course(answer, before) == course


CALM = Raise(Level.NOT_ASSESSED)


@pytest.mark.parametrize(
    ("courses", "raised", "rose", "attention"),
    [
        ((), CALM, False, Attention.NOTHING),
        ((AnswerCourse.NONE,), CALM, False, Attention.NOTHING),
        ((AnswerCourse.UNCHANGED,), Raise(Level.LOW), False, Attention.SAME_DAY),
        ((AnswerCourse.NOT_KNOWN,), CALM, False, Attention.SAME_DAY),
        ((AnswerCourse.UNCHANGED, AnswerCourse.NEW), Raise(Level.LOW), False, Attention.NOW),
        ((AnswerCourse.UNCHANGED,), Raise(Level.HIGH, Opens.ACUTE), False, Attention.NOW),
        ((AnswerCourse.NOT_KNOWN,), Raise(Level.LOW), True, Attention.NOW),
        ((), Raise(Level.LOW), False, Attention.SAME_DAY),
    ],
)
def test_new_risen_and_acute_interrupt(
    courses: tuple[AnswerCourse, ...], raised: Raise, rose: bool, attention: Attention
) -> None:
    assert attention_for(courses, raised, rose=rose) is attention


@pytest.mark.parametrize(
    ("level", "asked", "choice", "hold"),
    [
        ("high", True, None, Hold.DECISION_OPEN),
        ("low", True, None, Hold.DECISION_OPEN),
        ("high", False, None, Hold.HIGH_RISK),
        ("high", True, Choice.NONE, Hold.HIGH_RISK),
        ("high", True, Choice.EMERGENCY, Hold.HIGH_RISK),
        ("high", True, Choice.HIGHER_CARE, None),
        ("moderate", True, Choice.NONE, Hold.DECIDED_AGAINST),
        ("low", True, Choice.EMERGENCY, Hold.DECIDED_AGAINST),
        ("low", True, Choice.HIGHER_CARE, None),
        ("moderate", False, None, None),
        ("not-assessed", False, None, None),
    ],
)
def test_high_risk_and_an_open_decision_hold_dosing(
    level: str, asked: bool, choice: Choice | None, hold: Hold | None
) -> None:
    assert hold_on_dosing(Level(level), asked=asked, choice=choice) == hold
    since = hold_on_dosing(Level(level), asked=asked, choice=choice, found_since=True)
    assert since == (None if hold is Hold.DECIDED_AGAINST else hold)


def test_every_level_and_both_kinds_of_positive_screen_have_their_steps() -> None:
    steps = [record.content for record in RECORDS.values() if isinstance(record.content, Steps)]
    assert {one.opens_on for one in steps} == set(Opens)
    for one in steps:
        assert (one.decision_within_minutes is not None) == (one.opens_on in {Opens.HIGH, Opens.ACUTE})
        assert all(step.words.es for step in one.steps)
        assert len({step.id for step in one.steps}) == len(one.steps)
