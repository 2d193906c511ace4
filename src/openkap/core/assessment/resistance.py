"""Whether treatments tried failed, and whether enough of them did, by each published definition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openkap.core.assessment.trials import Benefit, Spell, Trial, TrialKind
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.adequacy import FailureDefinition


class Outcome(StrEnum):
    """What one definition makes of one trial."""

    FAILED = "failed"
    PARTIAL = "partial"
    RESPONDED = "responded"
    TOO_SHORT = "too-short"
    DOSE_TOO_LOW = "dose-too-low"
    NOT_TAKEN = "not-taken"
    EARLIER_SPELL = "earlier-spell"
    NOT_COUNTED = "not-counted"
    UNDECIDED = "undecided"


class Need(StrEnum):
    """What must be known before something can be decided."""

    PERCENT = "percent"  # how much better
    WEEKS = "weeks"
    DOSE = "dose"  # whether it was adequate
    TAKEN = "taken"
    CLEAR = "clear"  # whether it was already clear that it did not work
    SPELL = "spell"
    COURSE = "course"  # whether a psychotherapy or ECT was a full course
    DRUG_CLASS = "drug-class"
    LATERALITY = "laterality"
    COMPLETE = "complete"  # that everything tried is entered
    SINCE = "since"  # when the present spell began
    SEVERITY = "severity"
    FAILED_MEDICINE = "failed-medicine"  # there is none, and the method starts at one
    DEFINITION = "definition"  # the site has declined every definition


class Resistance(StrEnum):
    """Whether enough trials failed."""

    SHOWN = "shown"
    NOT_SHOWN = "not-shown"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class TrialVerdict:
    """One trial by one definition, and what is missing where it is undecided."""

    trial: Trial
    outcome: Outcome
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryVerdict:
    """All trials by one definition.

    `failed` and `possibly`: different medicines (or psychotherapies) that failed for certain, and that did or
    may have. `resistance` is None where the definition names no number of failures.
    """

    definition: FailureDefinition
    trials: tuple[TrialVerdict, ...]
    failed: tuple[str, ...]
    possibly: tuple[str, ...]
    resistance: Resistance | None
    needs: tuple[Need, ...] = ()

    def of(self, trial: Trial) -> TrialVerdict:
        """The verdict on one of the trials."""
        return next(verdict for verdict in self.trials if verdict.trial.ref == trial.ref)


def judge_trial(trial: Trial, definition: FailureDefinition) -> TrialVerdict:
    """What the definition makes of a trial. Not known is never a failure, and never none: it is undecided."""
    if trial.is_augmentation or trial.kind.value not in definition.kinds:
        return TrialVerdict(trial, Outcome.NOT_COUNTED)
    if definition.spells == "present" and trial.spell is Spell.EARLIER:
        return TrialVerdict(trial, Outcome.EARLIER_SPELL)
    checks = _checks(trial, definition)
    if settled := [outcome for outcome, fails, _need in checks if fails is False]:
        return TrialVerdict(trial, settled[0])
    needs = tuple(need for _outcome, fails, need in checks if fails is None)
    return TrialVerdict(trial, Outcome.UNDECIDED if needs else Outcome.FAILED, needs)


def judge_history(trials: Iterable[Trial], definition: FailureDefinition, *, complete: bool) -> HistoryVerdict:
    """All trials by one definition; `complete`: somebody said that everything tried is entered.

    Different medicines are counted, so the same one tried twice is one failure. That too few failed is only
    said of a complete history.
    """
    verdicts = tuple(judge_trial(trial, definition) for trial in sorted(trials, key=lambda one: one.ref))
    failed = _keys(verdicts, {Outcome.FAILED})
    possibly = _keys(verdicts, {Outcome.FAILED, Outcome.UNDECIDED})
    resistance = _resistance(definition.failures_needed, len(failed), len(possibly), complete=complete)
    needs = _needs(verdicts, complete=complete) if resistance is Resistance.UNDECIDED else ()
    return HistoryVerdict(definition, verdicts, failed, possibly, resistance, needs)


def programme_definitions(knowledge: KnowledgeSet) -> tuple[FailureDefinition, ...]:
    """The site's own definition of resistance: those it adopted, else the default unless it was declined."""
    choices = [one for one in knowledge.adequacy.values() if one.is_choice]
    adopted = [one for one in choices if knowledge.decision(one.id)]
    default = [one for one in choices if one.is_default and knowledge.decision(one.id) is None]
    return tuple(sorted(adopted or default, key=lambda one: one.id))


