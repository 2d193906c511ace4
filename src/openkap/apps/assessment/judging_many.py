"""Everyone judged for one treatment, some hundreds at a time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from openkap.apps.assessment.clearing import kept_for
from openkap.apps.assessment.judging import Judged, judge_facts, scope
from openkap.apps.assessment.models import (
    ClearanceResult,
    ClearanceWaiver,
    DifferentialDecision,
    Override,
    PastTreatment,
    PresentSpell,
    ScreenReply,
)
from openkap.apps.assessment.tried import history_facts_for
from openkap.apps.chart.many import facts_for_many
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.scored import scored_of_many
from openkap.apps.safety import queries as safety
from openkap.core.assessment.clearance import Kept
from openkap.core.assessment.facts import Fact
from openkap.core.assessment.history import TreatmentHistory, history_facts
from openkap.core.assessment.scores import Score, instruments_in_rules, score_facts, with_scores
from openkap.core.assessment.staging import Illness
from openkap.knowledge import KnowledgeSet

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

AT_A_TIME: Final = 250
_HISTORY: Final[tuple[Any, ...]] = (PastTreatment, PresentSpell, ScreenReply, DifferentialDecision)


def judge_many(
    patients: Iterable["Patient"], treatment: tuple[str, str, str], now: datetime, on: date | None = None
) -> Iterator[tuple["Patient", Judged]]:
    """Each patient with what `judging.judge` says of them for (indication, drug, route), site by site."""
    everyone = iter(patients)
    while chunk := list(islice(everyone, AT_A_TIME)):
        for day, mine in _by_site(chunk, now, on):
            yield from _judged(mine, treatment, now, day)


def _by_site(
    patients: Sequence["Patient"], now: datetime, on: date | None
) -> Iterator[tuple[date, list["Patient"]]]:
    """Those of one site share a local date and the knowledge in force."""
    sites: dict[int, list[Patient]] = defaultdict(list)
    for patient in patients:
        sites[patient.site_id].append(patient)
    for mine in sites.values():
        yield on or now.astimezone(ZoneInfo(mine[0].site.time_zone)).date(), mine


def _judged(
    patients: Sequence["Patient"], treatment: tuple[str, str, str], now: datetime, day: date
) -> Iterator[tuple["Patient", Judged]]:
    """What people entered here besides the chart is read only of those who have any of it."""
    knowledge = knowledge_for(patients[0].site, now)
    facts = facts_for_many(patients, day)
    scores = scored_of_many(patients, instruments_in_rules(knowledge), day)
    with_history = _with_rows(patients, *_HISTORY)
    with_clearance = _with_rows(patients, ClearanceResult) | _with_waivers(patients)
    overrides = _overrides(patients, day)
    with_risk = safety.with_evidence(patients)
    for patient in patients:
        mine = scores.get(patient.pk, ())
        scored = score_facts(mine, knowledge, patient.sex) if mine else ()
        tried = _tried(patient, day, knowledge, mine, asked=patient.pk in with_history)
        kept = kept_for(patient, day) if patient.pk in with_clearance else Kept()
        screened = safety.facts_for(patient, day) if patient.pk in with_risk else ()
        risk = safety.hold_findings(patient, knowledge) if patient.pk in with_risk else ()
        wanted, charted = scope(*treatment, patient), (*facts[patient.pk], *scored, *tried, *screened)
        in_force = overrides.get(patient.pk, {})
        yield (
            patient,
            judge_facts(charted, knowledge, wanted, day, kept=kept, in_force=in_force, risk=risk),
        )


def _tried(
    patient: "Patient", day: date, knowledge: KnowledgeSet, scores: Sequence[Score], *, asked: bool
) -> tuple[Fact, ...]:
    """Of those about whom nothing was asked only what was measured counts."""
    if asked:
        return history_facts_for(patient, day, knowledge, scores)
    if not scores:
        return ()
    return history_facts(with_scores(TreatmentHistory((), Illness(day)), scores, knowledge), knowledge)


def _with_rows(patients: Sequence["Patient"], *models: Any) -> set[int]:
    return {
        patient_id
        for model in models
        for patient_id in model.objects.filter(patient__in=patients).values_list("patient_id", flat=True)
    }


def _with_waivers(patients: Sequence["Patient"]) -> set[int]:
    rows = ClearanceWaiver.objects.filter(episode__patient__in=patients)
    return set(rows.values_list("episode__patient_id", flat=True))


def _overrides(patients: Sequence["Patient"], on: date) -> Mapping[int, Mapping[str, Override]]:
    """As `judging.overrides_in_force`, by patient."""
    found: dict[int, dict[str, Override]] = defaultdict(dict)
    rows = Override.objects.filter(
        episode__patient__in=patients,
        episode__ended_on__isnull=True,
        ended_at__isnull=True,
        expires_on__gte=on,
    )
    for row in rows.select_related("recorded_by", "episode").order_by("id"):
        found[row.episode.patient_id][row.rule_id] = row
    return found
