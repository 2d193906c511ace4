"""People who sign in, made through the operations, and clients that are signed in as them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import count

from django.contrib.auth import SESSION_KEY, login
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from openkap.apps.access import operations, queries
from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.operations import SystemActor
from openkap.apps.sites.models import Site
from tests.factories.sites import THEN, a_site

PASSWORD = "heron lantern orchard"
_serial = count(1001)  # names are of one length, and none is the beginning of another


@cache
def _hashed(password: str, _iterations: int) -> str:
    """Hashing is slow on purpose; the same salt for everybody here is no secret.

    Where another number of iterations is in force it is hashed anew: signing in would, and end the session.
    """
    return make_password(password)


def a_user(
    *roles: Role, site: Site | None = None, name: str = "", password: str | None = None, now: datetime = THEN
) -> User:
    """A user with these roles at `site` (a new one when none is given), with a password if one is asked for."""
    number = next(_serial)
    user = operations.add_user(
        by=SystemActor(), now=now, email=f"person{number}@clinic.example", full_name=name or f"Person {number}"
    )
    if password is not None:
        user.password = _hashed(password, PBKDF2PasswordHasher.iterations)
        user.save(update_fields=["password"])
    if roles:
        where = site or a_site(f"Site {number}")
        for role in roles:
            operations.grant_role(by=SystemActor(), now=now, user=user, site=where, role=role)
    return user


@dataclass(frozen=True)
class Personas:
    """One person of every role at one site."""

    site: Site
    by_role: dict[Role, User]

    def __getitem__(self, role: Role) -> User:
        return self.by_role[role]


def personas(site: Site | None = None) -> Personas:
    """One user per role at `site`, named by role and site."""
    where = site or a_site()
    return Personas(
        where, {role: a_user(role, site=where, name=f"{role.value} of {where.name}") for role in Role}
    )


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Sign `user` in as the sign-in pages would, without the hashing; `second_factor`: as if one was used."""
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    begun = operations.begin_sign_in(
        by=user, now=timezone.now(), address="127.0.0.1", device="test browser", methods=["test"]
    )
    request.session[queries.SIGN_IN_KEY] = str(begun.public_id)
    if second_factor:
        request.session["openkap_second_factor"] = True
    request.session.save()
    assert SESSION_KEY in request.session
    client.cookies["sessionid"] = request.session.session_key or ""
    return client


def a_client(user: User, *, second_factor: bool = True) -> Client:
    """A new browser with `user` signed in."""
    return sign_in(Client(), user, second_factor=second_factor)