def strictest(verdicts: Sequence[HistoryVerdict]) -> Resistance:
    """What several definitions that all count come to: shown only when each of them shows it."""
    found = {verdict.resistance for verdict in verdicts}
    if Resistance.NOT_SHOWN in found:
        return Resistance.NOT_SHOWN
    return Resistance.SHOWN if found == {Resistance.SHOWN} else Resistance.UNDECIDED


def _checks(trial: Trial, definition: FailureDefinition) -> list[tuple[Outcome, bool | None, Need]]:
    """Each condition of a failure: what the trial is where it does not hold, whether it does, what it needs."""
    return [
        *_improvement(trial, definition),
        *(_of_a_medicine(trial, definition) if trial.kind is TrialKind.DRUG else _of_a_course(trial)),
        (
            Outcome.UNDECIDED,
            None if definition.spells == "present" and trial.spell is Spell.UNKNOWN else True,
            Need.SPELL,
        ),
    ]


def _improvement(trial: Trial, definition: FailureDefinition) -> list[tuple[Outcome, bool | None, Need]]:
    percent = trial.percent_better
    if percent is None:
        by_words = {Benefit.NONE: True, Benefit.GOOD: False}
        fails = by_words.get(trial.benefit) if trial.kind is TrialKind.PSYCHOTHERAPY else None
        return [(Outcome.RESPONDED, fails, Need.PERCENT)]
    partial = definition.partial_below_percent
    name = Outcome.PARTIAL if partial is not None and percent < partial else Outcome.RESPONDED
    return [(name, percent < definition.failure_below_percent, Need.PERCENT)]


def _of_a_medicine(trial: Trial, definition: FailureDefinition) -> list[tuple[Outcome, bool | None, Need]]:
    long_enough, need = _long_enough(trial, definition)
    return [
        (Outcome.TOO_SHORT, long_enough, need),
        (Outcome.DOSE_TOO_LOW, trial.dose_adequate, Need.DOSE),
        (Outcome.NOT_TAKEN, trial.taken_as_agreed, Need.TAKEN),
    ]


def _of_a_course(trial: Trial) -> list[tuple[Outcome, bool | None, Need]]:
    return [(Outcome.TOO_SHORT, trial.full_course, Need.COURSE)]


def _long_enough(trial: Trial, definition: FailureDefinition) -> tuple[bool | None, Need]:
    early_counts = definition.stopped_early == "failed-if-clear"
    if early_counts and trial.no_response_clear:
        return True, Need.WEEKS
    if trial.weeks is None or trial.weeks.least < definition.least_weeks <= trial.weeks.most:
        return None, Need.WEEKS
    if trial.weeks.least >= definition.least_weeks:
        return True, Need.WEEKS
    if early_counts and trial.no_response_clear is None:
        return None, Need.CLEAR
    return False, Need.WEEKS


def _keys(verdicts: Iterable[TrialVerdict], outcomes: set[Outcome]) -> tuple[str, ...]:
    return tuple(sorted({verdict.trial.key for verdict in verdicts if verdict.outcome in outcomes}))


def _resistance(needed: int | None, failed: int, possibly: int, *, complete: bool) -> Resistance | None:
    if needed is None:
        return None
    if failed >= needed:
        return Resistance.SHOWN
    return Resistance.NOT_SHOWN if complete and possibly < needed else Resistance.UNDECIDED


def _needs(verdicts: Iterable[TrialVerdict], *, complete: bool) -> tuple[Need, ...]:
    missing = {need for verdict in verdicts for need in verdict.needs}
    if not complete:
        missing.add(Need.COMPLETE)
    return tuple(need for need in Need if need in missing)
