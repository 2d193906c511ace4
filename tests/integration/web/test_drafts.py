"""Drafts: kept for their author, given back, gone when sent or old; whatever is sent, never a fault."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.factories.access import a_client, a_user

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.errors import BadInput
from openkap.web import drafts
from openkap.web.drafts import KEPT_FOR, LARGEST, parse_fields
from openkap.web.models import Draft

pytestmark = pytest.mark.django_db
words = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=30)
FIELDS = {"note": ["She slept well."], "tools": ["one", "two"], "ticked": []}


@pytest.fixture
def author() -> User:
    return a_user(Role.THERAPIST)


@pytest.fixture
def client(author: User) -> Client:
    return a_client(author)


def put(client: Client, fields: object, key: str = "integration-1"):
    return client.put(f"/drafts/{key}/", json.dumps(fields), content_type="application/json")


def test_what_was_typed_is_given_back(client: Client) -> None:
    assert put(client, FIELDS).status_code == 204
    kept = client.get("/drafts/integration-1/").json()
    assert kept["fields"] == FIELDS
    assert kept["saved_at"]


def test_without_a_draft_there_is_nothing(client: Client) -> None:
    response = client.get("/drafts/integration-1/")
    assert response.status_code == 204
    assert response.content == b""


def test_the_newest_takes_the_place_of_the_older(client: Client) -> None:
    put(client, FIELDS)
    put(client, {"note": ["Later"]})
    assert Draft.objects.count() == 1
    assert client.get("/drafts/integration-1/").json()["fields"] == {"note": ["Later"]}


def test_keys_are_apart(client: Client) -> None:
    put(client, FIELDS, key="a")
    assert client.get("/drafts/b/").status_code == 204


def test_nobody_else_sees_it(client: Client) -> None:
    put(client, FIELDS)
    assert a_client(a_user(Role.THERAPIST)).get("/drafts/integration-1/").status_code == 204


def test_strangers_are_sent_to_sign_in() -> None:
    assert Client().get("/drafts/integration-1/").status_code in {302, 401}
    assert put(Client(), FIELDS).status_code in {302, 401}
    assert Draft.objects.count() == 0


def test_starting_afresh_forgets_it(client: Client) -> None:
    put(client, FIELDS)
    assert client.delete("/drafts/integration-1/").status_code == 204
    assert client.get("/drafts/integration-1/").status_code == 204


def test_after_seven_days_it_is_gone(author: User) -> None:
    then = timezone.now()
    drafts.save_draft(by=author, now=then, key="k", fields=FIELDS)
    assert drafts.draft_of(author, "k", then + KEPT_FOR) is not None
    assert drafts.draft_of(author, "k", then + KEPT_FOR + timedelta(seconds=1)) is None
    drafts.save_draft(by=a_user(), now=then + KEPT_FOR + timedelta(seconds=1), key="other", fields=FIELDS)
    assert not Draft.objects.filter(key="k").exists()


def test_an_accepted_form_needs_its_draft_no_more(client: Client) -> None:
    put(client, FIELDS, key="own-settings")
    assert client.post("/settings/", {"language": "en", "draft_key": "own-settings"}).status_code == 302
    assert Draft.objects.count() == 0


def test_a_refused_form_keeps_its_draft(client: Client) -> None:
    put(client, FIELDS, key="own-settings")
    assert client.post("/settings/", {"language": "tlh", "draft_key": "own-settings"}).status_code == 422
    assert Draft.objects.count() == 1


def test_a_form_cannot_forget_someone_elses_draft(client: Client) -> None:
    other = a_user(Role.THERAPIST)
    drafts.save_draft(by=other, now=timezone.now(), key="own-settings", fields=FIELDS)
    client.post("/settings/", {"language": "en", "draft_key": "own-settings"})
    assert Draft.objects.filter(user=other).count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b'{"a": "b"}',
        b'{"a": [1]}',
        b'{"": ["x"]}',
        b'{"a": ["\\u0000"]}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_draft_is_refused_and_nothing_kept(client: Client, body: bytes) -> None:
    response = client.put("/drafts/k/", body, content_type="application/json")
    assert response.status_code == 400
    assert Draft.objects.count() == 0


def test_too_much_is_refused_with_a_reason(client: Client) -> None:
    response = put(client, {"note": ["x" * LARGEST]})
    assert response.status_code == 400
    assert "too long" in response.content.decode()


def test_other_methods_are_refused(client: Client) -> None:
    assert client.post("/drafts/k/", {"a": "b"}).status_code == 405


class AnyBody(TestCase):
    """Fuzzed bodies either parse into lists of strings or are refused; nothing else is raised."""

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
    def test_any_body_is_parsed_or_refused(self, body: bytes) -> None:
        try:
            fields = parse_fields(body)
        except BadInput:
            return
        assert all(isinstance(value, str) for values in fields.values() for value in values)

    @given(st.dictionaries(words.filter(bool), st.lists(words, max_size=3), max_size=5))
    def test_any_fields_come_back_as_they_were(self, fields: dict[str, list[str]]) -> None:
        user = User.objects.create(email="someone@clinic.example", full_name="Someone")
        drafts.save_draft(
            by=user, now=timezone.now(), key="k", fields=parse_fields(json.dumps(fields).encode())
        )
        kept = drafts.draft_of(user, "k", timezone.now())
        assert kept is not None
        assert kept.fields == fields
        user.delete()
