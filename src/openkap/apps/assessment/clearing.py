"""The state of a patient's medical clearance, from what the chart and clinicians say."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.assessment.models import ClearanceDecision, ClearanceResult, ClearanceWaiver
from openkap.apps.chart import queries as chart
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.core.assessment import Fact, Scope
from openkap.core.assessment.clearance import (
    Decision,
    ItemState,
    Kept,
    Reading,
    Result,
    Waiver,
    clearance,
)
from openkap.knowledge import KnowledgeSet

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def clearance_of(patient: "Patient", wanted: Scope, now: datetime) -> tuple[ItemState, ...]:
    """Every item today, by the knowledge in force at the site now."""
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    knowledge = knowledge_for(patient.site, now)
    return states_on(patient, chart.facts_for(patient, today), knowledge, wanted, today)


def states_on(
    patient: "Patient", facts: Sequence[Fact], knowledge: KnowledgeSet, wanted: Scope, on: date
) -> tuple[ItemState, ...]:
    """Every item on a local date, given the facts of the chart."""
    return clearance(facts, kept_for(patient, on), knowledge, wanted, on)


def kept_for(patient: "Patient", on: date) -> Kept:
    """What was read and waived, as far as it holds on a local date."""
    waivers = waivers_in_force(patient, on)
    return Kept(
        results=tuple(_result(row) for row in results_of(patient)),
        waivers=tuple(Waiver(w.item_id, w.item_version, w.expires_on, str(w.public_id)) for w in waivers),
    )


@once_a_page
def results_of(patient: "Patient") -> QuerySet[ClearanceResult]:
    """Results as they stand, newest first."""
    rows = ClearanceResult.objects.filter(patient=patient, superseded_by__isnull=True, is_withdrawn=False)
    return (
        rows.select_related("recorded_by")
        .prefetch_related("decisions__recorded_by")
        .order_by("-done_on", "-id")
    )


@once_a_page
def waivers_in_force(patient: "Patient", on: date) -> QuerySet[ClearanceWaiver]:
    """The waivers of the current episode that have not expired or been taken back."""
    rows = ClearanceWaiver.objects.filter(
        episode__patient=patient, episode__ended_on__isnull=True, ended_at__isnull=True, expires_on__gte=on
    )
    return rows.select_related("recorded_by").order_by("id")


def latest_decision_on(result: ClearanceResult) -> ClearanceDecision | None:
    """What was last decided on an abnormal result."""
    return max(result.decisions.all(), key=lambda row: row.pk, default=None)


def _result(row: ClearanceResult) -> Result:
    decided = latest_decision_on(row)
    return Result(
        item=row.item_id,
        done_on=row.done_on,
        reading=Reading(row.reading),
        decision=Decision(decided.decision) if decided else None,
        ref=str(row.public_id),
    )


def lacking(states: Iterable[ItemState]) -> list[ItemState]:
    """The items that do not count."""
    return [one for one in states if not one.counts]
