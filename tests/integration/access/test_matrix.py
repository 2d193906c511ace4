"""Role x route x method x patient: own, of a colleague, of another site; and without signing in.

The expectation is worked out from the policies and roles, not from the views: a view that forgets to scope its
query, or asks for the wrong permission, differs from it.
"""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from tests.factories.access import a_client
from tests.factories.routes import ON_TEAMS, Route, World, a_world, address, routes

from openkap.apps.access.policy import Policy
from openkap.apps.access.roles import ROLES, SITE_WIDE, Permission, Role
from openkap.apps.people.models import Patient

pytestmark = pytest.mark.django_db  # each test rolls back to the world the module made
SIGN_IN = "/sign-in/"
ABOUT_PATIENTS = [route for route in routes() if route.policy and route.policy.about_patient]
OTHERS = [route for route in routes() if route.policy and not route.policy.about_patient]
FAULTY = {401, *range(500, 600)}
CLOSED = FAULTY | {404}
ENDS_SESSION = {"account_logout"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """Made once for the module and rolled back at its end; each request is undone by itself."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield a_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(world: World) -> dict[Role, Client]:
    """A browser for every person at the first site."""
    return {role: _quiet(a_client(world.here[role])) for role in Role}


def _quiet(client: Client) -> Client:
    client.raise_request_exception = True
    return client


def call(client: Client, method: str, path: str) -> HttpResponseBase:
    """One request whose effects are undone."""
    with transaction.atomic():
        answer = client.generic(method, path)
        transaction.set_rollback(True)
    return answer


def needed(policy: Policy, method: str) -> Permission | None:
    return policy.permission if method == "GET" else policy.to_write


def reaches(role: Role, world: World, patient: Patient) -> bool:
    """Whether people of this role at the first site may know of the patient."""
    if patient.site_id != world.here.site.pk:
        return False
    return role in SITE_WIDE or (role in ON_TEAMS and patient == world.own)


def refused(answer: HttpResponseBase) -> str:
    return f"{answer.status_code} {answer.headers.get('Location', '')}"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("route", ABOUT_PATIENTS, ids=lambda route: route.name)
def test_a_patients_route_opens_to_those_who_care_and_to_nobody_else(
    route: Route, method: str, world: World, clients: dict[Role, Client]
) -> None:
    assert route.policy
    for patient in (world.own, world.other, world.foreign):
        path = address(route, world, patient)
        for role, client in clients.items():
            permission = needed(route.policy, method)
            answer = call(client, method, path)
            seen = f"{role} {method} {path}: {refused(answer)}"
            if permission not in ROLES[role]:
                assert answer.status_code == 403, seen
            elif not reaches(role, world, patient):
                assert answer.status_code in {404, 405}, seen
            else:
                assert answer.status_code not in CLOSED, seen
                assert not answer.headers.get("Location", "").startswith(SIGN_IN), seen
            getattr(answer, "close", lambda: None)()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("route", OTHERS, ids=lambda route: route.name)
def test_other_routes_open_by_role(
    route: Route, method: str, world: World, clients: dict[Role, Client]
) -> None:
    assert route.policy
    if route.name in ENDS_SESSION:
        pytest.skip("signs the browser out; tested by itself")
    path = address(route, world, world.own)
    for role, client in clients.items():
        permission = needed(route.policy, method)
        answer = call(client, method, path)
        seen = f"{role} {method} {path}: {refused(answer)}"
        if permission is not None and permission not in ROLES[role]:
            assert answer.status_code == 403, seen
        else:
            assert answer.status_code not in FAULTY, seen
            if permission is not None:
                assert not answer.headers.get("Location", "").startswith(SIGN_IN), seen


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("route", routes(), ids=lambda route: route.name)
def test_nobody_gets_in_without_signing_in(route: Route, method: str, world: World) -> None:
    assert route.policy
    answer = call(_quiet(Client()), method, address(route, world, world.own))
    if route.policy.permission is None:
        assert answer.status_code < 500
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(SIGN_IN)
