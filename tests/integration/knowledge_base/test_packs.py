"""Licensed words of a site: taken up and withdrawn by its director, used by its people, nowhere else."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.factories.access import a_client, a_user
from tests.factories.sites import a_site
from tests.sharing import shared

from openkap import knowledge
from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.knowledge_base import queries
from openkap.apps.knowledge_base.models import WordingPack
from openkap.apps.knowledge_base.operations import add_pack, withdraw_pack
from openkap.apps.sites.models import Site
from openkap.core.psychometrics import parse_answers, score, wording_digest
from openkap.errors import BadInput, NotAllowedNow, OpenkapError, Refused

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@shared
def site() -> Site:
    return a_site()


@pytest.fixture
def director(site: Site) -> User:
    return a_user(Role.MEDICAL_DIRECTOR, site=site)


def a_pack(**changes: Any) -> bytes:
    """Five made-up questions that score as the WSAS does."""
    known = knowledge.load(NOW.date()).instruments["wsas"]
    plain = known.model_dump(mode="json", exclude_defaults=True)
    words = {
        "wording": "local-pack",
        "licence_evidence": {
            "holder": "A publisher", "statement": "For this site", "read_at": "the contract",
            "read_on": "2026-11-01", "attribution": {"en": "Used with permission."},
        },
        "scales": {"eight": {"lowest": 0, "highest": 8, "low": {"en": "Not"}, "high": {"en": "Very"}}},
        "items": [
            {"id": str(n), "choices": "eight", "text": {"en": f"Made-up question {n}"}} for n in range(1, 6)
        ],
        "missing": {"at_most": 1},
        "examples": [{"answers": "8,0,0,0,1", "total": 9}, {"answers": "8,8,8,8,NA", "total": 40}],
    }  # fmt: skip
    return yaml.safe_dump({**plain, **words, **changes}).encode()


def add(director: User, site: Site, raw: bytes | None = None, **more: Any) -> WordingPack:
    given = {"licence": "Contract 12", "expires_on": None} | more
    return add_pack(by=director, now=NOW, site=site, raw=raw or a_pack(), **given)


def test_a_pack_gives_its_site_the_words_and_no_other(director: User, site: Site) -> None:
    other = a_site()
    pack = add(director, site)
    here = queries.knowledge_for(site, NOW).instruments["wsas"]
    assert next(item.text.en for item in here.items if item.text) == "Made-up question 1"
    assert score(here, parse_answers("8,8,8,8,8")).total == 40
    assert not queries.knowledge_for(other, NOW).instruments["wsas"].items
    row = Row.objects.get(action="knowledge_base.add-pack")
    assert row.details["sha256"] == pack.sha256


def test_a_pack_that_ran_out_or_was_withdrawn_gives_nothing_and_stays_readable(
    director: User, site: Site
) -> None:
    pack = add(director, site, expires_on=NOW.date() + timedelta(days=30))
    digest = wording_digest(queries.knowledge_for(site, NOW).instruments["wsas"], "en")
    assert not queries.knowledge_for(site, NOW + timedelta(days=32)).instruments["wsas"].items
    withdraw_pack(by=director, now=NOW, pack=pack)
    assert not queries.knowledge_for(site, NOW).instruments["wsas"].items
    readable = queries.instrument_with_words(site.pk, "wsas", digest)
    assert readable is not None
    assert len(readable.items) == 5
    with pytest.raises(NotAllowedNow):
        withdraw_pack(by=director, now=NOW, pack=pack)
    add(director, site)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"version": 2}, "version is not that of WSAS"),
        ({"range": {"lowest": 0, "highest": 41}}, "range"),
        ({"id": "no-such"}, "no questionnaire of that name"),
        ({"id": "phq-9"}, "The words of PHQ-9 are here already"),
        ({"wording": "shipped"}, "wording: local-pack"),
        ({"licence_evidence": None}, "licence_evidence"),
        ({"surprise": 1}, "surprise: is not a field that belongs here"),
        ({"examples": []}, "needs worked examples"),
        ({"examples": [{"answers": "8,0,0,0,1", "total": 8}]}, "total is 9, and should be 8"),
        ({"recall_days": 14}, "recall_days is not that of WSAS"),
        (
            {
                "subscales": [
                    {
                        "id": "work",
                        "title": {"en": "Work"},
                        "items": ["1"],
                        "range": {"lowest": 0, "highest": 8},
                        "missing": {"at_most": 0},
                    }
                ]
            },
            "subscales are not",
        ),
    ],
)
def test_a_pack_that_does_not_fit_is_refused(
    director: User, site: Site, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        add(director, site, a_pack(**changes))
    assert not WordingPack.objects.exists()


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"a: [", b"- 1", b"a: 1\na: 2", b"x" * 200_001])
def test_what_is_no_pack_is_refused(director: User, site: Site, raw: bytes) -> None:
    with pytest.raises(BadInput):
        add(director, site, raw)


@pytest.mark.parametrize(
    "more", [{"licence": " "}, {"expires_on": NOW.date() - timedelta(days=1)}], ids=["no licence", "run out"]
)
def test_a_licence_is_needed(director: User, site: Site, more: dict[str, Any]) -> None:
    with pytest.raises(OpenkapError):
        add(director, site, **more)


def test_one_pack_of_an_instrument_at_a_time(director: User, site: Site) -> None:
    add(director, site)
    with pytest.raises(NotAllowedNow, match="Withdraw"):
        add(director, site)


def test_only_the_director_of_the_site_signs_for_words(site: Site) -> None:
    for by in (a_user(Role.PRESCRIBER, site=site), a_user(Role.MEDICAL_DIRECTOR)):
        with pytest.raises(Refused):
            add(by, site)


def test_the_page_takes_up_and_withdraws(director: User, site: Site) -> None:
    client = a_client(director)
    address = f"/knowledge/wordings/?site={site.public_id}"
    assert "No licensed words yet" in client.get(address).content.decode()
    sent = {"file": SimpleUploadedFile("wsas.yaml", a_pack()), "licence": "Contract 12", "answers_for_it": "on"}
    assert client.post(address, {**sent, "answers_for_it": ""}).status_code == 400
    sent["file"] = SimpleUploadedFile("wsas.yaml", a_pack())
    assert client.post(address, sent).status_code == 302
    page = client.get(address).content.decode()
    assert "Contract 12" in page
    pack = WordingPack.objects.get()
    withdraw = f"/knowledge/wordings/{pack.public_id}/withdraw/?site={site.public_id}"
    assert client.post(withdraw).status_code == 302
    assert "withdrawn" in client.get(address).content.decode()
    reader = a_client(a_user(Role.THERAPIST, site=site))
    assert reader.get(address).status_code == 200
    assert reader.post(address, sent).status_code in {302, 400, 403}
    assert WordingPack.objects.count() == 1
