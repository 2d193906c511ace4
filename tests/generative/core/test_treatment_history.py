"""Properties of judging a history of treatment, whatever was tried."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from openkap import knowledge
from openkap.core.assessment.facts import FactStatus
from openkap.core.assessment.history import TreatmentHistory, history_facts, judge_treatments
from openkap.core.assessment.resistance import Outcome, Resistance, judge_history, judge_trial
from openkap.core.assessment.staging import Illness
from openkap.core.assessment.trials import Benefit, Spell, Trial, TrialKind, Weeks
from openkap.units.partial_dates import PartialDate

TODAY = date(2026, 11, 21)
KNOWN = knowledge.load(TODAY)
DEFINITIONS = sorted(KNOWN.adequacy.values(), key=lambda one: one.id)
CLASSES = ("", "ssri", "snri", "tca", "maoi", "ndri")
MAYBE = st.sampled_from([True, False, None])


@st.composite
def weeks(draw: st.DrawFn) -> Weeks | None:
    if draw(st.booleans()):
        return None
    least = draw(st.integers(0, 20))
    return Weeks(least, least + draw(st.integers(0, 8)))


@st.composite
def trials(draw: st.DrawFn, most: int = 6) -> list[Trial]:
    count = draw(st.integers(0, most))
    return [
        Trial(
            ref=f"{number:02d}",
            kind=draw(st.sampled_from(TrialKind)),
            key=draw(st.sampled_from(["a", "b", "c", "d", "e", "tried-cbt"])),
            drug_class=draw(st.sampled_from(CLASSES)),
            is_augmentation=draw(st.booleans()),
            spell=draw(st.sampled_from(Spell)),
            weeks=draw(weeks()),
            dose_adequate=draw(MAYBE),
            taken_as_agreed=draw(MAYBE),
            no_response_clear=draw(MAYBE),
            percent_better=draw(st.none() | st.integers(-50, 100).map(float)),
            benefit=draw(st.sampled_from(Benefit)),
            full_course=draw(MAYBE),
            bilateral=draw(MAYBE),
        )
        for number in range(count)
    ]


ILLNESSES = st.builds(
    Illness,
    on=st.just(TODAY),
    since=st.none() | st.sampled_from(["2010", "2025", "2025-03", "2026-11-01"]).map(PartialDate.parse),
    severity=st.sampled_from(["", "mild", "severe", "severe-psychotic"]),
    complete=st.booleans(),
)


def a_failure(ref: str, **said: Any) -> Trial:
    """A medicine like no other that failed by every definition."""
    usual: dict[str, Any] = {
        "drug_class": "ssri", "spell": Spell.PRESENT, "weeks": Weeks(12, 12), "dose_adequate": True,
        "taken_as_agreed": True, "percent_better": 0.0,
    }  # fmt: skip
    return Trial(ref, TrialKind.DRUG, f"new-{ref}", **usual | said)


@settings(max_examples=60)
@given(trials(), ILLNESSES, st.randoms())
def test_the_order_of_trials_does_not_matter(tried: list[Trial], ill: Illness, random: Any) -> None:
    shuffled = list(tried)
    random.shuffle(shuffled)
    one = judge_treatments(TreatmentHistory(tuple(tried), ill), KNOWN)
    other = judge_treatments(TreatmentHistory(tuple(shuffled), ill), KNOWN)
    assert one == other


@settings(max_examples=60)
@given(trials(), ILLNESSES, st.sampled_from(["ssri", "tca", "maoi", "ndri"]))
def test_one_more_failure_never_lowers_a_stage(tried: list[Trial], ill: Illness, drug_class: str) -> None:
    more = [*tried, a_failure("zz", drug_class=drug_class)]
    before = judge_treatments(TreatmentHistory(tuple(tried), ill), KNOWN)
    after = judge_treatments(TreatmentHistory(tuple(more), ill), KNOWN)
    assert before.maudsley is not None
    assert after.maudsley is not None
    assert after.maudsley.least >= before.maudsley.least
    assert before.ladder is not None
    assert after.ladder is not None
    if before.ladder.reached is not None:
        assert after.ladder.reached is not None
        stages = [stage.id for stage in KNOWN.staging["thase-rush-staging"].thase_rush.stages]  # type: ignore[union-attr]
        assert stages.index(after.ladder.reached.id) >= stages.index(before.ladder.reached.id)
    for first, second in zip(before.verdicts, after.verdicts, strict=True):
        assert set(first.failed) <= set(second.failed)
        assert not (first.resistance is Resistance.SHOWN and second.resistance is not Resistance.SHOWN)


@settings(max_examples=100)
@given(trials(), st.booleans(), st.sampled_from(DEFINITIONS))
def test_what_is_not_known_is_never_a_failure_nor_a_pass(
    tried: list[Trial], complete: bool, definition: Any
) -> None:
    for trial in tried:
        verdict = judge_trial(trial, definition)
        assert (verdict.outcome is Outcome.UNDECIDED) == bool(verdict.needs)
        if verdict.outcome is Outcome.FAILED and trial.kind is TrialKind.DRUG:
            assert None not in {trial.percent_better, trial.dose_adequate, trial.taken_as_agreed}
    together = judge_history(tried, definition, complete=complete)
    assert set(together.failed) <= set(together.possibly)
    if not complete:
        assert together.resistance is not Resistance.NOT_SHOWN


@settings(max_examples=100)
@given(trials(most=3), st.sampled_from(DEFINITIONS), st.data())
def test_learning_more_never_turns_a_settled_verdict(
    tried: list[Trial], definition: Any, data: st.DataObject
) -> None:
    """What was decided stays so when a gap is filled, whatever fills it."""
    for trial in tried:
        filled = replace(
            trial,
            dose_adequate=trial.dose_adequate if trial.dose_adequate is not None else data.draw(st.booleans()),
            taken_as_agreed=trial.taken_as_agreed
            if trial.taken_as_agreed is not None
            else data.draw(st.booleans()),
            no_response_clear=trial.no_response_clear
            if trial.no_response_clear is not None
            else data.draw(st.booleans()),
            weeks=trial.weeks or Weeks(9, 9),
        )
        before, after = judge_trial(trial, definition).outcome, judge_trial(filled, definition).outcome
        if before is Outcome.FAILED:
            assert after is Outcome.FAILED
        elif before is not Outcome.UNDECIDED:
            assert after is not Outcome.FAILED


@settings(max_examples=60)
@given(trials(), ILLNESSES)
def test_sums_lie_in_their_range_and_have_a_stage_only_when_nothing_is_missing(
    tried: list[Trial], ill: Illness
) -> None:
    judged = judge_treatments(TreatmentHistory(tuple(tried), ill), KNOWN)
    stage = judged.maudsley
    method = KNOWN.staging["maudsley-staging"].maudsley
    assert stage is not None
    assert method is not None
    assert method.range.lowest <= stage.least <= stage.most <= method.range.highest
    assert (stage.total is None) == bool(stage.needs or stage.least != stage.most)
    if not ill.complete:
        assert judged.ladder is not None
        assert not judged.ladder.decided or judged.ladder.reached is not None


@settings(max_examples=60)
@given(trials(), ILLNESSES)
def test_a_fact_is_never_a_pass_without_two_certain_failures(tried: list[Trial], ill: Illness) -> None:
    history = TreatmentHistory(tuple(tried), ill, changed_on=TODAY)
    facts = {fact.concept: fact.status for fact in history_facts(history, KNOWN)}
    certain = judge_history(tried, KNOWN.adequacy["failure-delphi-2022"], complete=ill.complete).failed
    assert (facts["resistance-not-shown"] is FactStatus.ABSENT) == (len(certain) >= 2)
