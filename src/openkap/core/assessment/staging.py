"""How far treatment has gone: the Maudsley sum, the Thase-Rush ladder, the working rule for anxiety.

Where something is not known, a method gives the range that is left and what is missing, never a stage.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from openkap.core.assessment.resistance import HistoryVerdict, Need, Outcome, Resistance, judge_history
from openkap.core.assessment.trials import Benefit, Spell, Trial, TrialKind
from openkap.knowledge.schema.adequacy import FailureDefinition
from openkap.knowledge.schema.record import Text
from openkap.knowledge.schema.staging import AnxietyRule, LadderStage, Maudsley, ThaseRush, UpTo, UsedOrNot
from openkap.units.partial_dates import PartialDate


@dataclass(frozen=True, slots=True)
class Illness:
    """What is known of the present spell on a day; `severity` is an id of the Maudsley record, '' not known."""

    on: date
    since: PartialDate | None = None
    severity: str = ""
    complete: bool = False  # everything tried is entered


@dataclass(frozen=True, slots=True)
class Points:
    """One dimension: the fewest and most points it can have, the category where it is one, what is missing.

    `count` is the number it rests on (months, medicines), as the least and the most it can be.
    """

    dimension: str
    least: int
    most: int
    label: Text | None = None
    needs: tuple[Need, ...] = ()
    count: tuple[int, int | None] | None = None

    @property
    def known(self) -> bool:
        """Whether it is one figure."""
        return self.least == self.most


@dataclass(frozen=True, slots=True)
class MaudsleyStage:
    """The sum with its parts. `band` only when the sum is one figure, or all it can be lies in one band."""

    parts: tuple[Points, ...]
    least: int
    most: int
    band: Text | None
    needs: tuple[Need, ...]

    @property
    def total(self) -> int | None:
        """The sum, when it is one figure and the method applies."""
        return self.least if self.least == self.most and not self.needs else None


@dataclass(frozen=True, slots=True)
class LadderResult:
    """The stage reached for certain, and the highest it can be; both None where no adequate trial was judged.

    `classes`: what failed for certain. `more_possible`: treatments not entered could raise it.
    """

    reached: LadderStage | None
    possible: LadderStage | None
    classes: tuple[str, ...]
    needs: tuple[Need, ...]

    @property
    def decided(self) -> bool:
        """Whether it is one stage."""
        return self.reached is not None and self.reached == self.possible and not self.needs


@dataclass(frozen=True, slots=True)
class AnxietyResult:
    """First-line medicines and full psychotherapies without enough benefit: for certain, and at most."""

    resistance: Resistance
    medicines: tuple[int, int]
    courses: tuple[int, int]
    needs: tuple[Need, ...]


def begun_months(since: PartialDate, on: date) -> tuple[int, int]:
    """Months begun from `since` to `on`, the fewest and the most: a year and a day is the thirteenth month."""
    return _begun(min(since.last, on), on), _begun(min(since.first, on), on)


def maudsley(
    trials: Sequence[Trial], illness: Illness, method: Maudsley, failure: FailureDefinition
) -> MaudsleyStage:
    """The Maudsley sum. `failure` is the record `method.failure_by` names."""
    counted = judge_history(trials, failure, complete=illness.complete)
    parts = (
        _duration(illness, method),
        _severity(illness, method),
        _failures(counted, method, complete=illness.complete),
        _used("augmentation", [one for one in trials if one.is_augmentation], method.augmentation, illness),
        _used("ect", [one for one in trials if one.kind is TrialKind.ECT], method.ect, illness),
    )
    least, most = sum(part.least for part in parts), sum(part.most for part in parts)
    missing = {need for part in parts for need in part.needs}
    bands = {_band(method, total) for total in (least, most)}
    return MaudsleyStage(
        parts=parts,
        least=least,
        most=most,
        band=bands.pop() if len(bands) == 1 and Need.FAILED_MEDICINE not in missing else None,
        needs=tuple(need for need in Need if need in missing),
    )


def thase_rush(
    trials: Sequence[Trial], verdicts: Sequence[HistoryVerdict], method: ThaseRush, *, complete: bool
) -> LadderResult:
    """The Thase-Rush stage; `verdicts`: the history by the programme's own definitions, all of which count."""
    certain, possible, unnamed = _classes(trials, verdicts)
    ect_needs = _ect_needs(trials)
    reached = _stage(method, certain, ect=any(_ect_failed(one) for one in trials))
    highest = _stage(method, possible, ect=any(_ect_failed(one) is not False for one in _ects(trials)))
    judged = any(
        verdict.outcome in {Outcome.FAILED, Outcome.PARTIAL, Outcome.RESPONDED}
        for history in verdicts
        for verdict in history.trials
    )
    missing = _ladder_needs(verdicts, reached, highest, unnamed=unnamed) | (
        ect_needs if reached != highest else set()
    )
    if not complete and reached != method.stages[-1]:
        missing.add(Need.COMPLETE)
    return LadderResult(
        reached=reached if judged or complete else None,
        possible=highest if judged or complete else None,
        classes=tuple(sorted(certain)),
        needs=tuple(need for need in Need if need in missing),
    )


