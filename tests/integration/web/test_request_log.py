"""What a request leaves in the log."""

import uuid

import pytest
import structlog
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from structlog.testing import capture_logs

from openkap.web.request_log import HEADER, RequestLogMiddleware

CANARY = "canary-heard-voices-at-night"


@pytest.mark.django_db
def test_a_line_names_the_route_and_not_the_address(client: Client) -> None:
    with capture_logs() as lines:
        response = client.get("/health", {"q": CANARY}, headers={"user-agent": CANARY, "referer": CANARY})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["route"] == "web:health"
    assert line["method"] == "GET"
    assert line["status"] == response.status_code
    assert line["user"] is None
    assert CANARY not in str(lines)


@pytest.mark.django_db
def test_an_address_that_nobody_serves_is_not_repeated(client: Client) -> None:
    with capture_logs() as lines:
        client.get(f"/{CANARY}/")
    assert [line["route"] for line in lines if line["event"] == "request"] == ["none"]
    assert CANARY not in str([line for line in lines if line["event"] == "request"])


def test_the_lines_of_one_request_share_its_id() -> None:
    seen: dict[str, object] = {}

    def view(request: HttpRequest) -> HttpResponse:
        seen.update(structlog.contextvars.get_contextvars())
        return HttpResponse()

    response = RequestLogMiddleware(view)(RequestFactory().get("/"))
    assert seen["request_id"] == response.headers[HEADER]
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_who_asked_is_named_by_public_id_only() -> None:
    class Person:
        public_id = uuid.UUID(int=7)
        full_name = CANARY

    request = RequestFactory().get("/")
    request._cached_user = Person()  # type: ignore[attr-defined]
    with capture_logs() as lines:
        RequestLogMiddleware(lambda _request: HttpResponse())(request)
    assert lines[0]["user"] == str(Person.public_id)
    assert CANARY not in str(lines)


def test_nobody_is_looked_up_for_the_log() -> None:
    class Trap(AnonymousUser):
        @property
        def public_id(self) -> str:
            raise Http404

    request = RequestFactory().get("/")
    request.user = Trap()
    with capture_logs() as lines:
        RequestLogMiddleware(lambda _request: HttpResponse())(request)
    assert lines[0]["user"] is None
