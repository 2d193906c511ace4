"""What an outsider tries at the door."""

import re
import time

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.test import Client
from tests.factories.access import PASSWORD, a_client, a_user

from openkap.apps.access.models import SignIn, User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row

pytestmark = pytest.mark.django_db
WRONG = "this is not the password"


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def monitor() -> User:
    return a_user(Role.MONITOR, password=PASSWORD)


def attempt(client: Client, email: str, password: str, **extra: str) -> str:
    answer = client.post("/sign-in/", {"login": email, "password": password}, **extra)
    return "in" if answer.status_code == 302 else answer.content.decode()


def test_guessing_is_stopped_by_account_whatever_address_it_comes_from(monitor: User) -> None:
    for number in range(5):
        attempt(Client(), monitor.email, WRONG, REMOTE_ADDR=f"10.0.0.{number}")
    said = attempt(Client(), monitor.email, PASSWORD, REMOTE_ADDR="10.9.9.9")
    assert "Too many attempts" in said
    assert not SignIn.objects.exists()


def test_forged_forwarding_headers_change_nothing(monitor: User) -> None:
    for number in range(5):
        attempt(Client(), monitor.email, WRONG, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert "Too many" in attempt(Client(), monitor.email, PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.99")


def test_guessing_at_one_account_does_not_lock_out_another(monitor: User) -> None:
    other = a_user(Role.THERAPIST, password=PASSWORD)
    for _ in range(6):
        attempt(Client(), monitor.email, WRONG)
    assert attempt(Client(), other.email, PASSWORD) == "in"


def test_capitals_in_the_address_are_the_same_account(monitor: User) -> None:
    for variant in (monitor.email.upper(), monitor.email.title(), f" {monitor.email} ", monitor.email) * 2:
        attempt(Client(), variant, WRONG)
    assert "Too many" in attempt(Client(), monitor.email, PASSWORD)


def test_an_unknown_address_and_a_wrong_password_say_the_same(monitor: User) -> None:
    def words(email: str) -> str:
        return re.sub(r'value="[^"]*"|nonce="[^"]*"|content="[^"]*"', "", attempt(Client(), email, WRONG))

    assert words(monitor.email) == words("nobody@clinic.example")


def test_an_unknown_address_takes_as_long(monitor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing takes most of the time, and happens for strangers too. Others on this machine do not count."""
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1_000_000)

    def spent(email: str) -> float:
        cache.clear()
        begun = time.process_time()
        attempt(Client(), email, WRONG)
        return time.process_time() - begun

    spent(monitor.email)
    pairs = [(spent(monitor.email), spent("nobody@clinic.example")) for _ in range(5)]
    known, unknown = (min(times) for times in zip(*pairs, strict=True))
    assert 0.5 < unknown / known < 2


def test_a_refused_attempt_is_in_the_trail_without_the_password(monitor: User) -> None:
    attempt(Client(), monitor.email, WRONG)
    row = Row.objects.get(action="access.refuse-sign-in")
    assert (row.subject_id, row.actor_kind, row.details) == (
        monitor.public_id,
        "system",
        {"method": "password"},
    )


def test_a_closed_account_does_not_sign_in(monitor: User) -> None:
    User.objects.update(is_active=False)
    answer = Client().post("/sign-in/", {"login": monitor.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/sign-in/closed/"
    assert "This account is closed" in Client().get("/sign-in/closed/").content.decode()
    assert not SignIn.objects.exists()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "/\\evil.example",
    ],
)
def test_signing_in_never_leads_elsewhere(monitor: User, elsewhere: str) -> None:
    answer = Client().post("/sign-in/", {"login": monitor.email, "password": PASSWORD, "next": elsewhere})
    assert answer.headers["Location"] == "/"


def test_signing_in_leads_to_where_one_was_going(monitor: User) -> None:
    client = Client()
    asked = client.get("/knowledge/?q=x").headers["Location"]
    assert asked == "/sign-in/?next=/knowledge/%3Fq%3Dx"
    answer = client.post("/sign-in/", {"login": monitor.email, "password": PASSWORD, "next": "/knowledge/?q=x"})
    assert answer.headers["Location"] == "/knowledge/?q=x"


def test_a_planted_session_does_not_become_signed_in(monitor: User) -> None:
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    attempt(client, monitor.email, PASSWORD)
    assert client.cookies["sessionid"].value != session.session_key
    thief = Client()
    thief.cookies["sessionid"] = session.session_key or ""
    assert thief.get("/settings/security/").status_code == 302


def test_forms_without_token_are_refused(monitor: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in/", {"login": monitor.email, "password": PASSWORD}).status_code == 403
    signed_in = a_client(monitor)
    signed_in.handler.enforce_csrf_checks = True
    for path in ("/settings/", "/still-here/", "/sign-out/", "/unlock/"):
        assert signed_in.post(path, {}).status_code == 403, path


def test_a_forged_host_is_refused() -> None:
    assert Client(headers={"host": "evil.example"}).get("/sign-in/").status_code == 400


def test_headers_of_every_page(monitor: User) -> None:
    for answer in (Client().get("/sign-in/"), a_client(monitor).get("/settings/security/")):
        headers = answer.headers
        assert "no-store" in headers["Cache-Control"]
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "script-src 'nonce-" in headers["Content-Security-Policy"]
    cookie = a_client(monitor).get("/settings/security/").wsgi_request.COOKIES
    assert "sessionid" in cookie


def test_cookies_are_out_of_reach_of_scripts(monitor: User) -> None:
    client = Client()
    attempt(client, monitor.email, PASSWORD)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == "", "ends with the browser"


def test_sign_up_does_not_exist() -> None:
    for path in ("/signup/", "/accounts/signup/", "/sign-up/", "/sign-in/signup/", "/password/reset/"):
        assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 200),
        ({"login": "x" * 10_000, "password": "y" * 100_000}, 200),
        ({"login": "\x00@x.example", "password": "\x00"}, 400),
    ],
)
def test_nonsense_at_the_door_is_harmless(body: dict[str, str], status: int) -> None:
    assert Client().post("/sign-in/", body).status_code == status


@pytest.mark.parametrize(
    "credential",
    [
        "7",
        '"text"',
        '{"rawId": 1, "response": []}',
        "",
        "{",
        "[]",
        "null",
        '{"id": 1}',
        '{"response": {"userHandle": "%%%"}}',
    ],
)
def test_a_nonsense_passkey_is_harmless(credential: str) -> None:
    client = Client()
    assert client.get("/sign-in/passkey/", headers={"Accept": "application/json"}).json()["request_options"]
    answer = client.post("/sign-in/passkey/", {"credential": credential})
    assert answer.headers["Location"] == "/sign-in/"
    assert not SignIn.objects.exists()
