"""Giving and ending roles."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access import permissions
from openkap.apps.access.models import Membership, User
from openkap.apps.access.operations.accounts import add_user
from openkap.apps.access.operations.subjects import user_subject
from openkap.apps.access.roles import Role
from openkap.apps.audit import operations as audit
from openkap.apps.sites.models import Site
from openkap.errors import NotAllowedNow


@transaction.atomic
def grant_role(*, by: audit.Actor, now: datetime, user: User, site: Site, role: Role) -> Membership:
    """Let `user` be `role` at `site` from now. Raises `Refused`, `NotAllowedNow` when they are already."""
    permissions.check_manages_staff(by, site_id=site.pk)
    permissions.check_not_oneself(by, user)
    permissions.check_kept_apart(user, role)
    member, is_new = Membership.objects.get_or_create(
        user=user, site=site, role=role.value, ended_at=None, defaults={"began_at": now}
    )
    if not is_new:
        raise NotAllowedNow(_("They have this role at this site already."))
    _record(by, now, "access.grant-role", member)
    return member


@transaction.atomic
def add_member_of_staff(
    *, by: audit.Actor, now: datetime, email: str, full_name: str, credentials: str, site: Site, role: Role
) -> User:
    """Add an account with its first role: both or neither. Raises as `add_user` and `grant_role` do."""
    user = add_user(by=by, now=now, email=email, full_name=full_name, credentials=credentials)
    grant_role(by=by, now=now, user=user, site=site, role=role)
    return user


@transaction.atomic
def end_role(*, by: audit.Actor, now: datetime, membership: Membership) -> None:
    """End a role from now; pages and streams it opened close within seconds."""
    permissions.check_manages_staff(by, site_id=membership.site_id)
    permissions.check_not_oneself(by, membership.user)
    if not Membership.objects.filter(pk=membership.pk, ended_at__isnull=True).update(ended_at=now):
        raise NotAllowedNow(_("This role has ended already."))
    _record(by, now, "access.end-role", membership)


def _record(by: audit.Actor, now: datetime, action: str, member: Membership) -> None:
    audit.record(
        by=by,
        now=now,
        action=action,
        subject=user_subject(member.user, member.site_id),
        details={"role": member.role},
    )
