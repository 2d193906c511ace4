"""Who may say that something was looked at."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.inbox.items import InboxItem
from openkap.apps.people.permissions import check_on_patient
from openkap.apps.people.queries import is_on_team_as
from openkap.errors import NotAllowedNow, Refused

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def check_may_mark(by: User, patient: "Patient", item: InboxItem) -> None:
    """Whether `by` may mark this item of the patient. Raises `Refused`, `NotAllowedNow`."""
    if item.row.marks is None:
        raise NotAllowedNow(_("This closes by what it asks for, not by having been looked at."))
    check_on_patient(by, patient, item.row.marks)
    if item.row.alone is not None and not is_on_team_as(by, patient, item.row.alone):
        raise Refused(_("This is for somebody else on the care team alone."))
