"""Who may read and write a chart. The system (command line, set-up) may."""

from typing import TYPE_CHECKING

from openkap.apps.access.roles import Permission
from openkap.apps.audit.operations import Actor
from openkap.apps.people.permissions import check_on_patient

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def check_may_write(by: Actor, patient: "Patient") -> None:
    """Whether `by` may add facts to this chart."""
    check_on_patient(by, patient, Permission.CHART_WRITE)
