"""Who may start plans, move visits and say what became of them."""

from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.errors import Refused


def check_may_plan(by: User, patient: Patient) -> None:
    """Start or stop a plan. Raises `Refused`."""
    _check(
        by, patient, Permission.PLAN_WRITE, _("Your role does not include planning this patient's treatment.")
    )


def check_may_schedule(by: User, patient: Patient) -> None:
    """Move, cancel or close a visit. Raises `Refused`."""
    _check(by, patient, Permission.SCHEDULE_WRITE, _("Your role does not include this patient's schedule."))


def _check(by: User, patient: Patient, permission: Permission, reason: str) -> None:
    if not people.patients_for(by, permission).filter(pk=patient.pk).exists():
        raise Refused(reason)
