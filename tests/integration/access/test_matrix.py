"""Role x route x method x patient: own, of a colleague, of another site; and without signing in.

The expectation is worked out from the policies and roles, not from the views: a view that forgets to scope its
query, or asks for the wrong permission, differs from it.
"""

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from tests.factories.access import a_client
from tests.factories.routes import NAMES_NOTHING, ON_TEAMS, Route, World, a_world, address, routes
from tests.sharing import shared

from openkap.apps.access.policy import Policy
from openkap.apps.access.roles import ROLES, SITE_WIDE, Permission, Role
from openkap.apps.people.models import Patient

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/"
ABOUT_PATIENTS = [route for route in routes() if route.policy and route.policy.about_patient]
OTHERS = [
    route
    for route in routes()
    if route.name
    not in {
        "web:health",
        "account_logout",
        "portal:leave",
        "portal:sign-out",
    }  # one judges the server, others end the session
]
FAULTY = {401, *range(500, 600)}
CLOSED = FAULTY | {404}
UNREAD = {422}  # the empty body was refused before anything was looked up, alike for every patient


@shared
def world() -> World:
    """With everything in it that the routes are about: what is made within one test is gone for the next."""
    made = a_world()
    for route in routes():
        for patient in (made.own, made.other, made.foreign) if route in ABOUT_PATIENTS else (made.own,):
            address(route, made, patient)
    return made


@pytest.fixture
def clients(world: World) -> dict[Role, Client]:
    """A browser for every person at the first site."""
    return {role: a_client(world.here[role]) for role in Role}


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


def goes_to_sign_in(answer: HttpResponseBase) -> bool:
    return answer.headers.get("Location", "").startswith(SIGN_IN)


def fault_about_patient(route: Route, reached: bool, answer: HttpResponseBase) -> str:
    """What is wrong with the answer to someone whose role has the permission, or nothing."""
    if not reached:
        return "" if answer.status_code in {404, 405} | UNREAD else "not their patient, so 404"
    if route.name in NAMES_NOTHING:
        return "" if answer.status_code not in FAULTY else "no fault of the server"
    return "" if answer.status_code not in CLOSED and not goes_to_sign_in(answer) else "open to this role"


def fault_elsewhere(route: Route, role: Role, method: str, answer: HttpResponseBase) -> str:
    assert route.policy
    permission = needed(route.policy, method)
    if permission is not None and permission not in ROLES[role]:
        return "" if answer.status_code == 403 else "the role lacks the permission, so 403"
    if answer.status_code in FAULTY or (permission is not None and goes_to_sign_in(answer)):
        return "open to this role"
    return ""


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_patients_route_opens_to_those_who_care_and_to_nobody_else(
    method: str, world: World, clients: dict[Role, Client]
) -> None:
    faults = []
    for route in ABOUT_PATIENTS:
        policy = route.policy
        assert policy
        for patient in (world.own, world.other, world.foreign):
            path = address(route, world, patient)
            for role, client in clients.items():
                if needed(policy, method) not in ROLES[role]:
                    continue
                answer = call(client, method, path)
                fault = fault_about_patient(route, reaches(role, world, patient), answer)
                if fault:
                    whose = patient.family_name
                    faults.append(f"{route.name} {method} {role} {whose}: {answer.status_code}, but {fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_routes_open_by_role(method: str, world: World, clients: dict[Role, Client]) -> None:
    """Without the permission 403, whoever the patient is; the policy is asked before any query."""
    faults = []
    for route in OTHERS:
        path = address(route, world, world.own)
        for role, client in clients.items():
            assert route.policy
            if route.policy.about_patient and needed(route.policy, method) in ROLES[role]:
                continue  # called above, for each patient
            answer = call(client, method, path)
            fault = fault_elsewhere(route, role, method, answer)
            if fault:
                faults.append(f"{route.name} {method} {role}: {answer.status_code}, but {fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nobody_gets_in_without_signing_in(method: str, world: World) -> None:
    faults = []
    for route in routes():
        assert route.policy
        answer = call(Client(), method, address(route, world, world.own))
        if route.policy.permission is not None and not goes_to_sign_in(answer):
            faults.append(f"{route.name} {method}: {answer.status_code}, but nobody is signed in")
    assert not faults, "\n".join(faults)
