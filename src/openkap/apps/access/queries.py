"""Who is who, who may what where, and whether a sign-in still lives."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from openkap.adapters.postgres.prepared import Given, Prepared
from openkap.apps.access.models import Membership, RolesBySite, SignIn, User
from openkap.apps.access.roles import ROLES, Permission, Role
from openkap.apps.sites.queries import sites_with_ids
from openkap.errors import NotFound

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

SIGN_IN_KEY = "openkap_sign_in"  # where the session holds the public id of its SignIn


def roles_of(user: User) -> RolesBySite:
    """Current roles by site id. An account that is closed has none."""
    if user.remembered_roles is not None:
        return user.remembered_roles
    return _by_site(_held(user))


def remember_roles(user: User) -> None:
    """Ask for the roles and their sites once; for one request only, as the answer is not asked again."""
    held = _HELD_WITH_SITES.all(user=user.pk)
    user.remembered_roles = _by_site(held)
    user.remembered_sites = tuple({member.site_id: member.site for member in held}.values())
    user.remembered_self = None


def own_sites(user: User) -> "Sequence[Site]":
    """The sites where the user holds a role, by name."""
    if user.remembered_sites is not None:
        return user.remembered_sites
    return list(sites_with_ids(roles_of(user)))


def _held(user: "User | Given") -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, user__is_active=True, ended_at__isnull=True)


_HELD_WITH_SITES = Prepared(
    lambda: _held(Given("user")).select_related("site").order_by("site__name", "site_id")
)


def _by_site(held: Iterable[Membership]) -> RolesBySite:
    found: dict[int, set[Role]] = {}
    for membership in held:
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


def is_staff(user: User) -> bool:
    """Whether the user has a role other than being a patient."""
    return any(roles - {Role.PATIENT} for roles in roles_of(user).values())


def is_patient(user: User) -> bool:
    """Whether the user is a patient and nothing else: an account of the portal."""
    roles = roles_of(user).values()
    return any(Role.PATIENT in held for held in roles) and not is_staff(user)


def user_named(user_id: UUID) -> User:
    """The user with this public id. Raises `NotFound`."""
    found = User.objects.filter(public_id=user_id).first()
    if found is None:
        raise NotFound("There is no such person.")
    return found


def anyone_can_sign_in() -> bool:
    """Whether the installation has an account yet."""
    return User.objects.exists()


def users_named(user_ids: set[UUID]) -> dict[UUID, User]:
    """Users by public id, as far as they exist; for showing who did what."""
    return {user.public_id: user for user in User.objects.filter(public_id__in=user_ids)}


def user_by_email(email: str) -> User | None:
    """The user who signs in with this address, if any."""
    return User.objects.filter(email=email.strip().lower()).first()


def staff_at(site_ids: frozenset[int]) -> QuerySet[User]:
    """Users who have, or had, a role other than patient at one of these sites, by name."""
    members = Membership.objects.filter(site__in=site_ids).exclude(role=Role.PATIENT.value)
    return User.objects.filter(pk__in=members.values("user")).order_by("full_name", "id")


def memberships_at(site_id: int, *roles: Role) -> QuerySet[Membership]:
    """Who now holds one of `roles` at the site, active people only; by name, then role."""
    return (
        Membership.objects.filter(site=site_id, role__in=roles, ended_at__isnull=True, user__is_active=True)
        .select_related("user")
        .order_by("user__full_name", "user_id", "role")
    )


def memberships_of(user: User) -> QuerySet[Membership]:
    """Current and ended memberships, current first."""
    return (
        Membership.objects.filter(user=user).select_related("site").order_by("-ended_at", "site__name", "role")
    )


def sign_ins_of(user: User, now: datetime) -> QuerySet[SignIn]:
    """Where the user is signed in now, latest first."""
    return _living(user, **_oldest(now))


def _oldest(now: datetime) -> dict[str, datetime]:
    """Before when a sign-in of staff and one of a patient has run its full time."""
    return {
        "oldest": now - timedelta(hours=settings.OPENKAP_SIGN_IN_HOURS),
        "oldest_of_portal": now - timedelta(days=settings.OPENKAP_PORTAL_DAYS),
    }


def _living(
    user: User | Given, oldest: datetime | Given, oldest_of_portal: datetime | Given
) -> QuerySet[SignIn]:
    lives = Q(for_portal=False, began_at__gt=oldest) | Q(for_portal=True, began_at__gt=oldest_of_portal)
    return SignIn.objects.filter(lives, user=user, ended_at__isnull=True).order_by("-began_at")


_LIVING_ONE = Prepared(
    lambda: _living(Given("user"), Given("oldest"), Given("oldest_of_portal")).filter(
        public_id=Given("public_id")
    )
)


def living_sign_in(public_id: object, user: User, now: datetime) -> SignIn | None:
    """The sign-in the session names, unless it was ended or has run its full time."""
    if not isinstance(public_id, str):
        return None
    return _LIVING_ONE.first(user=user.pk, public_id=UUID(public_id), **_oldest(now))


def is_locked(sign_in: SignIn, now: datetime) -> bool:
    """Whether nobody has worked for the idle time, so that entry asks who is there."""
    return now - sign_in.last_active_at > idle_time(sign_in)


def idle_time(sign_in: SignIn) -> timedelta:
    """How long nobody may work before entry is locked: shorter on shared workstations than on a telephone."""
    portal = sign_in.for_portal
    return timedelta(minutes=settings.OPENKAP_PORTAL_IDLE_MINUTES if portal else settings.OPENKAP_IDLE_MINUTES)


def session_alive(session_key: str | None, *, permission: Permission | None = None) -> bool:
    """Whether the session is still signed in, and its user still holds `permission` somewhere.

    For streams: they ask at least every 5 seconds, and asking extends nothing. Idle time does not end a stream.
    """
    if not session_key:
        return False
    data = SessionStore(session_key=session_key).load()
    user = User.objects.filter(pk=data.get("_auth_user_id") or 0, is_active=True).first()
    if user is None or not constant_time_compare(
        str(data.get("_auth_user_hash", "")), user.get_session_auth_hash()
    ):
        return False
    if living_sign_in(data.get(SIGN_IN_KEY), user, timezone.now()) is None:
        return False
    return permission is None or may_anywhere(user, permission)


async def asession_alive(session_key: str | None, *, permission: Permission | None = None) -> bool:
    """`session_alive` for asynchronous streams."""
    return await sync_to_async(session_alive)(session_key, permission=permission)


def own_sign_in(user: User, sign_in_id: UUID) -> SignIn:
    """One of the user's own sign-ins. Raises `NotFound`."""
    found = SignIn.objects.filter(user=user, public_id=sign_in_id).first()
    if found is None:
        raise NotFound(_("There is no such sign-in of yours."))
    return found


