"""What whoever runs the server may do from its command line, as the system: begin, and help out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from openkap.apps.access import operations, queries
from openkap.apps.access.models import User
from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.audit.operations import SystemActor
from openkap.apps.sites.models import Site
from openkap.apps.sites.queries import all_sites
from openkap.errors import BadInput, NotAllowedNow, NotFound

BEGINNING = 2_718_404_511  # an advisory lock of ours: two first set-ups at once take turns


@dataclass(frozen=True)
class FirstPerson:
    """Someone of the first set-up. Without `password` they choose it themselves, by a link."""

    email: str
    full_name: str
    roles: tuple[Role, ...]
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Begun:
    """One person of the first set-up, as added; `path` is the set-up link's, if they have no password yet."""

    user: User
    roles: tuple[Role, ...]
    path: str | None


def check_nothing_there() -> None:
    """Raises `NotAllowedNow` when the installation has an account or a site already."""
    if queries.anyone_can_sign_in():
        raise NotAllowedNow(
            "This installation has accounts already; nothing was changed. Administrators add people in the "
            "pages (Staff); `openkap staff link` helps someone who cannot sign in."
        )
    if (there := all_sites().first()) is not None:
        raise NotAllowedNow(
            "This installation has the site '%(site)s' already; nothing was changed. Add its first "
            "people with `openkap staff add`.",
            site=there.name,
        )


@transaction.atomic
def begin(
    name: str, time_zone: str, jurisdiction: str, people: Iterable[FirstPerson]
) -> tuple[Site, list[Begun]]:
    """Open the first site with its first people: everything or nothing.

    Raises `NotAllowedNow` when anything is there, `BadInput` for what cannot be used.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BEGINNING])
    check_nothing_there()
    site = operations.add_site(
        by=SystemActor(), now=timezone.now(), name=name, time_zone=time_zone, jurisdiction=jurisdiction
    )
    return site, [_first(person, site) for person in people]


def _first(person: FirstPerson, site: Site) -> Begun:
    now = timezone.now()
    try:
        user = operations.add_user(
            by=SystemActor(),
            now=now,
            email=person.email,
            full_name=person.full_name,
            password=person.password,
        )
    except BadInput as error:
        raise BadInput(
            "%(role)s: %(error)s", field=error.field, role=ROLE_NAMES[person.roles[0]], error=error
        ) from error
    for role in person.roles:
        operations.grant_role(by=SystemActor(), now=now, user=user, site=site, role=role)
    return Begun(user, person.roles, None if person.password is not None else _set_up_path(user))


def open_site(name: str, time_zone: str, jurisdiction: str) -> dict[str, str]:
    """Open a site; its public id. Raises `BadInput`."""
    site = operations.add_site(
        by=SystemActor(), now=timezone.now(), name=name, time_zone=time_zone, jurisdiction=jurisdiction
    )
    return {"site": str(site.public_id), "name": site.name}


@transaction.atomic
def add_person(email: str, full_name: str, role: str, site_name: str) -> dict[str, str]:
    """Add an account with a role at the site; where to set it up. Raises `BadInput`, `NotFound`."""
    known = [one.value for one in Role if one is not Role.PATIENT]
    if role not in known:
        raise BadInput("'%(role)s' is not a role. Roles are: %(known)s.", role=role, known=", ".join(known))
    user = operations.add_member_of_staff(
        by=SystemActor(),
        now=timezone.now(),
        email=email,
        full_name=full_name,
        credentials="",
        site=_site_named(site_name),
        role=Role(role),
    )
    return _with_path(user)


@transaction.atomic
def new_link(email: str) -> dict[str, str]:
    """Void password and factors of an account; where to set it up again. Raises `NotFound`."""
    user = queries.user_by_email(email)
    if user is None:
        raise NotFound("Nobody signs in with %(email)s.", email=email)
    operations.forget_second_factors(by=SystemActor(), now=timezone.now(), user=user)
    return _with_path(user)


def _with_path(user: User) -> dict[str, str]:
    return {"user": str(user.public_id), "email": user.email, "set-up path": _set_up_path(user)}


def _set_up_path(user: User) -> str:
    token = operations.set_up_token(by=SystemActor(), now=timezone.now(), user=user)
    return reverse("access:welcome", args=[user.public_id, token])


def _site_named(name: str) -> Site:
    found = all_sites().filter(name=name).first()
    if found is None:
        raise NotFound(
            "There is no site '%(name)s'. Sites are: %(sites)s.",
            name=name,
            sites=", ".join(site.name for site in all_sites()),
        )
    return found
