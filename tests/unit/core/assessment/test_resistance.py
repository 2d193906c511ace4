"""Which trials failed by which definition, and what that comes to. Not known is neither failure nor pass."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from openkap import knowledge
from openkap.core.assessment.resistance import (
    HistoryVerdict,
    Need,
    Outcome,
    Resistance,
    judge_history,
    judge_trial,
    programme_definitions,
    strictest,
)
from openkap.core.assessment.trials import (
    Benefit,
    Spell,
    Trial,
    TrialKind,
    Weeks,
    percent_better,
    weeks_between,
)
from openkap.errors import BadInput
from openkap.knowledge import SignOff
from openkap.knowledge.schema.adequacy import ExampleTrial, FailureDefinition
from openkap.units.partial_dates import PartialDate

TODAY = date(2026, 11, 21)
KNOWN = knowledge.load(TODAY)
DELPHI, CANADA = KNOWN.adequacy["failure-delphi-2022"], KNOWN.adequacy["failure-canada-2021"]
SAID = {"yes": True, "no": False, "unknown": None}


def a_trial(ref: str = "1", **said: Any) -> Trial:
    """An adequate trial of ten weeks in the present spell that helped by 10 percent."""
    usual: dict[str, Any] = {
        "kind": TrialKind.DRUG, "key": f"medicine-{ref}", "drug_class": "ssri", "spell": Spell.PRESENT,
        "weeks": Weeks(10, 10), "dose_adequate": True, "taken_as_agreed": True, "percent_better": 10.0,
    }  # fmt: skip
    return Trial(ref, **usual | said)


def of_example(example: ExampleTrial) -> Trial:
    course = example.kind == "psychotherapy"
    return Trial(
        "1",
        TrialKind(example.kind),
        "one",
        is_augmentation=example.augmentation,
        spell=Spell(example.spell),
        weeks=None if example.weeks is None else Weeks(example.weeks, example.weeks),
        dose_adequate=SAID[example.dose_adequate],
        taken_as_agreed=SAID[example.taken_as_agreed],
        no_response_clear=SAID[example.no_response_clear],
        percent_better=example.percent_better,
        full_course=True if course else None,
    )


EXAMPLES = [
    pytest.param(definition, example, id=f"{definition.id}: {example.name}")
    for definition in KNOWN.adequacy.values()
    for example in definition.examples
]


@pytest.mark.parametrize(("definition", "example"), EXAMPLES)
def test_a_definition_does_what_its_examples_say(definition: FailureDefinition, example: ExampleTrial) -> None:
    verdict = judge_trial(of_example(example), definition)
    assert verdict.outcome.value == example.expect
    assert bool(verdict.needs) == (verdict.outcome is Outcome.UNDECIDED)


@pytest.mark.parametrize(
    ("said", "need"),
    [
        ({"percent_better": None}, Need.PERCENT),
        ({"weeks": None}, Need.WEEKS),
        ({"weeks": Weeks(2, 8)}, Need.WEEKS),  # the dates leave it open
        ({"weeks": Weeks(3, 3)}, Need.CLEAR),
        ({"dose_adequate": None}, Need.DOSE),
        ({"taken_as_agreed": None}, Need.TAKEN),
        ({"spell": Spell.UNKNOWN}, Need.SPELL),
    ],
)
def test_what_is_not_known_is_asked_for(said: dict[str, Any], need: Need) -> None:
    verdict = judge_trial(a_trial(**said), DELPHI)
    assert (verdict.outcome, verdict.needs) == (Outcome.UNDECIDED, (need,))


def test_several_gaps_are_all_named() -> None:
    verdict = judge_trial(a_trial(percent_better=None, weeks=None, dose_adequate=None), DELPHI)
    assert verdict.needs == (Need.PERCENT, Need.WEEKS, Need.DOSE)


def test_what_settles_it_leaves_nothing_to_ask() -> None:
    verdict = judge_trial(a_trial(percent_better=60.0, dose_adequate=None, weeks=None), DELPHI)
    assert (verdict.outcome, verdict.needs) == (Outcome.RESPONDED, ())
    assert (
        judge_trial(a_trial(percent_better=None, dose_adequate=False), DELPHI).outcome is Outcome.DOSE_TOO_LOW
    )


def test_the_same_trial_can_fail_by_one_and_not_by_the_other() -> None:
    venlafaxine = a_trial(percent_better=38.0, weeks=Weeks(8, 8))
    assert judge_trial(venlafaxine, DELPHI).outcome is Outcome.PARTIAL
    assert judge_trial(venlafaxine, CANADA).outcome is Outcome.FAILED
    short = a_trial(weeks=Weeks(5, 5))
    assert judge_trial(short, DELPHI).outcome is Outcome.FAILED
    assert judge_trial(short, CANADA).outcome is Outcome.TOO_SHORT


@pytest.mark.parametrize("complete", [True, False])
def test_two_different_medicines_that_failed_are_resistance_whatever_else_is_missing(complete: bool) -> None:
    trials = [a_trial("1"), a_trial("2"), a_trial("3", percent_better=None)]
    verdict = judge_history(trials, DELPHI, complete=complete)
    assert (verdict.resistance, verdict.failed, len(verdict.possibly)) == (
        Resistance.SHOWN, ("medicine-1", "medicine-2"), 3,
    )  # fmt: skip
    assert verdict.needs == ()


def test_the_same_medicine_twice_is_one_failure() -> None:
    verdict = judge_history([a_trial("1", key="x"), a_trial("2", key="x")], DELPHI, complete=True)
    assert (verdict.failed, verdict.resistance) == (("x",), Resistance.NOT_SHOWN)


def test_too_few_is_only_said_of_a_complete_history() -> None:
    one = judge_history([a_trial()], DELPHI, complete=False)
    assert (one.resistance, one.needs) == (Resistance.UNDECIDED, (Need.COMPLETE,))
    assert judge_history([a_trial()], DELPHI, complete=True).resistance is Resistance.NOT_SHOWN
    assert judge_history([], DELPHI, complete=False).resistance is Resistance.UNDECIDED
    assert judge_history([], DELPHI, complete=True).resistance is Resistance.NOT_SHOWN


def test_an_undecided_trial_that_could_tip_it_keeps_it_open() -> None:
    trials = [a_trial("1"), a_trial("2", taken_as_agreed=None)]
    verdict = judge_history(trials, DELPHI, complete=True)
    assert (verdict.resistance, verdict.needs) == (Resistance.UNDECIDED, (Need.TAKEN,))


def test_a_definition_without_a_number_says_nothing_of_resistance() -> None:
    assert judge_history([a_trial()], KNOWN.adequacy["failure-maudsley"], complete=True).resistance is None


def test_psychotherapy_counts_where_the_definition_says_so() -> None:
    four = KNOWN.adequacy["failure-veterans-affairs"]
    talk = Trial(
        "t", TrialKind.PSYCHOTHERAPY, "cbt", spell=Spell.EARLIER, full_course=True, benefit=Benefit.NONE
    )
    assert judge_trial(talk, four).outcome is Outcome.FAILED
    assert judge_trial(replace(talk, benefit=Benefit.GOOD), four).outcome is Outcome.RESPONDED
    assert judge_trial(replace(talk, benefit=Benefit.PARTIAL), four).needs == (Need.PERCENT,)
    assert judge_trial(replace(talk, full_course=None), four).needs == (Need.COURSE,)
    assert judge_trial(replace(talk, full_course=False), four).outcome is Outcome.TOO_SHORT
    trials = [a_trial("1"), a_trial("2"), a_trial("3"), talk]
    assert judge_history(trials, four, complete=True).resistance is Resistance.SHOWN
    assert judge_history(trials[1:], four, complete=True).resistance is Resistance.NOT_SHOWN


def chosen(*decisions: tuple[str, bool]) -> list[str]:
    signed = [SignOff(record, 1, adopted=adopted, decided_on=TODAY) for record, adopted in decisions]
    return [one.id for one in programme_definitions(knowledge.load(TODAY, signed))]


def test_the_programmes_definition_is_the_default_until_the_site_chooses() -> None:
    delphi, canada = DELPHI.id, CANADA.id
    assert chosen() == [delphi]
    assert chosen((canada, True)) == [canada]
    assert chosen((canada, True), (delphi, True)) == [canada, delphi]
    assert chosen((delphi, False)) == []
    assert chosen((canada, False)) == [delphi]


def verdict(resistance: Resistance) -> HistoryVerdict:
    return HistoryVerdict(DELPHI, (), (), (), resistance)


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (Resistance.SHOWN, Resistance.SHOWN, Resistance.SHOWN),
        (Resistance.SHOWN, Resistance.NOT_SHOWN, Resistance.NOT_SHOWN),
        (Resistance.SHOWN, Resistance.UNDECIDED, Resistance.UNDECIDED),
        (Resistance.NOT_SHOWN, Resistance.UNDECIDED, Resistance.NOT_SHOWN),
    ],
)
def test_of_two_definitions_the_strictest_counts(
    first: Resistance, second: Resistance, together: Resistance
) -> None:
    assert strictest([verdict(first), verdict(second)]) is together
    assert strictest([verdict(second), verdict(first)]) is together


@pytest.mark.parametrize(
    ("began", "ended", "least", "most"),
    [
        ("2024-03-01", "2024-04-12", 6, 6),
        ("2024-03", "2024-05", 31 / 7, 91 / 7),
        ("2024", "2024", 0, 365 / 7),
        ("2026-11-01", "2026", 0, 20 / 7),  # not over yet: until today at most
    ],
)
def test_weeks_follow_from_dates_as_far_as_they_say(began: str, ended: str, least: float, most: float) -> None:
    weeks = weeks_between(PartialDate.parse(began), PartialDate.parse(ended), TODAY)
    assert weeks is not None
    assert (weeks.least, weeks.most) == pytest.approx((least, most))


def test_no_end_is_no_duration_and_an_end_before_the_beginning_is_refused() -> None:
    day = PartialDate.parse("2024-03-01")
    assert weeks_between(day, None, TODAY) is None
    assert weeks_between(None, day, TODAY) is None
    with pytest.raises(BadInput):
        weeks_between(day, PartialDate.parse("2024-02"), TODAY)
    with pytest.raises(BadInput):
        Weeks(3, 2)


def test_improvement_follows_from_two_scores() -> None:
    assert percent_better(40, 30) == 25
    assert percent_better(20, 25) == -25
    with pytest.raises(BadInput):
        percent_better(0, 5)
