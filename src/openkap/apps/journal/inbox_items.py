"""Journal entries that patients share and that nobody has looked at."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.inbox.items import InboxItem, InboxKind, Urgency
from openkap.apps.inbox.queries import unseen
from openkap.apps.journal.models import Entry, Standing

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from openkap.apps.people.models import Patient


def inbox_items(patients: "QuerySet[Patient]", _now: datetime) -> list[InboxItem]:
    """That an entry is there, and of which kind; never its words, which are opened on its own page."""
    latest = Standing.objects.filter(entry=OuterRef("pk")).order_by("-id")
    shared = Entry.objects.annotate(who=Subquery(latest.values("who")[:1])).filter(
        patient__in=patients, who=Standing.Who.SHARED.value
    )
    rows = (
        unseen(shared, InboxKind.JOURNAL)
        .select_related("patient")
        .only("public_id", "kind", "written_at", "patient__public_id")
    )
    return [
        InboxItem(
            kind=InboxKind.JOURNAL,
            about=entry.public_id,
            patient_id=entry.patient_id,
            at=entry.written_at,
            urgency=Urgency.NEW,
            status="info",
            words=_("Shared from the journal: %(kind)s") % {"kind": entry.get_kind_display()},
            path=reverse("journal:staff", args=[entry.patient.public_id]),
        )
        for entry in rows
    ]
