"""Reading the trail. Who may is asked by the callers: permissions live above this app."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from openkap.apps.audit.models import Row
from openkap.apps.audit.verifying import Fault, Verification, verify

__all__ = ["Fault", "RowFilter", "Verification", "rows", "rows_about_patient", "verify"]


@dataclass(frozen=True)
class RowFilter:
    """What an audit search asks for; None or empty means any. Days are those of `zone`, both included."""

    actor_ids: Collection[UUID] | None = None
    patient_ids: Collection[UUID] | None = None
    actions: Collection[str] = ()
    first_day: date | None = None
    last_day: date | None = None
    zone: str = "UTC"


def count_about_patient(patient_id: UUID) -> int:
    """How many rows there are about the patient: it grows with everything written, or read, about them.

    Unlike the newest id it changes with each transaction that ends, in whatever order they do.
    """
    return Row.objects.filter(patient_id=patient_id).count()


def rows_about_patient(patient_id: UUID) -> QuerySet[Row]:
    """Everything seen or changed of one patient, newest first."""
    return Row.objects.filter(patient_id=patient_id).order_by("-id")


def rows(wanted: RowFilter, *, site_ids: Collection[int]) -> QuerySet[Row]:
    """Rows of these sites and rows of no site, as far as `wanted` asks for them, newest first."""
    found = Row.objects.filter(Q(site_id__in=site_ids) | Q(site_id__isnull=True))
    if wanted.actor_ids is not None:
        found = found.filter(actor_id__in=wanted.actor_ids)
    if wanted.patient_ids is not None:
        found = found.filter(patient_id__in=wanted.patient_ids)
    if wanted.actions:
        found = found.filter(action__in=wanted.actions)
    if wanted.first_day:
        found = found.filter(occurred_at__gte=_start(wanted.first_day, wanted.zone))
    if wanted.last_day:
        found = found.filter(occurred_at__lt=_start(wanted.last_day + timedelta(days=1), wanted.zone))
    return found.order_by("-id")


def _start(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone))