def current_roles(user: User) -> list[Membership]:
    """What the user is now, by site."""
    return [member for member in memberships_of(user) if member.ended_at is None]


def staff_to_manage(site_ids: frozenset[int]) -> QuerySet[User]:
    """Staff of these sites, and accounts that have no role anywhere yet, by name."""
    rowless = ~Q(pk__in=Membership.objects.values("user"))
    return User.objects.filter(Q(pk__in=staff_at(site_ids).values("pk")) | rowless).order_by("full_name", "id")


def manageable(site_ids: frozenset[int], user_id: UUID) -> User:
    """One of `staff_to_manage`. Raises `NotFound`."""
    found = staff_to_manage(site_ids).filter(public_id=user_id).first()
    if found is None:
        raise NotFound(_("There is no such person at your sites."))
    return found


def membership(user: User, membership_id: int) -> Membership:
    """One membership of the user. Raises `NotFound`."""
    found = memberships_of(user).filter(pk=membership_id).first()
    if found is None:
        raise NotFound(_("There is no such role of this person."))
    return found


def ids_of_people_called(text: str) -> list[UUID]:
    """Public ids of users whose name holds `text`, or whose e-mail it is."""
    named = Q(full_name__icontains=text.strip()) | Q(email__iexact=text.strip())
    return list(User.objects.filter(named).values_list("public_id", flat=True))
