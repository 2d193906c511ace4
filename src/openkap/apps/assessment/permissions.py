"""Who may set an indication and decide. 'In this state' is told apart from 'this user'."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission, Role
from openkap.apps.assessment.models import Episode
from openkap.apps.audit.operations import Actor
from openkap.apps.people.permissions import check_on_patient
from openkap.core.assessment.findings import Finding
from openkap.errors import NotAllowedNow, Refused

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def check_may_assess(by: Actor, patient: "Patient") -> None:
    """Whether `by` may set the indication and decide for this patient."""
    check_on_patient(by, patient, Permission.ASSESS)


def overriding_role(by: User, patient: "Patient", finding: Finding) -> Role:
    """The role in which `by` may set this finding aside. Raises `Refused`, also when nobody may."""
    if not finding.overridable:
        raise Refused(_("Nobody may set this finding aside."))
    held = access.roles_of(by).get(patient.site_id, frozenset())
    allowed = [role for role in Role if role.value in finding.override_roles and role in held]
    if not allowed:
        raise Refused(_("Your role may not set this finding aside."))
    return allowed[0]


def check_not_ended(episode: Episode) -> None:
    """State: an episode that has ended stays as it is."""
    if episode.ended_on is not None:
        raise NotAllowedNow(_("This episode has ended."))


def check_alive(patient: "Patient") -> None:
    """State: nobody who has died is treated."""
    if patient.is_deceased:
        raise NotAllowedNow(_("The record says that this person has died."))
