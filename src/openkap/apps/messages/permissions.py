"""Who may say how a patient is reached, and how a site writes."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit.operations import Actor
from openkap.apps.people import queries as people
from openkap.errors import Refused

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def check_may_choose(by: Actor, patient: "Patient") -> None:
    """Whether `by` may say how the patient is reached: the patient, or staff who register patients."""
    if not isinstance(by, User) or patient.user_id == by.pk:
        return
    if not people.patients_for(by, Permission.PATIENT_REGISTER).filter(pk=patient.pk).exists():
        raise Refused(_("Your role does not include this for this patient."))


def check_may_call_staff(by: Actor, site_id: int, user: User) -> None:
    """Whether `by` may say how this member of the site's staff is reached: who keeps its rota, and oneself."""
    if site_id not in access.roles_of(user):
        raise Refused(_("This person does not work at this site."))
    if isinstance(by, User) and by != user and site_id not in access.sites_where(by, Permission.ROTA_WRITE):
        raise Refused(_("Your role does not include the rota of this site."))


def check_may_change_site(by: Actor, site_id: int) -> None:
    """Whether `by` may say how the site writes to people and where they find help."""
    if isinstance(by, User) and site_id not in access.sites_where(by, Permission.PORTAL_MANAGE):
        raise Refused(_("Your role does not include this at this site."))
