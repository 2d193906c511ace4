"""What whoever runs the server may do from its command line, as the system: begin, and help out."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from openkap.apps.access import operations, queries
from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.operations import SystemActor
from openkap.apps.sites.models import Site
from openkap.apps.sites.queries import all_sites
from openkap.errors import BadInput, NotFound


def open_site(name: str, time_zone: str, jurisdiction: str) -> dict[str, str]:
    """Open a site; its public id. Raises `BadInput`."""
    site = operations.add_site(
        by=SystemActor(), now=timezone.now(), name=name, time_zone=time_zone, jurisdiction=jurisdiction
    )
    return {"site": str(site.public_id), "name": site.name}


@transaction.atomic
def add_person(email: str, full_name: str, role: str, site_name: str) -> dict[str, str]:
    """Add an account with a role at the site; where to set it up. Raises `BadInput`, `NotFound`."""
    if role not in {known.value for known in Role if known is not Role.PATIENT}:
        raise BadInput(f"'{role}' is not a role. Roles are: {', '.join(known.value for known in Role)}.")
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
        raise NotFound(f"Nobody signs in with {email}.")
    operations.forget_second_factors(by=SystemActor(), now=timezone.now(), user=user)
    return _with_path(user)


def _with_path(user: User) -> dict[str, str]:
    token = operations.set_up_token(by=SystemActor(), now=timezone.now(), user=user)
    path = reverse("access:welcome", args=[user.public_id, token])
    return {"user": str(user.public_id), "email": user.email, "set-up path": path}


def _site_named(name: str) -> Site:
    found = all_sites().filter(name=name).first()
    if found is None:
        raise NotFound(f"There is no site '{name}'. Sites are: {', '.join(site.name for site in all_sites())}.")
    return found
