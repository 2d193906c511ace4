"""Who may bring a file of steps and sleep, and who may take one out."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.people.permissions import check_on_patient
from openkap.errors import Refused

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def check_may_bring(by: User, patient: "Patient") -> None:
    """The patient, or staff who may enter measures of them. Raises `Refused`."""
    if patient.user_id != by.pk:
        check_on_patient(by, patient, Permission.MEASURE_ENTER)


def check_own(by: User, patient: "Patient") -> None:
    """The patient alone. Raises `Refused`."""
    if patient.user_id != by.pk:
        raise Refused(_("Only the patient takes their own days out."))
