"""What waits for the patient: the questionnaires they are asked for."""

from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.measures.fillings import asked_of
from openkap.apps.measures.words import ASKS
from openkap.apps.portal.items import PortalItem

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def portal_items(patient: "Patient", now: datetime) -> list[PortalItem]:
    """One entry for each questionnaire, with how long it takes."""
    zone = ZoneInfo(patient.site.time_zone)
    return [
        PortalItem(
            title=str(ASKS[asked.instrument.domain]),
            why=_("It shows you and your care team how you are doing, and what should change."),
            url=reverse("measures:own-start", args=[asked.instrument.id]),
            minutes=ceil(asked.instrument.minutes),
            due=asked.due_at.astimezone(zone).date(),
            icon="list-check",
            section="questions",
            action=_("Go on") if asked.begun else "",
        )
        for asked in asked_of(patient, now)
    ]
