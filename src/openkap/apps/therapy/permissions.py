"""Who may write notes, and who may open a process note: its author, nobody else."""

from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.people.models import Patient
from openkap.apps.people.permissions import check_on_patient
from openkap.apps.therapy.models import ProcessNote
from openkap.errors import Refused


def check_may_write(by: User, patient: Patient) -> None:
    """Write a therapy note on this patient. Raises `Refused`."""
    check_on_patient(by, patient, Permission.THERAPY_WRITE)


def check_is_author(by: User, note: ProcessNote) -> None:
    """No role opens another's process note. Raises `Refused`."""
    if note.author_id != by.pk:
        raise Refused(_("Only its author can open a process note."))
    check_on_patient(by, note.patient, Permission.THERAPY_WRITE)
