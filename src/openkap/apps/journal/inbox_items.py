"""Journal entries that patients share, with the team or their therapist, and that nobody has looked at."""

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
    return [
        _item(entry, InboxKind.JOURNAL, _("Shared from the journal: %(kind)s"))
        for entry in _unseen(patients, Standing.Who.SHARED, InboxKind.JOURNAL)
    ]


def items_for_therapist(patients: "QuerySet[Patient]", _now: datetime) -> list[InboxItem]:
    """The same of entries for the therapist alone; handed only the patients whose therapist is looking."""
    kinds = (InboxKind.JOURNAL_ALONE, InboxKind.JOURNAL)  # who looked while the team could read has looked
    return [
        _item(entry, InboxKind.JOURNAL_ALONE, _("For you alone, from the journal: %(kind)s"))
        for entry in _unseen(patients, Standing.Who.THERAPIST, *kinds)
    ]


def _unseen(patients: "QuerySet[Patient]", who: Standing.Who, *kinds: InboxKind) -> "QuerySet[Entry]":
    latest = Standing.objects.filter(entry=OuterRef("pk")).order_by("-id")
    whose = Entry.objects.annotate(
        who=Subquery(latest.values("who")[:1]), since=Subquery(latest.values("since")[:1])
    ).filter(patient__in=patients, who=who.value)
    rows = unseen(whose, *kinds, came="since").select_related("patient")
    return rows.only("public_id", "kind", "written_at", "patient__public_id")


def _item(entry: Entry, kind: InboxKind, words: str) -> InboxItem:
    return InboxItem(
        kind=kind,
        about=entry.public_id,
        patient_id=entry.patient_id,
        at=entry.written_at,
        urgency=Urgency.NEW,
        status="info",
        words=words % {"kind": entry.get_kind_display()},
        path=reverse("journal:staff", args=[entry.patient.public_id]),
    )
