"""Weeks with something that staff look at, and that nobody has looked at."""

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

    from openkap.apps.people.models import Patient


def inbox_items(patients: "QuerySet[Patient]", _now: datetime) -> list[InboxItem]:
    """One item for each such week."""
    rows = unseen(responses_among(patients, reading().instrument), InboxKind.LIFESTYLE)
    found = []
    for response in rows:
        looks = week_of(response).looks
        if looks:
            found.append(
                InboxItem(
                    kind=InboxKind.LIFESTYLE,
                    about=response.public_id,
                    patient_id=response.patient_id,
                    at=response.administered_at,
                    urgency=Urgency.CHANGED,
                    status="warn",
                    words=", ".join(f"{told.short}: {told.label}" for told in looks),
                    detail=_("Ask about it before the next dose."),
                    path=reverse("web:lifestyle", args=[response.patient.public_id]),
                )
            )
    return found
