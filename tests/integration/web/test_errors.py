"""Error pages: what is wrong, why, what to do; never a bare status, never a word of what is hidden."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django import Settings
from tests.factories.access import a_client, a_user
from tests.factories.people import a_patient
from tests.factories.portal import a_telephone
from tests.factories.sites import a_site

from openkap.apps.access.policy import public
from openkap.apps.access.roles import Role
from openkap.config.urls import handler400, handler403, handler404, handler500
from openkap.config.urls import urlpatterns as routes
from openkap.errors import BadInput, NotAllowedNow, NotFound, OpenkapError, Refused

pytestmark = pytest.mark.django_db


class Locked(OpenkapError):
    code = "locked"
    http_status = 423


ERRORS: dict[str, Exception] = {
    "bad": BadInput("The weight is missing."),
    "refused": Refused("Only a prescriber may do this."),
    "missing": NotFound("There is no such visit."),
    "state": NotAllowedNow("The session has ended."),
    "locked": Locked("Entry is locked."),
    "denied": PermissionDenied("Your role does not include this."),
    "django": Http404("tried [^secret-pattern]"),
}


@public
def fail(request: HttpRequest, name: str) -> HttpResponse:
    raise ERRORS[name]


urlpatterns = [path("fail/<slug:name>/", fail), *routes]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@pytest.fixture
def failing(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


def test_a_form_with_what_is_no_text_is_refused_with_the_ordinary_page() -> None:
    page = a_client(a_user(Role.COORDINATOR)).post("/settings/", {"language": "e\x00n"})
    assert page.status_code == 400
    assert "A sign in it is no text" in page.content.decode()
    assert "Nothing was changed" in page.content.decode()
    asked = a_client(a_user(Role.COORDINATOR)).post(
        "/settings/", {"language": "\x00"}, headers={"Accept": "application/json"}
    )
    assert (asked.status_code, asked.json()["code"]) == (400, "bad-input")


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize(
    ("name", "status"), [("bad", 400), ("refused", 403), ("missing", 404), ("state", 409), ("locked", 423)]
)
def test_an_expected_error_is_a_page_with_its_reason(client: Client, name: str, status: int) -> None:
    response = client.get(f"/fail/{name}/")
    assert response.status_code == status
    html = response.content.decode()
    assert str(ERRORS[name]) in html
    assert "<h1>" in html
    assert 'href="/"' in html
    assert response.headers["X-Reason"] == str(ERRORS[name])


@pytest.mark.usefixtures("failing")
def test_a_refusal_by_policy_says_why(client: Client) -> None:
    response = client.get("/fail/denied/")
    assert response.status_code == 403
    assert "Your role does not include this." in response.content.decode()


@pytest.mark.usefixtures("failing")
def test_django_patterns_are_not_shown(client: Client) -> None:
    response = client.get("/fail/django/")
    assert response.status_code == 404
    assert "secret-pattern" not in response.content.decode()


def test_an_unknown_address_looks_the_same_to_everyone() -> None:
    html = a_client(a_user(Role.MONITOR)).get("/no/such/page/").content.decode()
    assert "There is nothing here" in html


def test_a_form_without_its_token_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/sign-in/", {"login": "x"})
    assert response.status_code == 403
    assert "Load the page again" in response.content.decode()


def test_patients_read_of_an_error_in_their_own_words_with_help_beside_it() -> None:
    patient = a_patient(a_site())
    phone = a_telephone(patient)
    for address, status in (("/portal/nothing/", 404), ("/patients/", 403)):
        answer = phone.get(address)
        html = answer.content.decode()
        assert answer.status_code == status
        assert 'href="/portal/help/"' in html
        assert "data-quick-exit" in html
        assert not re.search(r"[Yy]our role|administrator|record number", html)
    assert 'href="/portal/help/"' in Client().get("/portal/nothing/").content.decode()
    staff = a_client(a_user(Role.MONITOR)).get("/portal/").content.decode()
    assert "Your role does not include this." in staff
    late = Client(enforce_csrf_checks=True).post("/portal/language/", {"language": "es"})
    assert (late.status_code, "open for too long" in late.content.decode()) == (403, True)


@pytest.mark.parametrize(("path", "words"), [("/", "bedside monitor"), ("/portal/plan/", "call your clinic")])
def test_our_own_faults_are_told_to_whom_they_meet(rf: RequestFactory, path: str, words: str) -> None:
    from openkap.web.views.errors import broken

    answer = broken(rf.get(path))
    assert answer.status_code == 500
    assert words in answer.content.decode()


def test_the_page_for_our_own_faults_needs_nothing() -> None:
    html = engines["django"].get_template("500.html").render({}, None)
    assert "nothing was half-saved" in html
    assert "<h1>" in html
    assert "{%" not in html


@pytest.mark.usefixtures("failing")
def test_error_pages_keep_the_policy(client: Client) -> None:
    assert "'nonce-" in client.get("/fail/state/").headers["Content-Security-Policy"]


def test_reasons_fit_into_a_header_whatever_their_letters(rf: RequestFactory) -> None:
    from openkap.web.views.errors import error_response

    request = rf.get("/")
    response = error_response(request, 409, "Línea uno\nline two \u2713")
    assert "\n" not in response.headers["X-Reason"]
    assert response.headers["X-Reason"].isascii()
