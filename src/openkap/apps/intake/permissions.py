"""Who may fill in an intake, and who takes it into the record."""

from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit.operations import Actor
from openkap.apps.intake.models import Intake
from openkap.apps.people.permissions import check_on_patient
from openkap.errors import Refused


def check_may_fill_in(by: Actor, intake: Intake) -> None:
    """Whether `by` may write in it: the patient, or staff who register patients."""
    if isinstance(by, User) and intake.patient.user_id == by.pk:
        return
    check_on_patient(by, intake.patient, Permission.PATIENT_REGISTER)


def check_may_review(by: User, intake: Intake) -> None:
    """Whether `by` may take it into the record: staff who register patients, never the patient."""
    if intake.patient.user_id == by.pk:
        raise Refused(_("Only staff take an intake into the record."))
    check_on_patient(by, intake.patient, Permission.PATIENT_REGISTER)
