"""Who is who, and who may what where."""

from openkap.apps.access.models import Membership, User
from openkap.apps.access.roles import ROLES, Permission, Role


def roles_of(user: User) -> dict[int, frozenset[Role]]:
    """Current roles by site id."""
    found: dict[int, set[Role]] = {}
    for membership in Membership.objects.filter(user=user, ended_at__isnull=True):
        found.setdefault(membership.site_id, set()).add(membership.as_role())
    return {site: frozenset(roles) for site, roles in found.items()}


def sites_where(user: User, permission: Permission) -> frozenset[int]:
    """Ids of the sites where the user holds a role that grants `permission`."""
    return frozenset(
        site for site, roles in roles_of(user).items() if any(permission in ROLES[role] for role in roles)
    )


def may_anywhere(user: User, permission: Permission) -> bool:
    """Whether any current role of the user grants `permission`."""
    return bool(sites_where(user, permission))
