"""Idle time locks entry and hides nothing that runs; sign-ins end when they are over."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from tests.factories.access import PASSWORD, a_client, a_user

from openkap.apps.access import operations, queries
from openkap.apps.access.models import SignIn, User
from openkap.apps.access.roles import Permission, Role
from openkap.apps.audit.models import Row

pytestmark = pytest.mark.django_db
LANGUAGE = {"language": "es"}


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def monitor() -> User:
    return a_user(Role.MONITOR, password=PASSWORD)


@pytest.fixture
def client(monitor: User) -> Client:
    return a_client(monitor)


def pass_time(minutes: float) -> None:
    """As if so long had passed since the last act of everyone."""
    earlier = timezone.now() - timedelta(minutes=minutes)
    SignIn.objects.update(last_active_at=earlier)


def sign_in() -> SignIn:
    return SignIn.objects.get()


def language(user: User) -> str:
    return User.objects.get(pk=user.pk).language


def test_entry_is_open_while_someone_works(client: Client, monitor: User) -> None:
    pass_time(9.5)
    assert client.post("/settings/", LANGUAGE).status_code == 302
    assert language(monitor) == "es"
    assert timezone.now() - sign_in().last_active_at < timedelta(minutes=1)


def test_locked_entry_is_refused_and_nothing_is_written(client: Client, monitor: User) -> None:
    pass_time(10.5)
    answer = client.post("/settings/", LANGUAGE)
    assert answer.status_code == 423
    assert language(monitor) == "en"
    page = answer.content.decode()
    assert '<input type="hidden" name="language" value="es">' in page
    assert 'action="/settings/"' in page


def test_the_page_of_a_locked_entry_sends_it_on_with_the_password(client: Client, monitor: User) -> None:
    pass_time(10.5)
    answer = client.post("/settings/", {**LANGUAGE, "unlock_password": PASSWORD})
    assert answer.status_code == 302
    assert language(monitor) == "es"
    assert Row.objects.get(action="access.unlock").details == {"method": "password"}
    assert not queries.is_locked(sign_in(), timezone.now())


def test_a_wrong_password_unlocks_nothing_and_keeps_what_was_typed(client: Client, monitor: User) -> None:
    pass_time(10.5)
    answer = client.post("/settings/", {**LANGUAGE, "unlock_password": "another long password"})
    assert answer.status_code == 423
    page = answer.content.decode()
    assert "not the password" in page
    assert 'value="es"' in page
    assert "another long password" not in page
    assert language(monitor) == "en"
    assert queries.is_locked(sign_in(), timezone.now())


def test_guessing_at_the_lock_is_limited(client: Client) -> None:
    pass_time(10.5)
    for _ in range(12):
        answer = client.post("/unlock/", {"unlock_password": "wrong wrong wrong"})
    assert "Too many attempts" in answer.content.decode()
    assert client.post("/unlock/", {"unlock_password": PASSWORD}).status_code == 423


def test_typed_markup_comes_back_as_text(client: Client) -> None:
    pass_time(10.5)
    page = client.post("/settings/", {"language": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_scripts_get_an_answer_they_can_read(client: Client) -> None:
    pass_time(10.5)
    for headers in ({"Accept": "application/json"}, {"HX-Request": "true"}):
        answer = client.post("/settings/", LANGUAGE, headers=headers)
        assert answer.status_code == 423
        assert answer.json()["code"] == "locked"
        assert answer.json()["unlock"] == "/unlock/"


def test_a_dialog_unlocks_without_leaving_the_page(client: Client) -> None:
    json = {"Accept": "application/json"}
    assert client.get("/unlock/", headers=json).json() == {"locked": False, "passkey": None}
    pass_time(10.5)
    assert client.get("/unlock/", headers=json).status_code == 423
    wrong = client.post("/unlock/", {"unlock_password": "wrong wrong wrong"}, headers=json)
    assert (wrong.status_code, wrong.json()["code"]) == (423, "not-proved")
    assert client.post("/unlock/", {"unlock_password": PASSWORD}, headers=json).json() == {"locked": False}
    assert client.get("/unlock/", headers=json).status_code == 200


def test_the_page_to_unlock_leads_back_to_where_one_was_going(client: Client) -> None:
    pass_time(10.5)
    asked = client.get("/knowledge/?q=phq")
    assert asked.headers["Location"] == "/unlock/?next=%2Fknowledge%2F%3Fq%3Dphq"
    assert "Are you still here?" in client.get(asked.headers["Location"]).content.decode()
    back = client.post("/unlock/", {"unlock_password": PASSWORD, "next": "/knowledge/?q=phq"})
    assert back.headers["Location"] == "/knowledge/?q=phq"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_unlocking_never_leads_elsewhere(client: Client, elsewhere: str) -> None:
    pass_time(10.5)
    back = client.post("/unlock/", {"unlock_password": PASSWORD, "next": elsewhere})
    assert back.headers["Location"] == "/"


def test_alerts_and_tasks_stay_in_sight(client: Client) -> None:
    pass_time(10.5)
    assert client.get("/tasks/").status_code == 200
    assert queries.is_locked(sign_in(), timezone.now()), "looking does not unlock"


def test_polls_are_no_activity_but_a_typing_person_is(client: Client) -> None:
    pass_time(5)
    before = sign_in().last_active_at
    client.get("/unlock/", headers={"Accept": "application/json"})
    assert sign_in().last_active_at == before
    assert client.post("/still-here/").status_code == 204
    assert sign_in().last_active_at > before
    pass_time(10.5)
    assert client.post("/still-here/").status_code == 423


def test_activity_cannot_open_a_lock(monitor: User, client: Client) -> None:
    pass_time(10.5)
    operations.note_activity(sign_in(), timezone.now())
    assert queries.is_locked(sign_in(), timezone.now())


def test_the_idle_time_is_a_setting(client: Client, settings: object) -> None:
    settings.OPENKAP_IDLE_MINUTES = 2  # type: ignore[attr-defined]
    pass_time(3)
    assert client.post("/still-here/").status_code == 423


def test_after_the_full_time_everyone_signs_in_anew(client: Client) -> None:
    SignIn.objects.update(began_at=timezone.now() - timedelta(hours=12, minutes=1))
    assert client.get("/knowledge/").headers["Location"].startswith("/sign-in/")
    assert client.get("/knowledge/", headers={"Accept": "application/json"}).status_code == 401


def test_an_ended_sign_in_is_out_at_once(client: Client, monitor: User) -> None:
    key = client.cookies["sessionid"].value
    assert queries.session_alive(key)
    operations.end_sign_in(by=monitor, now=timezone.now(), sign_in=sign_in())
    assert not queries.session_alive(key)
    assert client.get("/knowledge/").headers["Location"].startswith("/sign-in/")


def test_one_ends_only_ones_own_sign_ins(client: Client) -> None:
    other = a_client(a_user(Role.MONITOR))
    mine = SignIn.objects.order_by("id")[0]
    assert other.post(f"/settings/security/sign-ins/{mine.public_id}/end/").status_code == 404
    assert SignIn.objects.get(pk=mine.pk).ended_at is None


def test_other_devices_are_signed_out_from_the_list(client: Client, monitor: User) -> None:
    elsewhere = a_client(monitor)
    page = client.get("/settings/security/").content.decode()
    assert "test browser" in page
    client.post("/settings/security/sign-ins/end-others/")
    assert client.get("/settings/security/").status_code == 200
    assert elsewhere.get("/settings/security/").status_code == 302


def test_signing_out_ends_session_and_stream(client: Client) -> None:
    key = client.cookies["sessionid"].value
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert not queries.session_alive(key)
    assert sign_in().ended_at is not None
    assert Row.objects.filter(action="access.sign-out").count() == 1


def test_streams_live_as_long_as_the_sign_in(client: Client, monitor: User) -> None:
    key = client.cookies["sessionid"].value
    assert queries.session_alive(key, permission=Permission.DOSING_READ)
    assert not queries.session_alive(key, permission=Permission.AUDIT_READ)
    pass_time(60)
    assert queries.session_alive(key), "idle time locks entry, not what runs"
    monitor.set_password("another long password")
    monitor.save()
    assert not queries.session_alive(key), "a changed password ends other sessions"


@pytest.mark.parametrize("change", ["closed", "role ended", "expired", "session gone"])
def test_streams_end_within_one_look(client: Client, monitor: User, change: str) -> None:
    key = client.cookies["sessionid"].value
    if change == "closed":
        User.objects.update(is_active=False)
    elif change == "role ended":
        monitor.memberships.update(ended_at=timezone.now())
    elif change == "expired":
        SignIn.objects.update(began_at=timezone.now() - timedelta(hours=13))
    else:
        client.session.flush()
    assert not queries.session_alive(key, permission=Permission.DOSING_READ)


@pytest.mark.parametrize("key", [None, "", "no-such-session", "' OR 1=1 --"])
def test_no_session_is_not_alive(key: str | None) -> None:
    assert not queries.session_alive(key)


def test_who_has_no_second_factor_yet_can_open_the_lock_and_is_not_sent_round_in_a_circle(
    monitor: User,
) -> None:
    """The way to set it up was locked, and the page to unlock led to the way to set it up."""
    browser = a_client(monitor, second_factor=False)
    pass_time(10.5)
    asked = browser.get("/settings/security/")
    assert "Are you still here?" in browser.get(asked.headers["Location"]).content.decode()
    back = browser.post("/unlock/", {"unlock_password": PASSWORD, "next": "/settings/security/"})
    assert browser.get(back.headers["Location"]).status_code == 200


def test_a_password_that_is_hashed_anew_on_unlocking_signs_nobody_out(monitor: User) -> None:
    """After an upgrade hashes cost more: the password is hashed anew when it is typed, at the lock too."""
    hasher = get_hasher("default")
    assert isinstance(hasher, PBKDF2PasswordHasher)
    cheaper = hasher.encode(PASSWORD, hasher.salt(), iterations=hasher.iterations // 2)
    User.objects.filter(pk=monitor.pk).update(password=cheaper)
    browser = a_client(User.objects.get(pk=monitor.pk))
    pass_time(10.5)
    browser.post("/unlock/", {"unlock_password": PASSWORD, "next": "/settings/"})
    assert User.objects.get(pk=monitor.pk).password != cheaper
    assert browser.get("/settings/").status_code == 200
