"""What waits for the patient in their portal: a text to read and sign."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.consent import queries
from openkap.apps.consent.states import may
from openkap.apps.portal.items import PortalItem

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

MINUTES = 25  # a convention, until measured: some 20 short sections


def portal_items(patient: "Patient", now: datetime) -> list[PortalItem]:  # noqa: ARG001  every provider's shape
    """Texts that were sent to the portal and are not signed."""
    waiting = [c for c in queries.consents_of(patient)[:5] if c.is_portal and may(c.state, "read")]
    return [
        PortalItem(
            title=_("Read and decide about your treatment"),
            why=_("In short sections. Ask whatever you want to know; you can also say no."),
            url=reverse("consent:own-read", args=[consent.public_id]),
            minutes=MINUTES,
            icon="signature",
            section="questions",
            action=_("Go on") if consent.state == "reading" else _("Start reading"),
        )
        for consent in waiting
    ]
