"""The decision aid among what waits for a patient: until they have said what matters and it is decided."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.assessment import choosing, queries
from openkap.apps.portal.items import PortalItem

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

MINUTES = 10


def choosing_items(patient: "Patient", now: datetime) -> list[PortalItem]:  # noqa: ARG001 - a provider's form
    """One entry while a decision is ahead; it asks for something until the patient has marked what matters."""
    episode = queries.current_episode(patient)
    if episode is None or queries.latest_decision(episode) is not None:
        return []
    said = choosing.latest_preferences(patient)
    return [
        PortalItem(
            title=_("Choosing what to try next"),
            why=_("What helped whom, in numbers, and room for what matters to you."),
            url=reverse("web:portal-options"),
            minutes=MINUTES,
            icon="scale",
            action=_("Look at the options"),
            asks=said is None or not said.by_patient,
        )
    ]