def anxiety(
    trials: Sequence[Trial], rule: AnxietyRule, failure: FailureDefinition, *, complete: bool
) -> AnxietyResult:
    """Whether first-line treatment of an anxiety disorder was tried in full without enough benefit."""
    first_line = [one for one in trials if one.drug_class in rule.first_line]
    counted = judge_history(first_line, failure, complete=complete)
    courses = [_course_failed(one) for one in trials if one.key in rule.psychotherapies]
    medicines = (len(counted.failed), len(counted.possibly))
    tried = (courses.count(True), len(courses) - courses.count(False))
    enough = [
        low >= needed for (low, _high), needed in ((medicines, rule.drug_trials), (tried, rule.full_courses))
    ]
    can_be = medicines[1] >= rule.drug_trials and tried[1] >= rule.full_courses
    if all(enough):
        return AnxietyResult(Resistance.SHOWN, medicines, tried, ())
    if complete and not can_be:
        return AnxietyResult(Resistance.NOT_SHOWN, medicines, tried, ())
    missing = {need for verdict in counted.trials for need in verdict.needs}
    missing |= {Need.COURSE} if None in courses else set()
    missing |= set() if complete else {Need.COMPLETE}
    return AnxietyResult(
        Resistance.UNDECIDED, medicines, tried, tuple(need for need in Need if need in missing)
    )


def _begun(since: date, on: date) -> int:
    span = relativedelta(on, since)
    whole = span.years * 12 + span.months
    return whole + (1 if span.days or not whole else 0)


def _duration(illness: Illness, method: Maudsley) -> Points:
    if illness.since is None or illness.since.first > illness.on:
        scores = [part.score for part in method.duration]
        return Points("duration", min(scores), max(scores), None, (Need.SINCE,))
    fewest, most = begun_months(illness.since, illness.on)
    low, high = _category(method.duration, fewest), _category(method.duration, most)
    same = low == high
    return Points(
        "duration",
        low.score,
        high.score,
        low.label if same else None,
        () if same else (Need.SINCE,),
        (fewest, most),
    )


def _severity(illness: Illness, method: Maudsley) -> Points:
    chosen = next((one for one in method.severity if one.id == illness.severity), None)
    if chosen is None:
        scores = [one.score for one in method.severity]
        return Points("severity", min(scores), max(scores), None, (Need.SEVERITY,))
    return Points("severity", chosen.score, chosen.score, chosen.label)


def _failures(counted: HistoryVerdict, method: Maudsley, *, complete: bool) -> Points:
    """Points for failed medicines. The method starts at one: with none failed it says nothing."""
    failed, possibly = len(counted.failed), len(counted.possibly) if complete else None
    low = _category(method.failures, max(failed, 1))
    high = method.failures[-1] if possibly is None else _category(method.failures, max(possibly, 1))
    missing = (
        {need for verdict in counted.trials for need in verdict.needs} if low != high or not failed else set()
    )
    if not complete and low != high:
        missing.add(Need.COMPLETE)
    if not failed:
        missing.add(Need.FAILED_MEDICINE)
    label = low.label if low == high and failed else None
    needs = tuple(need for need in Need if need in missing)
    return Points("failures", low.score, high.score, label, needs, (failed, possibly))


