"""The frame around a page: who is here, where they can go, how it looks, and what the browser may load."""

import re
from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils.translation import get_language
from pytest_django import Settings
from tests.factories.access import Personas, a_client, a_user, personas
from tests.sharing import shared

from openkap.apps.access.roles import ROLES, Permission, Role

pytestmark = pytest.mark.django_db

STAFF = [role for role in Role if role is not Role.PATIENT]


@shared
def everyone() -> Personas:
    return personas()


def page(client: Client, path: str = "/settings/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def destinations(html: str) -> list[str]:
    navigation = html.split('aria-label="Main navigation"')[1].split("</nav>", maxsplit=1)[0]
    return re.findall(r'href="([^"]+)"', navigation)


@pytest.mark.parametrize("role", STAFF)
def test_only_destinations_that_the_role_may_open_are_offered(everyone: Personas, role: Role) -> None:
    client = a_client(everyone[role])
    offered = destinations(page(client))
    assert "/" in offered
    for path in offered:
        assert client.get(path).status_code == 200, path
    assert ("/patients/" in offered) == (Permission.PATIENT_LIST in ROLES[role])
    assert ("/schedule/" in offered) == (Permission.SCHEDULE_READ in ROLES[role])


@pytest.mark.parametrize("role", STAFF)
def test_the_search_is_there_for_those_who_may_find_patients(everyone: Personas, role: Role) -> None:
    html = page(a_client(everyone[role]))
    assert ('role="search"' in html) == (Permission.PATIENT_LIST in ROLES[role])


def test_it_says_who_is_signed_in_as_what_and_where(everyone: Personas) -> None:
    html = page(a_client(everyone[Role.MONITOR]))
    assert everyone[Role.MONITOR].full_name in html
    assert "Session monitor" in html
    assert everyone.site.name in html
    assert 'action="/sign-out/"' in html


def test_the_page_one_is_on_is_marked(everyone: Personas) -> None:
    html = page(a_client(everyone[Role.MONITOR]))
    assert re.findall(r'href="([^"]+)" aria-current="page"', html) == ["/settings/"]


@pytest.mark.parametrize(
    ("cookie", "shown", "choice"),
    [
        ("dark", "dark", "dark"),
        ("light", "light", "light"),
        ("", "light", "system"),
        ("<x>", "light", "system"),
    ],
)
def test_light_or_dark_is_drawn_by_the_server_from_the_choice(cookie: str, shown: str, choice: str) -> None:
    client = a_client(a_user(Role.MONITOR))
    if cookie:
        client.cookies["theme"] = cookie
    html = page(client)
    assert f'data-bs-theme="{shown}"' in html
    assert f'data-theme-choice="{choice}"' in html


def test_the_demonstration_says_so_on_every_page(settings: Settings) -> None:
    client = a_client(a_user(Role.MONITOR))
    settings.DEMONSTRATION = True
    assert "Demonstration clinic" in page(client)
    settings.DEMONSTRATION = False
    assert "Demonstration clinic" not in page(client)


def test_what_happened_is_announced_once() -> None:
    client = a_client(a_user(Role.ADMINISTRATOR))
    first = client.get("/gallery/")
    assert "A message after a change looks like this." in first.content.decode()
    assert 'aria-live="polite"' in first.content.decode()
    assert list(get_messages(client.get("/settings/").wsgi_request)) == []


POLICY = {
    "default-src": "'self'",
    "style-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def policy_of(client: Client, path: str) -> dict[str, str]:
    header = client.get(path).headers["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


def test_the_policy_lets_in_our_own_files_only() -> None:
    found = policy_of(a_client(a_user(Role.MONITOR)), "/settings/")
    for directive, sources in POLICY.items():
        assert found[directive].startswith(sources), directive
    assert "unsafe" not in " ".join(found.values())
    assert "http" not in " ".join(found.values())
    assert re.fullmatch(r"'nonce-[\w+/=]+'", found["script-src"])


def test_each_answer_has_its_own_nonce_and_every_script_carries_it() -> None:
    client = a_client(a_user(Role.MONITOR))
    first, second = client.get("/settings/"), client.get("/settings/")
    nonces = [re.findall(r"'nonce-([^']+)'", r.headers["Content-Security-Policy"])[0] for r in (first, second)]
    assert nonces[0] != nonces[1]
    scripts = re.findall(r"<script[^>]*>", first.content.decode())
    assert scripts
    assert all(f'nonce="{nonces[0]}"' in script for script in scripts)


@pytest.mark.parametrize("path", ["/", "/settings/", "/gallery/", "/nothing-here/", "/sign-in/"])
def test_nothing_is_inline(path: str) -> None:
    html = a_client(a_user(Role.MEDICAL_DIRECTOR)).get(path, follow=True).content.decode()
    assert "<style" not in html
    assert re.search(r"\sstyle=", html) is None
    assert re.search(r"<[^>]+\son[a-z]+=", html) is None
    assert re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html) is None


def test_htmx_may_neither_evaluate_nor_keep_pages() -> None:
    html = page(a_client(a_user(Role.MONITOR)))
    config = re.findall(r"name=\"htmx-config\" content='([^']+)'", html)[0]
    assert '"allowEval":false' in config
    assert '"historyCacheSize":0' in config
    assert '"selfRequestsOnly":true' in config


def test_pages_speak_the_language_of_the_settings_whatever_the_browser_asks() -> None:
    user = a_user(Role.MONITOR)
    client = a_client(user)
    assert '<html lang="en"' in client.get("/settings/", headers={"Accept-Language": "es"}).content.decode()
    client.post("/settings/", {"language": "es"})
    assert '<html lang="es"' in client.get("/settings/", headers={"Accept-Language": "en"}).content.decode()


def test_the_language_of_one_reader_does_not_stay_for_the_next() -> None:
    client = a_client(a_user(Role.MONITOR))
    client.post("/settings/", {"language": "es"})
    assert '<html lang="es"' in client.get("/settings/", headers={"Accept-Language": "en"}).content.decode()
    assert get_language() == "en"


def test_an_unknown_language_is_refused_and_changes_nothing() -> None:
    user = a_user(Role.MONITOR)
    client = a_client(user)
    response = client.post("/settings/", {"language": "tlh"})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    user.refresh_from_db()
    assert user.language == "en"


def test_settings_offer_what_the_role_may_change(everyone: Personas) -> None:
    assert "/gallery/" in page(a_client(everyone[Role.ADMINISTRATOR]))
    assert "/gallery/" not in page(a_client(everyone[Role.THERAPIST]))


def test_the_gallery_shows_each_state_with_its_word(
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    client = a_client(a_user(Role.ADMINISTRATOR))
    html = page(client, "/gallery/")
    for word in ("Met", "Due", "Overdue", "Blocked", "Not known", "Not sent"):
        assert word in html
    assert "<svg" in html
    assert "error-summary" in html
