"""Stages with their working, as the sources have them, and what is said where something is missing."""

from datetime import date
from typing import Any

import pytest
from tests.unit.core.assessment.test_resistance import KNOWN, TODAY, a_trial

from openkap.core.assessment.resistance import Need, Resistance, judge_history
from openkap.core.assessment.staging import (
    AnxietyResult,
    Illness,
    LadderResult,
    MaudsleyStage,
    anxiety,
    begun_months,
    maudsley,
    thase_rush,
)
from openkap.core.assessment.trials import Benefit, Spell, Trial, TrialKind
from openkap.units.partial_dates import PartialDate

DELPHI = KNOWN.adequacy["failure-delphi-2022"]
FAILURES = KNOWN.adequacy["failure-maudsley"]
METHOD = KNOWN.staging["maudsley-staging"].maudsley
LADDER = KNOWN.staging["thase-rush-staging"].thase_rush
RULE = KNOWN.staging["anxiety-working-rule"].anxiety
ILL = Illness(TODAY, PartialDate.parse("2024-01-10"), "severe", complete=True)


def summed(trials: list[Trial], ill: Illness = ILL) -> MaudsleyStage:
    assert METHOD is not None
    return maudsley(trials, ill, METHOD, FAILURES)


def failed(count: int, **said: Any) -> list[Trial]:
    return [a_trial(str(number), **said) for number in range(count)]


def ect(ref: str = "e", **said: Any) -> Trial:
    usual: dict[str, Any] = {
        "spell": Spell.PRESENT, "full_course": True, "benefit": Benefit.NONE, "bilateral": True,
    }  # fmt: skip
    return Trial(ref, TrialKind.ECT, "ect", **usual | said)


@pytest.mark.parametrize(
    ("count", "points"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4), (10, 4), (11, 5), (15, 5)]
)
def test_points_for_failed_medicines(count: int, points: int) -> None:
    part = summed(failed(count)).parts[2]
    assert (part.least, part.most, part.count) == (points, points, (count, count))


@pytest.mark.parametrize(
    ("since", "points"),
    [
        ("2026-11-20", 1),
        ("2025-11-21", 1),  # twelve months to the day
        ("2025-11-20", 2),  # the thirteenth has begun
        ("2024-11-21", 2),
        ("2024-11-20", 3),
        ("2011", 3),
    ],
)
def test_points_for_duration(since: str, points: int) -> None:
    ill = Illness(TODAY, PartialDate.parse(since), "severe", complete=True)
    part = summed(failed(1), ill).parts[0]
    assert (part.least, part.most) == (points, points)


def test_a_year_alone_may_leave_the_duration_open() -> None:
    part = summed(failed(1), Illness(TODAY, PartialDate.parse("2025"), "severe", complete=True)).parts[0]
    assert (part.least, part.most, part.needs) == (1, 2, (Need.SINCE,))
    assert begun_months(PartialDate.parse("2025"), TODAY) == (11, 23)
    ahead = Illness(TODAY, PartialDate.parse("2027"), "severe", complete=True)
    assert summed(failed(1), ahead).parts[0].needs == (Need.SINCE,)


@pytest.mark.parametrize(
    ("severity", "points"),
    [("subsyndromal", 1), ("mild", 2), ("moderate", 3), ("severe", 4), ("severe-psychotic", 5)],
)
def test_points_for_severity(severity: str, points: int) -> None:
    part = summed(failed(1), Illness(TODAY, ILL.since, severity, complete=True)).parts[1]
    assert (part.least, part.most) == (points, points)


@pytest.mark.parametrize(
    ("trials", "ill", "total", "band"),
    [
        (failed(1), Illness(TODAY, PartialDate.parse("2026-10"), "subsyndromal", complete=True), 3, "mild"),
        (failed(2), Illness(TODAY, PartialDate.parse("2026-10"), "severe", complete=True), 6, "mild"),
        (failed(2), Illness(TODAY, PartialDate.parse("2025-03"), "severe", complete=True), 7, "moderate"),
        ([*failed(3), a_trial("9", is_augmentation=True)], ILL, 10, "moderate"),
        ([*failed(3), a_trial("9", is_augmentation=True), ect()], ILL, 11, "severe"),
        (
            [*failed(11), a_trial("99", is_augmentation=True), ect()],
            Illness(TODAY, PartialDate.parse("2010"), "severe-psychotic", complete=True),
            15,
            "severe",
        ),
    ],
)
def test_the_sum_and_its_band(trials: list[Trial], ill: Illness, total: int, band: str) -> None:
    stage = summed(trials, ill)
    assert (stage.total, stage.band and stage.band.en, stage.needs) == (total, band, ())
    assert sum(part.least for part in stage.parts) == total


def test_nothing_known_gives_the_whole_range_and_no_stage() -> None:
    stage = summed([], Illness(TODAY))
    assert METHOD is not None
    assert (stage.total, stage.least, stage.most) == (None, METHOD.range.lowest, METHOD.range.highest)
    assert stage.band is None
    assert {Need.SINCE, Need.SEVERITY, Need.COMPLETE, Need.FAILED_MEDICINE} <= set(stage.needs)


def test_without_a_failed_medicine_the_method_says_nothing() -> None:
    stage = summed([a_trial(percent_better=70.0)])
    assert (stage.total, stage.band, stage.needs) == (None, None, (Need.FAILED_MEDICINE,))


def test_an_undecided_medicine_widens_the_sum_only_where_it_matters() -> None:
    second = a_trial("x", percent_better=None)
    assert summed([*failed(1), second]).total == 8  # one or two failed: the same points
    stage = summed([*failed(2), second])
    assert (stage.total, stage.least, stage.most, stage.needs) == (None, 8, 9, (Need.PERCENT,))


