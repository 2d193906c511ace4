"""What was given since a day."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.dosing.queries import doses_of
from openkap.apps.inbox.developments import Development, Topic

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def developments(patient: "Patient", since: datetime, until: datetime) -> list[Development]:
    """Each dose that began since, and whether it was cut short."""
    return [
        Development(
            Topic.DOSE,
            dose.at,
            "warn" if dose.stopped else "info",
            _("Dose %(number)s, %(amount)s mg") % {"number": dose.number, "amount": f"{dose.given_mg:.3g}"},
            _("stopped early") if dose.stopped else "",
            reverse("dosing:report", args=[dose.session_id]),
        )
        for dose in doses_of(patient, until)
        if dose.at > since
    ]
