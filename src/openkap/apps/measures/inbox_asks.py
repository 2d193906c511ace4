"""Questionnaires that were not answered in time and that nobody has looked at: they are not silently lost."""

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.apps.inbox.items import InboxItem, InboxKind, Urgency
from openkap.apps.inbox.queries import unseen
from openkap.apps.measures.models import Ask, AskState, Response
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.instrument import Instrument

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from openkap.apps.people.models import Patient


def expired_items(patients: "QuerySet[Patient]", _now: datetime) -> list[InboxItem]:
    """The newest of each questionnaire that ran out and was not answered since."""
    since = Response.objects.filter(
        patient=OuterRef("patient"),
        instrument_id=OuterRef("instrument_id"),
        superseded_by__isnull=True,
        administered_at__gte=OuterRef("opens_at"),
    )
    newest = Ask.objects.filter(patient__in=patients, state=AskState.EXPIRED).order_by(
        "patient_id", "instrument_id", "-closed_at"
    )
    rows = Ask.objects.filter(pk__in=newest.distinct("patient_id", "instrument_id").values("pk"))
    waiting = unseen(rows.filter(~Exists(since)), InboxKind.EXPIRED, came="closed_at")
    waiting = waiting.select_related("patient", "site")
    return [_item(row) for row in waiting]


def _item(row: Ask) -> InboxItem:
    assert row.closed_at is not None  # noqa: S101  what ran out is closed
    day = date_format(row.opens_at.astimezone(ZoneInfo(row.site.time_zone)), "MONTH_DAY_FORMAT")
    return InboxItem(
        kind=InboxKind.EXPIRED,
        about=row.public_id,
        patient_id=row.patient_id,
        at=row.closed_at,
        urgency=Urgency.NEW,
        status="over",
        words=_("%(form)s was not answered in time") % {"form": _name(row.instrument_id)},
        detail=_said(day, row.reminded),
        path=reverse("measures:schedule", args=[row.patient.public_id]),
    )


def _said(day: str, reminded: int) -> str:
    if not reminded:
        return _("asked on %(day)s") % {"day": day}
    said = ngettext("asked on %(day)s, reminded once", "asked on %(day)s, reminded %(n)d times", reminded)
    return said % {"day": day, "n": reminded}


def _name(instrument_id: str) -> str:
    known = read_kind("instruments", Instrument).get(instrument_id)
    return known.abbreviation if known else instrument_id
