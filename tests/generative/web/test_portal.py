"""Whatever is sent to a patient's pages: no fault of the server, nothing of another's, nothing half-written.

A few hundred requests here; `make fuzz-portal` sends tens of thousands.
"""

import json
import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.portal import invited
from tests.generative.web.portal_world import (
    KEPT_WITHOUT_AUDIT,
    MARKS,
    PORTAL,
    Portal,
    a_portal,
    half_written,
    route_named,
    rows_about,
    trail_about,
)
from tests.sharing import shared

from openkap.apps.access.roles import Permission
from openkap.apps.messages.links import token_of
from openkap.web.views import portal_door

pytestmark = pytest.mark.django_db
EXAMPLES = 40 if os.environ.get("OPENKAP_EXAMPLES", "suite") == "suite" else 5000
HALF = "\ud800"  # half a character: JSON can spell it, a database cannot keep it
ODD = (
    "", " ", "0", "1", "2", "3", "9", "-1", "1e9", "2.0", "NaN", "\u0661", "true", "null", "on", "REFUSED",
    "SKIP", "NA", "rather_not", "en", "es", "xx", "en-US", "2026-02-30", "12", "1984", "phq-9", "gad-7",
    "team", "me", "nobody", "free", "shared", "\x00", "a\x00b", "🙂" * 40, "z" * 5000, "<script>",
    "{{ 7*7 }}", "%s", "' OR 1=1 --", "../../", "é\u0301", "\u202e", "\r\nSet-Cookie: a=b",
)  # fmt: skip
SEGMENTS = (
    "phq-9", "gad-7", "asq", "pcl-5", "caps-5", "nothing", "1", "0", "9", "10", "99999999999999999999",
    "-1", "check", "all", "done", "00000000-0000-0000-0000-000000000001", "%00", "%ff", "ü", "..", "%2e%2e",
    "a" * 300, "drug", "you",
)  # fmt: skip
KNOWN_FIELDS = (
    "answer", "rather_not", "language", "at_once", "text", "who", "kind", "size", "next", "day", "month",
    "year", "address", "code", "again", "mail", "sms", "draft_key", "file", "note", "done", "question",
    "signature", "name", "agreed", "understood", "reason", "key", "hour", "channel", "csrfmiddlewaretoken",
)  # fmt: skip
PAGES_THAT_ARE_READINGS = {
    "portal:plan": "chart.read",
    "portal:access-log": "audit.read-log",
}


@dataclass(frozen=True)
class Request:
    """One request: to a page of mine, of the other patient's, or to an address that is odd."""

    route: str
    whose: str
    swap: tuple[int, str]  # which part of the address becomes what, where the address is odd
    method: str
    kind: str  # of body
    fields: dict[str, str]
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


TEXTS = st.one_of(st.sampled_from(ODD), st.text(max_size=20))
NAMES = st.one_of(
    st.sampled_from(KNOWN_FIELDS),
    st.sampled_from([f"q-{n}" for n in range(1, 11)]),
    st.text(min_size=1, max_size=6),
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from([*ODD, HALF]), st.text(max_size=8)
)
JSON = st.one_of(
    LEAVES.map(lambda one: {"answer": [one]}),
    st.dictionaries(
        st.sampled_from(["q-1", "q-9", "text", HALF, "who"]), st.lists(LEAVES, max_size=2), max_size=4
    ),
    st.dictionaries(st.sampled_from(["q-1", "q-2", "x"]), st.lists(LEAVES, max_size=2), max_size=3).map(
        lambda fields: {"fields": fields, "held": {}}
    ),
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from(["application/json", "text/html", "*/*", "nonsense"]),
        "HX-Request": st.just("true"),
        "Accept-Language": st.sampled_from(["es", "xx-YY;q=2", "*", "z" * 300]),
        "If-Modified-Since": st.just("yesterday"),
        "Range": st.just("bytes=9-1"),
    },
)
REQUESTS = st.builds(
    Request,
    route=st.sampled_from([route.name for route in PORTAL]),
    whose=st.sampled_from(["mine", "mine", "mine", "theirs", "odd"]),
    swap=st.tuples(st.integers(0, 8), st.sampled_from(SEGMENTS)),
    method=st.sampled_from(
        ["GET", "GET", "POST", "POST", "POST", "PUT", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS"]
    ),
    kind=st.sampled_from(["form", "form", "json", "json", "file", "bytes", "wrong type"]),
    fields=st.dictionaries(NAMES, TEXTS, max_size=5),
    body=JSON,
    headers=HEADERS,
)
BIRTH_DATES = {("12", "3", "1984")}  # of everybody here: who says it and holds the other's link is the other


@shared
def made() -> Portal:
    return a_portal()


@pytest.fixture(scope="module")
def portal(shared_worlds: dict[str, Any]) -> Portal:
    """One for all examples: each undoes what it did."""
    found: Portal = shared_worlds["made"]
    return found


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_door, "ASKING_TAKES", 0.0)


