"""No route without a policy, and no route that should not exist."""

import re
from collections import Counter

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from tests.factories.routes import EXAMPLES, Route, routes

from openkap.apps.access.middleware import PolicyMiddleware
from openkap.apps.access.policy import Policy
from openkap.apps.access.roles import ROLES, Permission, Role

ALL = routes()
# Open to anyone, each for a reason; a new one is decided here, in review.
PUBLIC = {
    "web:health",  # monitors ask it
    "access:welcome",  # the link itself is the proof
    "account_login",
    "mfa_login_webauthn",
    "mfa_authenticate",
    "account_inactive",
    "account_logout",
    "portal:ask",  # a patient's door
    "portal:open",  # the link and the birth date are the proof
    "portal:sign-out",
    "portal:help",  # whom to call: open to everybody, locked or not
    "portal:worker",  # a script without data
    "portal:kept-offline",  # words without data
    "portal:kept-help",  # as portal:help, without the person of one's own
    "portal:leave",  # whoever must leave quickly is not asked who they are
    "portal:language",
    "portal:text-size",
}
OF_A_PATIENT = {"patient_id", "session_id", "visit_id", "episode_id", "plan_id", "note_id"}


def test_the_census_sees_the_product() -> None:
    names = {route.name for route in ALL}
    assert {"account_login", "knowledge_base:browse", "web:access_log", "people:list"} <= names


@pytest.mark.parametrize("route", ALL, ids=lambda route: route.name)
def test_every_route_names_a_policy(route: Route) -> None:
    assert isinstance(route.policy, Policy), (
        f"{route.pattern}: decorate its view with @requires or @public, outermost"
    )


def test_only_these_routes_are_public() -> None:
    assert {route.name for route in ALL if route.policy and route.policy.permission is None} == PUBLIC


@pytest.mark.parametrize("route", [r for r in ALL if r.arguments & OF_A_PATIENT], ids=lambda route: route.name)
def test_a_route_about_a_patient_says_so(route: Route) -> None:
    assert route.policy
    assert route.policy.about_patient


@pytest.mark.parametrize("route", [r for r in ALL if r.arguments], ids=lambda route: route.name)
def test_every_route_with_arguments_has_an_example(route: Route) -> None:
    assert route.name in EXAMPLES or route.arguments == {"patient_id"}, "add one to tests/factories/routes.py"


def test_examples_are_of_routes_that_exist() -> None:
    assert set(EXAMPLES) <= {route.name for route in ALL}


def test_names_and_patterns_are_used_once() -> None:
    assert not [name for name, count in Counter(route.name for route in ALL).items() if count > 1]
    assert not [pattern for pattern, count in Counter(route.pattern for route in ALL).items() if count > 1]


def test_nothing_of_sign_up_or_e_mail_is_mounted() -> None:
    assert not [
        route.name for route in ALL if re.search(r"signup|email|reset|social|login_code|phone", route.name)
    ]


def test_a_view_without_policy_is_refused() -> None:
    def forgotten(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("seen")

    with pytest.raises(PermissionDenied):
        PolicyMiddleware(forgotten).process_view(RequestFactory().get("/"), forgotten, (), {})


def test_streams_and_polls_are_no_activity() -> None:
    quiet = {route.name for route in ALL if route.policy and not route.policy.counts_as_activity}
    assert {"access:unlock"} <= quiet
    for route in ALL:
        if re.search(r"stream|state|poll", route.name):
            assert route.name in quiet, f"{route.name}: counts_as_activity=False"


def test_every_permission_is_granted_and_asked_for() -> None:
    granted = frozenset[Permission]().union(*ROLES.values())
    assert granted == set(Permission)
    assert set(ROLES) == set(Role)
