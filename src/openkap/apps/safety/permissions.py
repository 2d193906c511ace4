"""Who may say what of a patient's suicide risk, and who may change the rota. The system may."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit.operations import Actor
from openkap.apps.people.permissions import check_on_patient
from openkap.apps.people.queries import patients_for
from openkap.errors import NotAllowedNow, Refused

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def check_may_assess(by: Actor, patient: "Patient") -> None:
    """Whether `by` may enter a result and write the safety plan with this patient. Raises `Refused`."""
    check_on_patient(by, patient, Permission.RISK_ASSESS)


def check_may_decide(by: Actor, patient: "Patient") -> None:
    """Whether `by` may take the psychiatrist's decision for this patient. Raises `Refused`."""
    check_on_patient(by, patient, Permission.RISK_DECIDE)


def may_decide(by: User, patient: "Patient") -> bool:
    """Whether it is for `by` to take the psychiatrist's decision for this patient."""
    return patients_for(by, Permission.RISK_DECIDE).filter(pk=patient.pk).exists()


def check_may_change_rota(by: Actor, site_id: int) -> None:
    """Whether `by` may say who is on duty at the site. Raises `Refused`."""
    if isinstance(by, User) and site_id not in access.sites_where(by, Permission.ROTA_WRITE):
        raise Refused(_("Your role does not include the rota of this site."))


def check_may_set_timing(by: Actor, site_id: int) -> None:
    """Whether `by` may change how long the pathway's steps may take at the site. Raises `Refused`."""
    if isinstance(by, User) and site_id not in access.sites_where(by, Permission.KNOWLEDGE_SIGN):
        raise Refused(_("Only the medical director of the site changes this."))


def check_alive(patient: "Patient") -> None:
    """State: nothing is assessed of who has died."""
    if patient.is_deceased:
        raise NotAllowedNow(_("The record says that this person has died."))
