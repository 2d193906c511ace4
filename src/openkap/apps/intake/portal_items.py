"""What waits for the patient: the intake, until it is handed in."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.intake import queries
from openkap.apps.intake.models import IntakeState
from openkap.apps.portal.items import PortalItem

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

MINUTES = 12  # a convention, until measured: nine short screens


def portal_items(patient: "Patient", now: datetime) -> list[PortalItem]:  # noqa: ARG001  every provider's shape
    """The open intake, if there is one."""
    intake = queries.current_intake(patient)
    if intake is None or intake.state != IntakeState.OPEN:
        return []
    begun = any(queries.answers_of(intake).values())
    return [
        PortalItem(
            title=_("Tell us about yourself"),
            why=_(
                "So that your first talk can begin with you and not with forms. Stop when you like; it is kept."
            ),
            url=reverse("intake:start"),
            minutes=MINUTES,
            icon="clipboard-list",
            section="questions",
            action=_("Go on") if begun else "",
        )
    ]
