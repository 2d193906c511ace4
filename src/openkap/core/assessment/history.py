"""A history of treatment and its screens, judged together, and as facts that rules look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from openkap.core.assessment.differential import Differential, Replies, concept_results, differential
from openkap.core.assessment.facts import Fact, FactKind, FactStatus
from openkap.core.assessment.resistance import (
    HistoryVerdict,
    Resistance,
    judge_history,
    programme_definitions,
    strictest,
)
from openkap.core.assessment.staging import (
    AnxietyResult,
    Illness,
    LadderResult,
    MaudsleyStage,
    anxiety,
    maudsley,
    thase_rush,
)
from openkap.core.assessment.trials import Trial
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.staging import Staging

RESISTANCE: Final = "resistance-not-shown"
FOUR_TRIALS: Final = "four-trials-not-shown"
ANXIETY: Final = "anxiety-resistance-not-shown"
CAUSE: Final = "secondary-cause"
FOUR_TRIALS_BY: Final = "failure-veterans-affairs"


@dataclass(frozen=True, slots=True)
class TreatmentHistory:
    """Everything known of treatments tried and of the screens, as of `illness.on`.

    `changed_on`: the day anything of the treatments was last entered or confirmed; None when nothing was.
    `is_secondary`: what a clinician concluded since the screens were asked; None when nobody did, or it was
    left open. `concluded_on`: when.
    """

    trials: tuple[Trial, ...]
    illness: Illness
    replies: tuple[Replies, ...] = ()
    changed_on: date | None = None
    is_secondary: bool | None = None
    concluded_on: date | None = None


@dataclass(frozen=True, slots=True)
class JudgedHistory:
    """A history by every definition and method in force.

    `verdicts`: by each definition of resistance, the programme's own first; `own` are their ids; `resistance`
    by those together, None when the site has declined all of them.
    """

    verdicts: tuple[HistoryVerdict, ...]
    own: tuple[str, ...]
    resistance: Resistance | None
    maudsley: MaudsleyStage | None
    ladder: LadderResult | None
    anxiety: AnxietyResult | None
    differential: Differential


def judge_treatments(history: TreatmentHistory, knowledge: KnowledgeSet) -> JudgedHistory:
    """Judge by the records in force. A method whose record is not in force is None."""
    complete = history.illness.complete
    own = [one.id for one in programme_definitions(knowledge)]
    definitions = [one for one in knowledge.adequacy.values() if one.failures_needed is not None]
    definitions.sort(key=lambda one: (one.id not in own, not one.is_choice, not one.is_default, one.id))
    verdicts = tuple(judge_history(history.trials, one, complete=complete) for one in definitions)
    by_own = [verdict for verdict in verdicts if verdict.definition.id in own]
    return JudgedHistory(
        verdicts=verdicts,
        own=tuple(own),
        resistance=strictest(by_own) if by_own else None,
        maudsley=_maudsley(history, knowledge),
        ladder=_ladder(history, by_own, knowledge),
        anxiety=_anxiety(history, knowledge),
        differential=differential(knowledge.screens.values(), history.replies),
    )


def history_facts(history: TreatmentHistory, knowledge: KnowledgeSet) -> tuple[Fact, ...]:
    """What rules look at: that resistance is not shown, a screen is positive, something else is the cause.

    What was never entered or asked is no fact, so that a rule that needs it asks.
    """
    judged = judge_treatments(history, knowledge)
    return tuple(_of_treatments(history, judged)) + tuple(_of_screens(history, judged))


def _of_treatments(history: TreatmentHistory, judged: JudgedHistory) -> Iterable[Fact]:
    if history.changed_on is None:
        return
    yield _fact(RESISTANCE, _shown(judged.resistance), history.changed_on)
    if judged.anxiety is not None:
        yield _fact(ANXIETY, _shown(judged.anxiety.resistance), history.changed_on)
    for verdict in judged.verdicts:
        shown = _shown(verdict.resistance)
        if (
            verdict.definition.id == FOUR_TRIALS_BY and shown is not None
        ):  # it informs only: it asks for nothing
            yield _fact(FOUR_TRIALS, shown, history.changed_on)


def _of_screens(history: TreatmentHistory, judged: JudgedHistory) -> Iterable[Fact]:
    for concept, (met, on) in sorted(concept_results(judged.differential.results).items()):
        if concept != CAUSE or history.concluded_on is None:
            yield _fact(concept, met, on)
    if history.concluded_on is not None:
        yield _fact(CAUSE, history.is_secondary, history.concluded_on)


def _shown(resistance: Resistance | None) -> bool | None:
    """Whether it is true that resistance is not shown."""
    return {Resistance.SHOWN: False, Resistance.NOT_SHOWN: True}.get(resistance) if resistance else None


def _fact(concept: str, holds: bool | None, on: date) -> Fact:
    status = FactStatus.UNKNOWN if holds is None else FactStatus.ACTIVE if holds else FactStatus.ABSENT
    return Fact(
        FactKind.OBSERVATION, status=status, recorded=on, concept=concept, source_ref=f"History/{concept}"
    )


def _maudsley(history: TreatmentHistory, knowledge: KnowledgeSet) -> MaudsleyStage | None:
    method = next((one.maudsley for one in _methods(knowledge) if one.maudsley), None)
    failure = knowledge.adequacy.get(method.failure_by) if method else None
    if method is None or failure is None:
        return None
    return maudsley(history.trials, history.illness, method, failure)


def _ladder(
    history: TreatmentHistory, by_own: list[HistoryVerdict], knowledge: KnowledgeSet
) -> LadderResult | None:
    method = next((one.thase_rush for one in _methods(knowledge) if one.thase_rush), None)
    if method is None or not by_own:
        return None
    return thase_rush(history.trials, by_own, method, complete=history.illness.complete)


def _anxiety(history: TreatmentHistory, knowledge: KnowledgeSet) -> AnxietyResult | None:
    rule = next((one.anxiety for one in _methods(knowledge) if one.anxiety), None)
    failure = knowledge.adequacy.get(rule.failure_by) if rule else None
    if rule is None or failure is None:
        return None
    return anxiety(history.trials, rule, failure, complete=history.illness.complete)


def _methods(knowledge: KnowledgeSet) -> Iterable[Staging]:
    return knowledge.staging.values()
