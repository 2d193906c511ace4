"""From what is missing straight to where it is entered; and signs that nobody asked for."""

import re

import pytest
from django.test import Client
from tests.factories.access import a_client, a_user
from tests.factories.assessment import adopt_all_rules, an_episode
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import THEN, a_site
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.chart.models import Answer
from openkap.apps.chart.operations import record_answer
from openkap.apps.people.models import Patient

pytestmark = pytest.mark.django_db


@shared
def asked() -> tuple[Patient, User]:
    """Somebody of whom nothing is known, and their prescriber, where every rule is adopted."""
    site = a_site()
    adopt_all_rules(a_user(Role.MEDICAL_DIRECTOR, site=site), site)
    prescriber = a_user(Role.PRESCRIBER, site=site)
    patient = a_patient(site, prescriber)
    an_episode(patient, prescriber)
    return patient, prescriber


def where(patient: Patient, rest: str = "") -> str:
    return f"/patients/{patient.public_id}/{rest}"


def finding(client: Client, patient: Patient, rule: str) -> str:
    """The part of the page about one rule."""
    page = client.get(where(patient, "assessment/")).content.decode()
    found = re.search(rf'<article [^>]*id="{rule}".*?</article>', page, re.DOTALL)
    assert found is not None, rule
    return found.group()


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("resistant-two-failed-trials", "assessment/history/"),
        ("differential-bipolar-screen", "assessment/history/screens/bipolar-questions/"),
        ("differential-psychosis-screen", "assessment/history/screens/psychosis-questions/"),
        ("differential-secondary-cause", "assessment/history/screens/cause-questions/"),
        ("default-pressure-to-65", "record/#enter-title"),
        ("clearance-urine", "assessment/clearance/items/clearance-urine/"),
    ],
)
def test_a_finding_leads_to_where_it_is_entered(asked: tuple[Patient, User], rule: str, place: str) -> None:
    patient, prescriber = asked
    client = a_client(prescriber)
    assert f'href="{where(patient, place)}"' in finding(client, patient, rule)
    assert client.get(where(patient, place)).status_code == 200


def test_a_question_is_answered_on_the_same_page(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    client = a_client(prescriber)
    shown = finding(client, patient, "default-current-mania")
    anchor = 'answer-current-mania_0"'
    assert f'href="#{anchor}' in shown
    assert f'id="{anchor}' in client.get(where(patient, "assessment/")).content.decode()


def test_a_rating_that_is_due_leads_to_its_form(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    record_answer(by=SYSTEM, now=THEN, patient=patient, concept="bipolar-disorder", reply="present")
    shown = finding(a_client(prescriber), patient, "bipolar-mania-rating")
    assert f'href="{where(patient, "measures/enter/ymrs/")}"' in shown


def test_an_undecided_rule_leads_to_knowledge() -> None:
    site = a_site()
    prescriber = a_user(Role.PRESCRIBER, site=site)
    patient = a_patient(site, prescriber)
    an_episode(patient, prescriber)
    shown = finding(a_client(prescriber), patient, "mania-watch")
    assert "Decide it in Knowledge" in shown


def test_two_signs_noted_hold_the_dose(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    client = a_client(prescriber)
    for sign in ("misuse-craving", "misuse-lost-doses"):
        said = {"concept": sign, "reply": "present", "asked_on": THEN.date().isoformat(), "note": ""}
        assert client.post(where(patient, "assessment/note/"), said).status_code == 302
    assert "Hold:" in finding(client, patient, "misuse-watch")
    assert Answer.objects.filter(recorded_by=prescriber).count() == 2


@pytest.mark.parametrize("sign", ["", "no-such-sign", "systolic-pressure"])
def test_what_is_no_sign_is_refused(asked: tuple[Patient, User], sign: str) -> None:
    patient, prescriber = asked
    said = {"concept": sign, "reply": "present", "asked_on": THEN.date().isoformat()}
    assert a_client(prescriber).post(where(patient, "assessment/note/"), said).status_code == 400
    assert not Answer.objects.exists()
