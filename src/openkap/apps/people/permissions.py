"""Who may register patients and change who cares for them. The system (command line, set-up) may."""

from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit.operations import Actor
from openkap.apps.people import queries
from openkap.apps.people.models import Patient
from openkap.errors import Refused


def check_may_register(by: Actor, site_id: int) -> None:
    """Whether `by` may add patients to the site."""
    if isinstance(by, User) and site_id not in access.sites_where(by, Permission.PATIENT_REGISTER):
        raise Refused(_("Your role does not include registering patients at this site."))


def check_on_patient(by: Actor, patient: Patient, permission: Permission) -> None:
    """Whether `by` holds `permission` on this patient: by role and by care team."""
    if isinstance(by, User) and not queries.patients_for(by, permission).filter(pk=patient.pk).exists():
        raise Refused(_("Your role does not include this for this patient."))