def _used(dimension: str, found: Iterable[Trial], points: UsedOrNot, illness: Illness) -> Points:
    spells = {one.spell for one in found}
    if Spell.PRESENT in spells:
        return Points(dimension, points.used, points.used)
    if Spell.UNKNOWN in spells:
        return Points(dimension, points.not_used, points.used, None, (Need.SPELL,))
    if not illness.complete:
        return Points(dimension, points.not_used, points.used, None, (Need.COMPLETE,))
    return Points(dimension, points.not_used, points.not_used)


def _category(parts: Sequence[UpTo], number: int) -> UpTo:
    return next(part for part in parts if part.at_most is None or number <= part.at_most)


def _band(method: Maudsley, total: int) -> Text:
    return next(band.label for band in reversed(method.bands) if total >= band.at_least)


def _classes(trials: Iterable[Trial], verdicts: Sequence[HistoryVerdict]) -> tuple[set[str], set[str], bool]:
    """Classes that failed by every verdict, those that may have, and whether one of these has no name."""
    certain: set[str] = set()
    possible: set[str] = set()
    unnamed = False
    for trial in trials:
        outcomes = {history.of(trial).outcome for history in verdicts}
        if not outcomes or not outcomes <= {Outcome.FAILED, Outcome.UNDECIDED}:
            continue
        unnamed |= not trial.drug_class
        if trial.drug_class:
            possible.add(trial.drug_class)
            if outcomes == {Outcome.FAILED}:
                certain.add(trial.drug_class)
    return certain, possible, unnamed


def _stage(method: ThaseRush, classes: set[str], *, ect: bool) -> LadderStage:
    reached = method.stages[0]
    for stage in method.stages[1:]:
        if (
            len(classes) < stage.classes_failed
            or (stage.class_failed is not None and stage.class_failed not in classes)
            or (stage.bilateral_ect_failed and not ect)
        ):
            break
        reached = stage
    return reached


def _ladder_needs(
    verdicts: Iterable[HistoryVerdict], reached: LadderStage, highest: LadderStage, *, unnamed: bool
) -> set[Need]:
    missing = {Need.DRUG_CLASS} if unnamed else set()
    if reached != highest:
        missing |= {need for history in verdicts for verdict in history.trials for need in verdict.needs}
    return missing


def _ects(trials: Iterable[Trial]) -> list[Trial]:
    return [one for one in trials if one.kind is TrialKind.ECT]


def _ect_failed(trial: Trial) -> bool | None:
    """Whether it was bilateral ECT that failed after a full course."""
    if trial.kind is not TrialKind.ECT or trial.bilateral is False or trial.full_course is False:
        return False
    if trial.benefit in {Benefit.GOOD, Benefit.PARTIAL}:
        return False
    known = trial.bilateral and trial.full_course and trial.benefit is Benefit.NONE
    return True if known else None


def _ect_needs(trials: Iterable[Trial]) -> set[Need]:
    unclear = [one for one in _ects(trials) if _ect_failed(one) is None]
    missing = {Need.LATERALITY} if any(one.bilateral is None for one in unclear) else set()
    if any(one.full_course is None for one in unclear):
        missing.add(Need.COURSE)
    if any(one.benefit is Benefit.UNKNOWN for one in unclear):
        missing.add(Need.PERCENT)
    return missing


def _course_failed(trial: Trial) -> bool | None:
    """Whether a full course of a psychotherapy did not help enough."""
    if trial.full_course is False or trial.benefit is Benefit.GOOD:
        return False
    return True if trial.full_course and trial.benefit is not Benefit.UNKNOWN else None