def where(one: Request, portal: Portal) -> str:
    """The address of a request, as it goes over the line."""
    path = (portal.theirs if one.whose == "theirs" else portal.mine)[one.route]
    if one.whose == "odd":
        parts = path.strip("/").split("/")
        place, text = one.swap
        parts[place % len(parts)] = text
        path = "/" + "/".join(quote(part, safe="%.") for part in parts) + "/"
    return path


def send(one: Request, portal: Portal, client: Client) -> HttpResponseBase:
    """Send it; the answer, with what a stream or file holds read to its end."""
    path, data, kind = where(one, portal), b"", "application/octet-stream"
    if one.kind == "form":
        data, kind = urlencode(one.fields, errors="replace").encode(), "application/x-www-form-urlencoded"
    elif one.kind == "json":
        data, kind = json.dumps(one.body).encode(), "application/json"
    elif one.kind == "file" and one.method == "POST":
        upload = SimpleUploadedFile("steps.csv", repr(one.body).encode(errors="replace"), "text/csv")
        return client.post(path, {"file": upload, "language": "en"}, headers=one.headers)
    elif one.kind == "wrong type":
        data, kind = repr(one.body).encode(errors="replace"), "multipart/form-data"
    else:
        data = repr(one.body).encode(errors="replace")
    return client.generic(one.method, path, data, kind, headers=one.headers)


def content_of(answer: HttpResponseBase) -> str:
    if answer.streaming:
        return b"".join(answer.streaming_content).decode(errors="replace")  # type: ignore[attr-defined]
    return answer.content.decode(errors="replace")  # type: ignore[attr-defined,no-any-return]


def is_the_other_coming_in(one: Request) -> bool:
    """The other patient's link with their birth date is their way in."""
    said = tuple(one.fields.get(name, "") for name in ("day", "month", "year"))
    return one.route == "portal:open" and one.whose == "theirs" and said in BIRTH_DATES


def faults_of(one: Request, portal: Portal, client: Client, who: str) -> list[str]:
    """What is wrong with the answer, and with what the request left behind."""
    others, mine, trail = rows_about(portal.other), rows_about(portal.me), trail_about(portal.me)
    answer = send(one, portal, client)
    text, faults = content_of(answer), []
    asked = where(one, portal) + json.dumps(one.fields)
    if answer.status_code >= 500:
        faults.append(f"status {answer.status_code}")
    told = [*MARKS, *portal.others_ids]
    faults += [f"tells {mark}" for mark in told if mark in text and mark not in asked]
    if rows_about(portal.other) != others and one.route not in {"portal:open", "portal:ask"}:
        faults.append("changed something of the other patient")
    changed = {table for table, digest in rows_about(portal.me).items() if digest != mine[table]}
    if changed - KEPT_WITHOUT_AUDIT and trail_about(portal.me) == trail:
        faults.append(f"changed {changed} and left nothing in the trail")
    faults += half_written(portal.me)
    if one.whose != "odd":
        faults += _faults_of_reading(one, answer, who, trail_about(portal.me) > trail)
    return faults


def _faults_of_reading(one: Request, answer: HttpResponseBase, who: str, in_trail: bool) -> list[str]:
    policy = route_named(one.route).policy
    shown = 200 <= answer.status_code < 300 and one.method != "OPTIONS"
    if who != "me" and shown and policy and policy.permission is Permission.OWN_RECORD:
        return [f"shown to {who}"]
    if shown and who == "me" and one.method == "GET" and one.route in PAGES_THAT_ARE_READINGS and not in_trail:
        return ["read and not in the trail"]
    return []


