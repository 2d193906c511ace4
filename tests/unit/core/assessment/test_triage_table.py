"""Every combination of what a patient may answer and a clinician may find, against the published steps.

The expectations here are written from the pathway and the triage guideline, not from the records.
"""

from datetime import date
from itertools import product
from typing import Final

import pytest

from openkap import knowledge
from openkap.core.assessment.suicide_risk import (
    Choice,
    Columbia,
    Hold,
    Level,
    Screened,
    hold_on_dosing,
    is_certain,
    level_of,
    raise_of,
)
from openkap.core.psychometrics import Answer, NotAnswered, score
from openkap.knowledge.schema.risk_pathway import Opens, Signs, Steps, Triage

KNOWN = knowledge.load(date(2026, 11, 21))
RECORDS = KNOWN.risk_pathways.values()
TRIAGE = next(one.content for one in RECORDS if isinstance(one.content, Triage))
SIGNS = next(one.content for one in RECORDS if isinstance(one.content, Signs))
ASQ = KNOWN.instruments["asq"]
NO, YES, REFUSED = 0, 1, NotAnswered.REFUSED
REPLIES: Final = (NO, YES, REFUSED)
Known = int | None


def asq(first_four: tuple[Answer, ...], now: Answer) -> tuple[Level, Opens | None]:
    """To what a whole ASQ raises."""
    answers = (*first_four, now)
    outcome = score(ASQ, answers).outcome
    given = {
        item.id: answer if isinstance(answer, int) else None
        for item, answer in zip(ASQ.items, answers, strict=True)
    }
    raised = raise_of(Screened("asq", outcome.id if outcome else "", None, given), SIGNS)
    return raised.level, raised.opens


@pytest.mark.parametrize("first_four", [four for four in product(REPLIES, repeat=4) if any(four)])
def test_any_yes_or_refusal_of_the_asq_is_positive_and_question_5_tells_acute(
    first_four: tuple[Answer, ...],
) -> None:
    assert asq(first_four, YES) == (Level.HIGH, Opens.ACUTE)
    assert asq(first_four, REFUSED) == (Level.HIGH, Opens.ACUTE)
    attempted = first_four[3] == YES  # whoever ever tried is moderate at least
    assert asq(first_four, NO) == (Level.MODERATE if attempted else Level.LOW, Opens.NOT_ACUTE)


def test_only_four_times_no_is_negative() -> None:
    assert asq((NO,) * 4, NotAnswered.SKIP) == (Level.NONE, None)


@pytest.mark.parametrize("missing", range(4))
def test_an_asq_with_a_question_left_out_is_never_negative(missing: int) -> None:
    four = [*(NO,) * 4]
    left_out: tuple[Answer, ...] = (*four[:missing], NotAnswered.SKIP, *four[missing + 1 :])
    assert asq(left_out, NotAnswered.SKIP) == (Level.NOT_ASSESSED, None)


def test_thoughts_now_count_even_beside_four_times_no() -> None:
    """A contradiction is read at its worst."""
    given: dict[str, Known] = {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1}
    raised = raise_of(Screened("asq", "negative", None, given), SIGNS)
    assert (raised.level, raised.is_acute) == (Level.HIGH, True)


@pytest.mark.parametrize(
    ("answer", "level"), [(None, "not-assessed"), (0, "not-assessed"), (1, "low"), (2, "low"), (3, "low")]
)
def test_question_9_raises_and_never_clears(answer: Known, level: str) -> None:
    assert raise_of(Screened("phq-9", "", 0, {"9": answer}), SIGNS).level == level


@pytest.mark.parametrize("instrument", ["sidas", "sidas-m"])
@pytest.mark.parametrize("total", [None, *range(51)])
def test_any_total_above_zero_raises_and_21_is_high(instrument: str, total: Known) -> None:
    expected = Level.NOT_ASSESSED if not total else Level.HIGH if total >= 21 else Level.LOW
    assert raise_of(Screened(instrument, "", total), SIGNS).level is expected


