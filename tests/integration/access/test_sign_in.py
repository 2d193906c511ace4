"""Signing in with password and second factor, as a person does it."""

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from tests.factories.access import PASSWORD, a_user

from openkap.apps.access.models import SignIn, User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def monitor() -> User:
    return a_user(Role.MONITOR, password=PASSWORD)


def code_now(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def with_app(user: User) -> str:
    """Give the user an authenticator app; its secret."""
    secret = str(generate_totp_secret())
    TOTP.activate(user, secret)
    return secret


def post_password(client: Client, user: User, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post("/sign-in/", {"login": user.email, "password": password, **more})


def actions() -> list[str]:
    return list(Row.objects.order_by("id").values_list("action", flat=True))


def test_the_page_asks_for_address_and_password_and_offers_a_passkey(client: Client) -> None:
    page = client.get("/sign-in/").content.decode()
    assert 'name="login"' in page
    assert 'autocomplete="current-password"' in page
    assert "Sign in with a passkey" in page
    assert "sign-up" not in page


def test_password_and_code_sign_in(client: Client, monitor: User) -> None:
    secret = with_app(monitor)
    first = post_password(client, monitor)
    assert first.headers["Location"] == "/sign-in/second-factor/"
    assert "sessionid" in client.cookies
    assert client.get("/settings/security/").headers["Location"].startswith("/sign-in/")  # not yet
    second = client.post("/sign-in/second-factor/", {"code": code_now(secret)})
    assert second.headers["Location"] == "/"
    assert client.get("/settings/security/").status_code == 200
    assert SignIn.objects.get().user == monitor
    assert Row.objects.get(action="access.sign-in").details == {"methods": ["password", "totp"]}


def test_a_wrong_code_is_refused_and_kept_in_the_trail(client: Client, monitor: User) -> None:
    with_app(monitor)
    post_password(client, monitor)
    answer = client.post("/sign-in/second-factor/", {"code": "000000"})
    assert "not right" in answer.content.decode()
    assert "access.refuse-sign-in" in actions()
    assert not SignIn.objects.exists()


def test_a_recovery_code_signs_in_once(client: Client, monitor: User) -> None:
    with_app(monitor)
    code = RecoveryCodes.activate(monitor).get_unused_codes()[0]
    post_password(client, monitor)
    assert client.post("/sign-in/second-factor/", {"code": code}).headers["Location"] == "/"
    again = Client()
    post_password(again, monitor)
    assert "not right" in again.post("/sign-in/second-factor/", {"code": code}).content.decode()


def test_staff_without_a_factor_are_led_to_add_one_and_see_nothing_else(client: Client, monitor: User) -> None:
    post_password(client, monitor)
    assert client.get("/").headers["Location"] == "/settings/security/"
    page = client.get("/settings/security/").content.decode()
    assert "Add a second factor" in page
    form = client.get("/settings/security/app/").content.decode()
    secret = re.search(r"<code>(\w+)</code>", form)
    assert secret
    client.post("/settings/security/app/", {"code": code_now(secret[1])})
    codes = client.get("/settings/security/codes/").content.decode()
    assert len(re.findall(r"<li><code>\d{8}</code></li>", codes)) == 10


def test_people_of_the_demonstration_need_no_factor_on_a_demonstration_server(
    client: Client, monitor: User, settings: object
) -> None:
    User.objects.update(is_demonstration=True)
    settings.DEMONSTRATION = True  # type: ignore[attr-defined]
    assert "their password alone" in client.get("/sign-in/").content.decode()
    post_password(client, monitor)
    assert "Add a second factor" not in client.get("/settings/security/").content.decode()
    settings.DEMONSTRATION = False  # type: ignore[attr-defined]
    assert "Add a second factor" in client.get("/settings/security/").content.decode()
