"""What screens point to, and whether a condition stands on its own."""

from collections.abc import Mapping
from datetime import date

import pytest
from tests.factories.history import NOTHING_FOUND
from tests.unit.core.assessment.test_resistance import KNOWN, TODAY, a_trial

from openkap.core.assessment.differential import (
    Differential,
    Proposal,
    Replies,
    Why,
    concept_results,
    differential,
    evaluate_screen,
)
from openkap.core.assessment.facts import FactStatus
from openkap.core.assessment.history import TreatmentHistory, history_facts, judge_treatments
from openkap.core.assessment.staging import Illness
from openkap.knowledge.schema.screen import Screen, ScreenExample

Given = Mapping[str, Mapping[str, str | int]]
EXAMPLES = [
    pytest.param(screen, example, id=f"{screen.id}: {example.name}")
    for screen in KNOWN.screens.values()
    for example in screen.examples
]
BIPOLAR: Given = {"bipolar-questions": {"diagnosed": "yes"}}
CAUSE: Given = {
    "cause-questions": {"substance": "yes", "medicine": "no", "illness": "no", "also-without": "no"}
}


@pytest.mark.parametrize(("screen", "example"), EXAMPLES)
def test_a_screen_does_what_its_examples_say(screen: Screen, example: ScreenExample) -> None:
    found = {one.outcome.id: one.met for one in evaluate_screen(screen, example.replies)}
    assert {name: found[name] for name in example.expect} == example.expect


def test_what_a_screen_tells_rules_is_a_concept_we_have() -> None:
    told = {one.concept for screen in KNOWN.screens.values() for one in screen.outcomes if one.concept}
    assert told == {"bipolar-screen-positive", "psychosis-screen-positive", "secondary-cause"}
    assert told <= set(KNOWN.concept_maps)


def test_screens_hold_no_wording_of_a_licensed_form() -> None:
    licensed = [one for one in KNOWN.screens.values() if one.kind == "result-of-licensed-form"]
    assert [one.id for one in licensed] == ["mdq-result"]
    assert len(licensed[0].questions) == 3  # the result, not its thirteen items


def asked(given: Given) -> Differential:
    replies = [Replies(screen, said, TODAY) for screen, said in given.items()]
    return differential(KNOWN.screens.values(), replies)


def test_primary_only_when_everything_was_asked_and_nothing_found() -> None:
    result = asked(NOTHING_FOUND)
    assert result.proposal is Proposal.PRIMARY
    assert {reason.why for reason in result.reasons} == {Why.POINTS_AWAY}
    for left_out in NOTHING_FOUND:
        partly = {name: said for name, said in NOTHING_FOUND.items() if name != left_out}
        result = asked(partly)
        assert result.proposal is Proposal.NOT_DECIDED
        assert [one.screen.id for one in result.reasons if one.why is Why.NOT_ASKED] == [left_out]


@pytest.mark.parametrize(
    ("given", "proposal"),
    [
        (BIPOLAR, Proposal.NOT_DECIDED),
        ({"psychosis-questions": {"voices": "yes"}}, Proposal.NOT_DECIDED),
        (CAUSE, Proposal.SECONDARY),
        ({**CAUSE, **BIPOLAR}, Proposal.SECONDARY),
        ({"bipolar-questions": {"diagnosed": "unknown"}}, Proposal.NOT_DECIDED),
        ({}, Proposal.NOT_DECIDED),
    ],
)
def test_what_is_found_or_open_is_not_primary(given: Given, proposal: Proposal) -> None:
    if given:
        assert asked({**NOTHING_FOUND, **given}).proposal is proposal
    assert asked(given).proposal is proposal


def test_a_licensed_form_may_be_left_out_but_counts_when_it_is_there() -> None:
    positive: Given = {"mdq-result": {"total": 9, "same-period": "yes", "problem": "serious"}}
    assert asked({**NOTHING_FOUND, **positive}).proposal is Proposal.NOT_DECIDED
    negative: Given = {"mdq-result": {"total": 2, "same-period": "no", "problem": "none"}}
    assert asked({**NOTHING_FOUND, **negative}).proposal is Proposal.PRIMARY


