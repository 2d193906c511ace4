"""The therapy tab, writing a note and reading it."""

from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from django.test import Client
from tests.factories.access import a_client, a_user
from tests.factories.dosing import Sitting
from tests.factories.therapy import HOUR, a_note, after_a_dose
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.journal.practising import practices_of
from openkap.apps.planning.models import Visit
from openkap.apps.therapy.models import IntegrationNote

pytestmark = pytest.mark.django_db


@shared
def case() -> tuple[Sitting, Visit]:
    return after_a_dose()


def entered(sitting: Sitting, **more: object) -> dict[str, object]:
    """What a therapist types: times as the clock in Los Angeles shows them, seven hours behind UTC."""
    began = sitting.zero + 25 * HOUR - 7 * HOUR
    return {
        "began_at": f"{began:%Y-%m-%dT%H:%M}",
        "minutes": "50",
        "methods": ["therapy-emdr", "therapy-ifs"],
        "what_happened": "the corridor again",
        "rated": "how disturbing it is",
        "rating_before": "7",
        "rating_after": "3",
    } | more


@pytest.fixture
def browser(case: tuple[Sitting, Visit]) -> Iterator[Client]:
    sitting, _visit = case
    with time_machine.travel(sitting.zero + 28 * HOUR):
        yield a_client(sitting.cared.therapist)


def test_the_tab_offers_the_note_of_the_visit_that_is_due(case: tuple[Sitting, Visit], browser: Client) -> None:
    sitting, visit = case
    page = browser.get(f"/patients/{sitting.cared.patient.public_id}/therapy/").content.decode()
    assert f"/visits/{visit.public_id}/note/" in page
    assert page.count("Write the note") == 1
    assert "after dose 1, inside 48 h (hypothesis)" in page
    assert "No trial combines it with ketamine" in page
    assert Row.objects.filter(action="therapy.read").exists()


def test_a_note_is_signed_and_read(case: tuple[Sitting, Visit], browser: Client) -> None:
    sitting, visit = case
    form = browser.get(f"/visits/{visit.public_id}/note/").content.decode()
    assert f'data-draft="integration-{visit.public_id}"' in form
    answer = browser.post(f"/visits/{visit.public_id}/note/", entered(sitting), follow=True)
    page = answer.content.decode()
    note = IntegrationNote.objects.get()
    assert note.began_at == sitting.zero + 25 * HOUR
    assert "25 h after dose 1, inside 48 h (hypothesis)" in page
    assert "how disturbing it is: 7 before, 3 after" in page
    assert "Animal work" in page  # what the window rests on
    assert browser.get(f"/visits/{visit.public_id}/note/").status_code == 302  # written already


WRONG: list[dict[str, object]] = [
    {"began_at": "2099-01-01T09:00"},
    {"began_at": "0001-01-01T00:00"},
    {"began_at": "9999-12-31T23:59"},
    {"began_at": "yesterday"},
    {"minutes": "0"},
    {"minutes": "many"},
    {"methods": []},
    {"methods": ["astrology"]},
    {"what_happened": ""},
    {"rating_before": "11"},
    {"rated": ""},
]


def test_what_is_wrong_is_said_and_nothing_is_signed(case: tuple[Sitting, Visit], browser: Client) -> None:
    sitting, visit = case
    for wrong in WRONG:
        answer = browser.post(f"/visits/{visit.public_id}/note/", entered(sitting, **wrong))
        assert answer.status_code == 422, wrong
    assert not IntegrationNote.objects.exists()


def test_an_addendum_is_added_from_the_page(case: tuple[Sitting, Visit], browser: Client) -> None:
    sitting, visit = case
    note = a_note(sitting, visit)
    address = f"/therapy-notes/{note.public_id}/"
    assert browser.post(address, {"text": ""}).status_code == 422
    assert (
        "she called later" in browser.post(address, {"text": "she called later"}, follow=True).content.decode()
    )


def test_a_monitor_reads_without_buttons(case: tuple[Sitting, Visit], browser: Client) -> None:
    sitting, visit = case
    note = a_note(sitting, visit)
    monitor = a_client(sitting.cared.monitor)
    page = monitor.get(f"/therapy-notes/{note.public_id}/").content.decode()
    assert "worked on the corridor" in page
    assert "Add to the note" not in page
    assert monitor.post(f"/therapy-notes/{note.public_id}/", {"text": "x"}).status_code == 403
    assert monitor.get(f"/visits/{visit.public_id}/note/").status_code == 403


def test_a_stranger_finds_nothing(case: tuple[Sitting, Visit], browser: Client) -> None:
    sitting, visit = case
    stranger = a_client(a_user(Role.THERAPIST, site=sitting.cared.site))
    for address in (
        f"/patients/{sitting.cared.patient.public_id}/therapy/",
        f"/visits/{visit.public_id}/note/",
    ):
        assert stranger.get(address).status_code == 404


def test_a_dosing_visit_has_no_therapy_note(case: tuple[Sitting, Visit], browser: Client) -> None:
    sitting, _visit = case
    assert browser.get(f"/visits/{sitting.session.visit.public_id}/note/").status_code == 404


def test_homework_goes_onto_the_patients_list_once(case: tuple[Sitting, Visit], browser: Client) -> None:
    sitting, visit = case
    note = a_note(sitting, visit)
    address = f"/therapy-notes/{note.public_id}/"
    assert 'value="walk to the bridge"' in browser.get(address).content.decode()
    assert browser.post(f"{address}practise/", {"title": ""}).status_code == 400
    assert browser.post(f"{address}practise/", {"title": "The bridge"}).status_code == 302
    (practice,) = practices_of(sitting.cared.patient)
    assert (practice.title, practice.how, practice.method) == (
        "The bridge",
        "walk to the bridge",
        "therapy-emdr",
    )
    assert browser.post(f"{address}practise/", {"title": "The bridge"}).status_code == 409
    assert "On the patient's list of practice" in unescape(browser.get(address).content.decode())
