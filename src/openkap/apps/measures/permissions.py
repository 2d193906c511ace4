"""Who may enter answers. The system (set-up, import) may."""

from openkap.apps.access.roles import Permission
from openkap.apps.audit.operations import Actor
from openkap.apps.people.models import Patient
from openkap.apps.people.permissions import check_on_patient


def check_may_enter(by: Actor, patient: Patient) -> None:
    """Whether `by` may enter answers of this patient. Raises `Refused` with the reason."""
    check_on_patient(by, patient, Permission.MEASURE_ENTER)
