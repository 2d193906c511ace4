"""Weeks that patients told of and that nobody has looked at."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.inbox.items import InboxItem, InboxKind, Urgency
from openkap.apps.inbox.queries import unseen
from openkap.apps.lifestyle.queries import week_of
from openkap.apps.lifestyle.reading import reading
from openkap.apps.measures.queries import responses_among

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from openkap.apps.measures.models import Response
    from openkap.apps.people.models import Patient


def inbox_items(patients: "QuerySet[Patient]", _now: datetime) -> list[InboxItem]:
    """One item for each week; first those with something to ask about."""
    rows = responses_among(patients, reading().instrument)
    # a week may have been looked at as a questionnaire, before it was listed by itself
    return [_item(row) for row in unseen(rows, InboxKind.LIFESTYLE, InboxKind.RESULT, came="recorded_at")]


def _item(response: "Response") -> InboxItem:
    looks = week_of(response).looks
    return InboxItem(
        kind=InboxKind.LIFESTYLE,
        about=response.public_id,
        patient_id=response.patient_id,
        at=response.administered_at,
        urgency=Urgency.CHANGED if looks else Urgency.NEW,
        status="warn" if looks else "info",
        words=", ".join(f"{told.short}: {told.label}" for told in looks) or _("Nothing stands out"),
        detail=_("Ask about it before the next dose.") if looks else "",
        path=reverse("web:lifestyle", args=[response.patient.public_id]),
    )
