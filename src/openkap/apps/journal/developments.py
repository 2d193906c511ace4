"""What a patient shares from their journal since a day: how much, never its words."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import ngettext

from openkap.apps.inbox.developments import Development, Topic
from openkap.apps.journal.models import Entry, Standing

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def developments(patient: "Patient", since: datetime, until: datetime) -> list[Development]:
    """One line for all entries that the patient shared since and shares still."""
    latest = Standing.objects.filter(entry=OuterRef("pk")).order_by("-id")
    entries = Entry.objects.annotate(
        who=Subquery(latest.values("who")[:1]), at=Subquery(latest.values("since")[:1])
    ).filter(patient=patient, who=Standing.Who.SHARED.value, at__gt=since, at__lte=until)
    shared = sorted(entries.values_list("at", flat=True))
    if not shared:
        return []
    words = ngettext("%(n)s entry shared", "%(n)s entries shared", len(shared)) % {"n": len(shared)}
    path = reverse("journal:staff", args=[patient.public_id])
    return [Development(Topic.JOURNAL, shared[-1], "info", words, path=path)]