def test_of_two_screens_about_one_concept_a_positive_one_counts_then_a_negative_one() -> None:
    yes = {"diagnosed": "yes"}
    open_yet = {"diagnosed": "unknown"}
    no: dict[str, str | int] = {"total": 2, "same-period": "no", "problem": "none"}
    for said, met in ((yes, True), (open_yet, False)):
        given: Given = {"bipolar-questions": said, "mdq-result": no}
        result = asked(given)
        assert concept_results(result.results)["bipolar-screen-positive"] == (met, TODAY)


def test_conditions_are_pointed_to() -> None:
    said = {"low-mood": "yes", "attacks": "yes", "places": "yes", "trauma": "yes"}
    assert asked({"condition-questions": said}).conditions == ("depression", "panic-agoraphobia", "ptsd")


def history(**said: object) -> TreatmentHistory:
    usual: dict[str, object] = {
        "trials": (a_trial("1"), a_trial("2")), "illness": Illness(TODAY, complete=True),
        "changed_on": date(2026, 11, 1),
    }  # fmt: skip
    return TreatmentHistory(**usual | said)  # type: ignore[arg-type]


def statuses(known: TreatmentHistory) -> dict[str, FactStatus]:
    return {fact.concept: fact.status for fact in history_facts(known, KNOWN)}


def test_what_was_never_entered_is_no_fact() -> None:
    assert history_facts(TreatmentHistory((), Illness(TODAY)), KNOWN) == ()


@pytest.mark.parametrize(
    ("trials", "complete", "status"),
    [
        ((a_trial("1"), a_trial("2")), False, FactStatus.ABSENT),
        ((a_trial("1"),), True, FactStatus.ACTIVE),
        ((a_trial("1"),), False, FactStatus.UNKNOWN),
    ],
)
def test_resistance_becomes_a_fact(trials: tuple[object, ...], complete: bool, status: FactStatus) -> None:
    found = statuses(history(trials=trials, illness=Illness(TODAY, complete=complete)))
    assert found["resistance-not-shown"] is status
    assert ("four-trials-not-shown" in found) == complete  # it only informs


def test_a_screen_becomes_a_fact_with_the_day_it_was_asked() -> None:
    day = date(2026, 10, 2)
    replies = (Replies("bipolar-questions", {"diagnosed": "yes"}, day), Replies("cause-questions", {}, day))
    facts = {fact.concept: fact for fact in history_facts(history(replies=replies, changed_on=None), KNOWN)}
    assert facts["bipolar-screen-positive"].status is FactStatus.ACTIVE
    assert facts["bipolar-screen-positive"].recorded == day
    assert facts["secondary-cause"].status is FactStatus.UNKNOWN
    assert set(facts) == {"bipolar-screen-positive", "secondary-cause"}


@pytest.mark.parametrize(
    ("is_secondary", "status"),
    [(True, FactStatus.ACTIVE), (False, FactStatus.ABSENT), (None, FactStatus.UNKNOWN)],
)
def test_a_clinicians_conclusion_stands_over_the_screen(is_secondary: bool | None, status: FactStatus) -> None:
    replies = (Replies("cause-questions", CAUSE["cause-questions"], date(2026, 10, 2)),)
    known = history(replies=replies, is_secondary=is_secondary, concluded_on=TODAY)
    assert statuses(known)["secondary-cause"] is status


def test_the_programmes_definition_comes_first() -> None:
    judged = judge_treatments(history(), KNOWN)
    assert [one.definition.id for one in judged.verdicts] == [
        "failure-delphi-2022", "failure-canada-2021", "failure-veterans-affairs",
    ]  # fmt: skip
    assert judged.own == ("failure-delphi-2022",)