def test_whatever_is_sent_nothing_breaks_and_nothing_of_anothers_is_told(portal: Portal) -> None:
    @settings(max_examples=EXAMPLES)
    @given(
        st.sampled_from(["me", "me", "me", "me", "closed", "nobody"]),
        st.lists(REQUESTS, min_size=1, max_size=6),
    )
    def attempt(who: str, requests: list[Request]) -> None:
        with transaction.atomic():
            client = portal.client(who)
            for one in requests:
                if not is_the_other_coming_in(one):
                    faults = faults_of(one, portal, client, who)
                    assert not faults, (who, one, faults)
            transaction.set_rollback(True)

    attempt()


@pytest.mark.parametrize(("method", "texts"), [("POST", ("\x00", "z" * 5000)), ("PUT", ("\x00", HALF))])
def test_every_page_holds_against_the_worst_texts(portal: Portal, method: str, texts: tuple[str, ...]) -> None:
    """In every field it has and some that it has not, so that none is left to chance."""
    faults = []
    for route in PORTAL:
        names = names_of(portal, route.name)
        for text in texts:
            fields = dict.fromkeys((*KNOWN_FIELDS, *names), text)
            body = {name: [text] for name in fields} | {"fields": {"q-1": [text]}, "held": {}}
            kind = "json" if method == "PUT" else "form"
            one = Request(route.name, "mine", (0, ""), method, kind, fields, body)
            with transaction.atomic():
                answer = send(one, portal, portal.client("me"))
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                faults.append(f"{route.name} {method} {text[:3]!r}: {answer.status_code}")
    assert not faults, "\n".join(faults)


def names_of(portal: Portal, route: str) -> set[str]:
    """The names of the fields on a page."""
    with transaction.atomic():
        answer = portal.client("me").get(portal.mine[route])
        transaction.set_rollback(True)
    return set(re.findall(r'name="([^"]+)"', content_of(answer)))


@pytest.mark.parametrize(
    "who", ["me", "closed", "nobody", "medical-director elsewhere", "prescriber elsewhere"]
)
def test_nobody_sees_or_changes_anothers_questionnaire(portal: Portal, who: str) -> None:
    """Every page of questionnaires, the patients' and the staff's, for things of somebody else."""
    assert who == "nobody" or portal.keys[who]
    faults, before = [], rows_about(portal.other)
    for name, path in portal.theirs.items():
        if not name.startswith("measures:"):
            continue
        for method in ("GET", "POST", "PUT"):
            with transaction.atomic():
                body = b'{"answer": ["1"], "fields": {"q-1": ["1"]}, "held": {}}'
                answer = portal.client(who).generic(method, path, body, "application/json")
                text = content_of(answer)
                told = [mark for mark in (*MARKS, *portal.others_ids) if mark in text and mark not in path]
                if told or answer.status_code >= 500 or not_refused(name, path, who, answer):
                    faults.append(f"{name} {method}: {answer.status_code} {told}")
                if rows_about(portal.other) != before:
                    faults.append(f"{name} {method} changed something")
                transaction.set_rollback(True)
    assert not faults, "\n".join(faults)


def not_refused(name: str, path: str, who: str, answer: HttpResponseBase) -> bool:
    """Whether it was opened to them. An address without an id is everybody's own: it shows what is theirs."""
    shows_own = who == "me" and not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", path)
    return not shows_own and 200 <= answer.status_code < 300


def test_a_link_that_has_run_out_leads_nowhere(portal: Portal) -> None:
    with transaction.atomic():
        link = invited(portal.other, now=timezone.now() - timedelta(days=4))
        client = portal.client("nobody")
        opened = client.post(f"/link/{token_of(link.public_id)}/", {"day": "12", "month": "3", "year": "1984"})
        assert opened.status_code == 410
        assert client.get(portal.theirs["measures:own-start"]).status_code == 302
        transaction.set_rollback(True)
