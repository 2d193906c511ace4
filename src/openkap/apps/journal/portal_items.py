"""What waits for the patient: practice that was not done today."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.journal import practising
from openkap.apps.portal.items import PortalItem

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def portal_items(patient: "Patient", now: datetime) -> list[PortalItem]:
    """Each practice, with on how many of the last seven days it was done."""
    return [
        PortalItem(
            title=habit.practice.title,
            why=_("%(n)d of 7 days this week") % {"n": habit.days},
            url=reverse("journal:practice", args=[habit.practice.public_id]),
            icon="wind",
            asks=False,
        )
        for habit in practising.habits_of(patient, now)
        if not habit.is_done_today
    ]