def published(ideation: int, recent: bool, ever: bool) -> Level:
    """The triage guideline in its own order."""
    if ideation in {4, 5} or recent:
        return Level.HIGH
    if ideation == 3 or ever:
        return Level.MODERATE
    return Level.LOW if ideation in {1, 2} else Level.NONE


def possible(ideation: Known, recent: bool | None, ever: bool | None) -> set[Level]:
    """The levels of everything that the result could be, once all of it is known."""
    return {
        published(i, r, e)
        for i in (range(6) if ideation is None else [ideation])
        for r in ([True, False] if recent is None else [recent])
        for e in ([True, False] if ever is None else [ever])
        if e or not r  # what was recent was ever
    }


@pytest.mark.parametrize("ideation", [None, *range(6)])
@pytest.mark.parametrize(("recent", "ever"), list(product([None, True, False], repeat=2)))
def test_every_result_of_a_clinician(ideation: Known, recent: bool | None, ever: bool | None) -> None:
    """The level is the least that is certain; it is final only when nothing unknown could make it more."""
    if not (levels := possible(ideation, recent, ever)):
        with pytest.raises(ValueError, match="recent"):
            Columbia(ideation, recent, ever)
        return
    result = Columbia(ideation, recent, ever)
    least, most = (pick(levels, key=lambda one: one.rank) for pick in (min, max))
    assert is_certain(result, TRIAGE) is (least is most)
    graded = level_of(result, TRIAGE)
    assert graded is (Level.NOT_ASSESSED if least is Level.NONE and least is not most else least)


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("choice", [None, *Choice])
@pytest.mark.parametrize("found_since", [True, False])
def test_what_stands_between_a_dose_and_the_patient(
    level: Level, choice: Choice | None, found_since: bool
) -> None:
    for asked in (True, False):
        hold = hold_on_dosing(level, asked=asked, choice=choice, found_since=found_since)
        if asked and choice is None:
            assert hold is Hold.DECISION_OPEN
        elif level is Level.HIGH:
            assert (hold is None) is (choice is Choice.HIGHER_CARE)
        else:
            against = choice in {Choice.NONE, Choice.EMERGENCY} and not found_since
            assert hold is (Hold.DECIDED_AGAINST if against else None)


def test_each_kind_of_risk_brings_what_its_source_asks_for() -> None:
    """Who does it and within how many minutes is a convention; that it is done, and in this order, is not."""
    content = {one.content.opens_on: one.content for one in RECORDS if isinstance(one.content, Steps)}
    steps = {opens: [step.id for step in said.steps] for opens, said in content.items()}
    assert steps[Opens.ACUTE] == ["stay", "means", "evaluate", "plan", "contact"]
    assert steps[Opens.HIGH] == ["stay", "evaluate", "plan", "contact"]
    assert steps[Opens.NOT_ACUTE] == ["brief-assessment", "plan", "contact"]
    assert steps[Opens.MODERATE] == ["evaluate", "plan", "contact"]
    assert steps[Opens.LOW] == ["refer", "plan"]
    decides = {opens for opens, said in content.items() if said.decision_within_minutes}
    assert decides == {Opens.ACUTE, Opens.HIGH}
    for said in content.values():
        for step in said.steps:
            assert step.escalate_to, step.id
            assert step.escalate_to != step.role, step.id


@pytest.mark.parametrize("rule", ["cssrs-high", "cssrs-moderate", "cssrs-low", "asq-not-acute-assessment"])
def test_the_rules_claim_no_more_of_these_sources_than_the_pathway_does(rule: str) -> None:
    """Both were read in restatements; what is restated is not read in its source."""
    assert KNOWN.rules[rule].verification == "secondary"
    assert KNOWN.risk_pathways["risk-triage"].verification == "secondary"