@pytest.mark.parametrize(
    ("spell", "least", "most"), [(Spell.PRESENT, 1, 1), (Spell.EARLIER, 0, 0), (Spell.UNKNOWN, 0, 1)]
)
def test_augmentation_and_ect_count_in_the_present_spell(spell: Spell, least: int, most: int) -> None:
    parts = summed([*failed(1), a_trial("9", is_augmentation=True, spell=spell), ect(spell=spell)]).parts
    assert [(part.least, part.most) for part in parts[3:]] == [(least, most)] * 2


def test_not_used_is_only_said_of_a_complete_history() -> None:
    part = summed(failed(1), Illness(TODAY, ILL.since, "severe")).parts[4]
    assert (part.least, part.most, part.needs) == (0, 1, (Need.COMPLETE,))


def climbed(trials: list[Trial], *, complete: bool = True) -> LadderResult:
    assert LADDER is not None
    verdicts = [judge_history(trials, DELPHI, complete=complete)]
    return thase_rush(trials, verdicts, LADDER, complete=complete)


def of_classes(*classes: str) -> list[Trial]:
    return [a_trial(str(number), drug_class=named) for number, named in enumerate(classes)]


@pytest.mark.parametrize(
    ("trials", "stage"),
    [
        ([a_trial(percent_better=70.0)], "0"),
        (of_classes("ssri"), "I"),
        (of_classes("ssri", "ssri"), "I"),  # another medicine, the same class
        (of_classes("ssri", "snri"), "II"),
        (of_classes("ssri", "snri", "maoi"), "II"),  # the ladder has no step without a tricyclic
        (of_classes("ssri", "tca"), "III"),
        (of_classes("ssri", "tca", "maoi"), "IV"),
        ([*of_classes("ssri", "tca", "maoi"), ect()], "V"),
        ([*of_classes("ssri", "tca", "maoi"), ect(bilateral=False)], "IV"),
        ([*of_classes("ssri", "tca", "maoi"), ect(benefit=Benefit.GOOD)], "IV"),
        ([*of_classes("ssri", "snri"), ect()], "II"),
    ],
)
def test_the_ladder(trials: list[Trial], stage: str) -> None:
    result = climbed(trials)
    assert result.reached is not None
    assert (result.reached.id, result.decided) == (stage, True)


def test_the_ladder_of_an_incomplete_history_is_a_least_stage() -> None:
    result = climbed(of_classes("ssri", "snri"), complete=False)
    assert result.reached is not None
    assert (result.reached.id, result.decided, result.needs) == ("II", False, (Need.COMPLETE,))
    assert climbed([], complete=False).reached is None


def test_the_ladder_names_what_could_raise_it() -> None:
    open_yet = [*of_classes("ssri"), a_trial("x", drug_class="snri", dose_adequate=None)]
    result = climbed(open_yet)
    assert result.reached is not None
    assert result.possible is not None
    assert (result.reached.id, result.possible.id, result.needs) == ("I", "II", (Need.DOSE,))
    unclear = climbed([*of_classes("ssri", "tca", "maoi"), ect(bilateral=None, full_course=None)])
    assert (unclear.decided, unclear.needs) == (False, (Need.COURSE, Need.LATERALITY))
    assert Need.DRUG_CLASS in climbed([a_trial(drug_class="")]).needs


def cbt(ref: str = "c", **said: Any) -> Trial:
    usual: dict[str, Any] = {"full_course": True, "benefit": Benefit.PARTIAL}
    return Trial(ref, TrialKind.PSYCHOTHERAPY, "tried-cbt", **usual | said)


def tried_against_anxiety(trials: list[Trial], *, complete: bool = True) -> AnxietyResult:
    assert RULE is not None
    failure = KNOWN.adequacy[RULE.failure_by]
    return anxiety(trials, RULE, failure, complete=complete)


@pytest.mark.parametrize(
    ("trials", "found"),
    [
        ([*of_classes("ssri", "snri"), cbt()], Resistance.SHOWN),
        (of_classes("ssri", "snri"), Resistance.NOT_SHOWN),
        ([*of_classes("ssri", "tca"), cbt()], Resistance.NOT_SHOWN),  # one of the first line only
        ([*of_classes("ssri", "snri"), cbt(benefit=Benefit.GOOD)], Resistance.NOT_SHOWN),
        ([*of_classes("ssri", "snri"), cbt(full_course=False)], Resistance.NOT_SHOWN),
        ([*of_classes("ssri", "snri"), cbt(full_course=None)], Resistance.UNDECIDED),
        ([*of_classes("ssri", "snri"), cbt(benefit=Benefit.UNKNOWN)], Resistance.UNDECIDED),
    ],
)
def test_the_working_rule_for_anxiety(trials: list[Trial], found: Resistance) -> None:
    assert tried_against_anxiety(trials).resistance is found


def test_the_working_rule_says_what_is_missing() -> None:
    result = tried_against_anxiety([*of_classes("ssri"), a_trial("x", weeks=None), cbt(full_course=None)])
    assert (result.medicines, result.courses) == ((1, 2), (0, 1))
    assert result.needs == (Need.WEEKS, Need.COURSE)
    assert tried_against_anxiety([], complete=False).needs == (Need.COMPLETE,)


def test_months_are_begun_months() -> None:
    day = PartialDate.parse("2026-01-31")
    assert begun_months(day, date(2026, 1, 31)) == (1, 1)
    assert begun_months(day, date(2026, 2, 28)) == (1, 1)
    assert begun_months(day, date(2026, 3, 1)) == (2, 2)
