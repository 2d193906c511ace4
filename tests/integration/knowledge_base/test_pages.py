"""The Knowledge screen as people use it."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from tests.factories.access import a_client, a_user
from tests.factories.sites import a_site
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.knowledge_base import queries, words
from openkap.apps.knowledge_base.browsing import listed, narrowed
from openkap.apps.knowledge_base.models import SignOff
from openkap.apps.knowledge_base.views import PER_PAGE
from openkap.apps.sites.models import Site
from openkap.knowledge.schema.record import Record

pytestmark = pytest.mark.django_db


@shared
def site() -> Site:
    return a_site()


@pytest.fixture
def director(site: Site) -> User:
    return a_user(Role.MEDICAL_DIRECTOR, site=site)


@pytest.fixture
def client(director: User) -> Client:
    return a_client(director)


def a_waiting_record(site: Site) -> Record:
    known = queries.knowledge_for(site, timezone.now())
    return next(record for _, record in queries.records_of(known) if queries.waits_for_decision(known, record))


def test_a_record_of_every_kind_opens_where_it_stands_in_the_list(client: Client, site: Site) -> None:
    known = queries.knowledge_for(site, timezone.now())
    for record in dict(queries.records_of(known)).values():
        answer = client.get(f"/knowledge/{record.id}/")
        assert answer.status_code == 200
        assert answer.context["record"] == record
        assert record.id in [item.record.id for item in answer.context["page"]]
        page = answer.content.decode()
        assert "What it says" in page
        assert str(record.version) in page


def test_every_record_says_what_it_holds_and_on_what_it_rests(site: Site) -> None:
    known = queries.knowledge_for(site, timezone.now())
    for item in listed(known, known.at, "es"):
        entries = words.entries_of(item.record, "es")
        plain, nested = [one for one in entries if not one.parts], [one for one in entries if one.parts]
        context = {"shown": item, "record": item.record, "plain": plain, "nested": nested, "site": site}
        said = render_to_string("knowledge_base/record.html", context)
        assert said.count("<dt>") > len(entries), item.record.id
        assert all(escape(source.citation) in said for source in item.record.sources), item.record.id


def test_the_list_is_shown_by_the_page(client: Client) -> None:
    first = client.get("/knowledge/").context["page"]
    second = client.get("/knowledge/?page=2").context["page"]
    assert len(first.object_list) == len(second.object_list) == PER_PAGE
    assert not {item.record.id for item in first} & {item.record.id for item in second}
    assert client.get("/knowledge/?page=99999").context["page"].number == first.paginator.num_pages
    assert client.get("/knowledge/?page=x").status_code == 200


def test_the_list_shows_what_waits_first_and_narrows(site: Site) -> None:
    known = queries.knowledge_for(site, timezone.now())
    items = listed(known, known.at, "en")
    waiting = [item.waiting for item in items]
    assert waiting == sorted(waiting, reverse=True)
    assert any(waiting)
    for kind in {item.kind for item in items}:
        assert {item.kind for item in narrowed(items, {"kind": kind})} == {kind}
    assert all(item.waiting for item in narrowed(items, {"state": "waiting"}))
    assert narrowed(items, {"q": "gad-7"})
    assert narrowed(items, {"q": "no record says this"}) == []
    held = {(item.record.verification.value, item.state.value) for item in items}
    found = [narrowed(items, {"verification": read, "state": state}) for read, state in held]
    assert sum(map(len, found)) == len(items)


def test_filters_are_kept_and_nonsense_is_harmless(client: Client) -> None:
    assert client.get("/knowledge/?kind=instruments&q=phq").context["page"]
    assert client.get("/knowledge/?kind=nonsense&state=zz&site=nobody").status_code == 200
    assert client.get("/knowledge/?kind=nonsense&state=%00").status_code == 400
    assert "Nothing fits" in client.get("/knowledge/?q=zzzz").content.decode()


def test_an_unknown_record_is_not_found(client: Client) -> None:
    assert client.get("/knowledge/no-such-record/").status_code == 404


def test_the_director_adopts_in_the_page(client: Client, site: Site, director: User) -> None:
    record = a_waiting_record(site)
    assert "Your sign-off" in client.get(f"/knowledge/{record.id}/").content.decode()
    answer = client.post(
        f"/knowledge/{record.id}/sign-off/",
        {"version": record.version, "decision": "adopt", "reason": "Read it."},
    )
    assert answer.headers["Location"] == f"/knowledge/{record.id}/"
    decided = SignOff.objects.get()
    assert (decided.adopted, decided.decided_by, decided.site) == (True, director, site)
    assert "Read it." in client.get(f"/knowledge/{record.id}/").content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {"decision": "reject", "reason": ""},
        {"decision": "perhaps"},
        {},
        {"decision": "adopt", "version": "99"},
        {"decision": "adopt", "version": "x"},
    ],
)
def test_a_bad_decision_changes_nothing_and_says_why(client: Client, site: Site, said: dict[str, str]) -> None:
    record = a_waiting_record(site)
    answer = client.post(f"/knowledge/{record.id}/sign-off/", {"version": str(record.version), **said})
    assert answer.status_code == 400
    assert "Nothing was saved yet" in answer.content.decode()
    assert not SignOff.objects.exists()


def test_others_read_but_are_offered_no_decision(site: Site) -> None:
    record = a_waiting_record(site)
    client = a_client(a_user(Role.THERAPIST, site=site))
    assert "Your sign-off" not in client.get(f"/knowledge/{record.id}/").content.decode()
    assert client.post(f"/knowledge/{record.id}/sign-off/", {}).status_code == 403
