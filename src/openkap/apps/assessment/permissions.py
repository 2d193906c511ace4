"""Who may set an indication and decide. 'In this state' is told apart from 'this user'."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission, Role
from openkap.apps.assessment.models import Episode
from openkap.apps.audit.operations import Actor
from openkap.apps.people import queries as people
from openkap.apps.people.permissions import check_on_patient
from openkap.core.assessment.findings import Finding
from openkap.errors import NotAllowedNow, Refused

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def check_may_assess(by: Actor, patient: "Patient") -> None:
    """Whether `by` may set the indication and decide for this patient."""
    check_on_patient(by, patient, Permission.ASSESS)


def check_may_enter_history(by: Actor, patient: "Patient") -> None:
    """Whether `by` may enter treatments tried and answers to screens."""
    check_on_patient(by, patient, Permission.CHART_WRITE)


def overriding_role(by: User, patient: "Patient", finding: Finding) -> Role:
    """The role in which `by` may set this finding aside. Raises `Refused`, also when nobody may."""
    if not finding.overridable:
        raise Refused(_("Nobody may set this finding aside."))
    allowed = roles_held(by, patient, [Role(name) for name in finding.override_roles])
    if not allowed:
        raise Refused(_("Your role may not set this finding aside."))
    return allowed[0]


def role_among(by: User, patient: "Patient", roles: Iterable[Role]) -> Role:
    """The role, among these, in which `by` acts. Raises `Refused` when they hold none of them."""
    allowed = roles_held(by, patient, roles)
    if not allowed:
        raise Refused(_("Your role does not include this for this patient."))
    return allowed[0]


def roles_held(by: User, patient: "Patient", roles: Iterable[Role]) -> list[Role]:
    """Which of these roles `by` holds where the patient is treated."""
    held = access.roles_of(by).get(patient.site_id, frozenset())
    wanted = set(roles)
    return [role for role in Role if role in wanted and role in held]


def check_not_ended(episode: Episode) -> None:
    """State: an episode that has ended stays as it is."""
    if episode.ended_on is not None:
        raise NotAllowedNow(_("This episode has ended."))


def check_alive(patient: "Patient") -> None:
    """State: nobody who has died is treated."""
    if patient.is_deceased:
        raise NotAllowedNow(_("The record says that this person has died."))


def check_may_note_wishes(by: Actor, patient: "Patient") -> None:
    """Whether `by` may note what the patient says: the patient, or staff who enter what patients say."""
    if isinstance(by, User) and patient.user_id == by.pk:
        check_on_patient(by, patient, Permission.OWN_RECORD)
        return
    check_on_patient(by, patient, Permission.MEASURE_ENTER)


def check_may_choose_method(by: User, patient: "Patient") -> None:
    """Whether `by` may decide on the therapy method: a therapist or a prescriber of this patient."""
    if not any(
        people.patients_for(by, permission).filter(pk=patient.pk).exists()
        for permission in (Permission.THERAPY_WRITE, Permission.ASSESS)
    ):
        raise Refused(_("A therapist or a prescriber decides on the method."))


def check_may_price(by: Actor, site_id: int) -> None:
    """Whether `by` may say what treatment costs at the site."""
    if isinstance(by, User) and site_id not in access.sites_where(by, Permission.PRICE_WRITE):
        raise Refused(_("Your role does not include prices at this site."))
