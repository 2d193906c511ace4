"""Who may change staff and roles. 'May this user' raises `Refused`; 'in this state' is in operations."""

from django.utils.translation import gettext as _

from openkap.apps.access import queries
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission, Role
from openkap.apps.audit.operations import Actor
from openkap.errors import NotAllowedNow, Refused


def check_manages_staff(by: Actor, *, site_id: int | None = None) -> None:
    """Whether `by` may manage staff, at `site_id` or anywhere. The system (set-up, command line) may."""
    if not isinstance(by, User):
        return
    sites = queries.sites_where(by, Permission.STAFF_MANAGE)
    if not sites or (site_id is not None and site_id not in sites):
        raise Refused(_("Only an administrator of the site may do this."))


def check_not_oneself(by: Actor, user: User) -> None:
    """Nobody widens their own rights: a second administrator, or the command line, does it."""
    if isinstance(by, User) and by.pk == user.pk:
        raise Refused(_("You cannot change your own roles or account; ask another administrator."))


def check_kept_apart(user: User, role: Role) -> None:
    """Nobody is staff and patient in one account: who works here and is treated here has two."""
    held = {one for roles in queries.roles_of(user).values() for one in roles}
    if (role is Role.PATIENT and held - {Role.PATIENT}) or (role is not Role.PATIENT and Role.PATIENT in held):
        raise NotAllowedNow(_("An account is either of staff or of a patient. Make a second one."))


def check_may_invite(by: Actor, site_id: int) -> None:
    """Whether `by` may open and close patients' own ways in at the site; the caller knows the patient."""
    if isinstance(by, User) and site_id not in queries.sites_where(by, Permission.PATIENT_INVITE):
        raise Refused(_("Your role does not include inviting patients at this site."))


def check_manages_everywhere(by: Actor, user: User) -> None:
    """Whether `by` administers every site where `user` has a role: the account is shared by them all."""
    check_manages_staff(by)
    if not isinstance(by, User):
        return
    if set(queries.roles_of(user)) - queries.sites_where(by, Permission.STAFF_MANAGE):
        raise Refused(
            _("This person also has a role at a site you do not administer. End the roles at yours instead.")
        )
