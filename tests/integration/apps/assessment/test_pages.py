"""The assessment page as a prescriber uses it, and as others see it."""

import html

import pytest
from tests.factories import chart as fhir
from tests.factories.access import a_client, a_user
from tests.factories.assessment import adopt_all_rules, an_episode
from tests.factories.chart import imported
from tests.factories.people import SYSTEM
from tests.factories.sites import THEN, a_site
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.assessment.models import Episode, Override, SignedAssessment
from openkap.apps.assessment.queries import assessment_of
from openkap.apps.audit.models import Row
from openkap.apps.chart.models import Answer
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import add_to_care_team

pytestmark = pytest.mark.django_db
ALCOHOL = fhir.condition(code=fhir.coded("Alcoholism", "7200002"))
HOLD = "default-substance-use-disorder"


@shared
def asked() -> tuple[Patient, User]:
    """A patient with alcoholism and a tennis elbow, and their prescriber."""
    site = a_site()
    prescriber = a_user(Role.PRESCRIBER, site=site)
    adopt_all_rules(a_user(Role.MEDICAL_DIRECTOR, site=site), site)
    elbow = fhir.condition("c2", code=fhir.coded("Tennis elbow", "202855006"))
    patient = imported(fhir.bundle(ALCOHOL, elbow), site).patient
    add_to_care_team(by=SYSTEM, now=THEN, patient=patient, user=prescriber)
    return patient, prescriber


def where(patient: Patient) -> str:
    return f"/patients/{patient.public_id}/assessment/"


def test_every_finding_shows_the_place_of_its_source(asked: tuple[Patient, User]) -> None:
    """Citation and page, table or section, for each finding; what only informs is folded apart."""
    patient, prescriber = asked
    an_episode(patient, prescriber)
    shown = html.unescape(a_client(prescriber).get(where(patient)).content.decode())
    judged = assessment_of(patient, THEN)
    assert judged is not None
    for finding in judged.open_findings:
        for source in finding.sources:
            assert f"{source.citation}: {source.locator}" in shown, finding.rule_id
    assert "Good to know" in shown
    assert shown.index('id="ketamine-off-label"') > shown.index("Good to know")


def test_from_the_indication_to_a_decision(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    browser, page = a_client(prescriber), where(patient)
    assert "No indication yet" in browser.get(page).content.decode()
    assert (
        browser.post(f"{page}indication/", {"indication": "trd", "drug": "ketamine", "route": "iv"}).status_code
        == 302
    )
    shown = browser.get(page).content.decode()
    for words in (
        "Alcoholism",
        "read in source",
        "Tennis elbow",
        "Has there ever been a stroke?",
        f"/knowledge/{HOLD}/",
    ):
        assert words in shown, words
    assert browser.post(f"{page}answers/", {"stroke": "absent", "asked_on": "2026-09-01"}).status_code == 302
    assert Answer.objects.get().recorded_by == prescriber
    assert "Has there ever been a stroke?" not in browser.get(page).content.decode()
    refused = browser.post(f"{page}decision/", {"decision": "treat"})
    assert refused.status_code == 400
    assert "Something still blocks or is needed" in refused.content.decode()
    assert browser.post(f"{page}decision/", {"decision": "wait", "reason": "liver tests"}).status_code == 302
    assert "liver tests" in browser.get(page).content.decode()
    assert SignedAssessment.objects.get().recorded_by == prescriber


def test_setting_aside_and_taking_back(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    an_episode(patient, prescriber)
    browser, page = a_client(prescriber), where(patient)
    assert browser.post(f"{page}overrides/{HOLD}/", {"reason": "x"}).status_code == 400
    assert (
        browser.post(f"{page}overrides/{HOLD}/", {"reason": "y" * 20, "expires_on": "2126-01-01"}).status_code
        == 400
    )
    assert browser.post(f"{page}overrides/no-such-rule/", {"reason": "y" * 20}).status_code == 400
    assert browser.post(f"{page}overrides/{HOLD}/", {"reason": "abstinent for a year"}).status_code == 302
    assert "abstinent for a year" in browser.get(page).content.decode()
    made = Override.objects.get()
    assert browser.post(f"{page}overrides/{made.public_id}/end/").status_code == 302
    assert "Everything ever set aside" in browser.get(page).content.decode()
    made.refresh_from_db()
    assert made.ended_by == prescriber


def test_ending_the_episode(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    an_episode(patient, prescriber)
    browser, page = a_client(prescriber), where(patient)
    assert browser.post(f"{page}end/", {"reason": ""}).status_code == 400
    assert browser.post(f"{page}end/", {"reason": "moved away"}).status_code == 302
    assert "moved away" in browser.get(page).content.decode()
    assert browser.post(f"{page}end/", {"reason": "again"}).status_code == 400
    assert browser.post(f"{page}decision/", {"decision": "wait", "reason": "x"}).status_code == 400
    assert browser.post(f"{page}answers/", {"asked_on": "2026-09-01"}).status_code == 302


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"indication": "trd", "drug": "ketamine", "route": "in"},
        {"indication": "x", "drug": "y", "route": "z"},
    ],
)
def test_what_cannot_be_asked_for_changes_nothing(asked: tuple[Patient, User], said: dict[str, str]) -> None:
    patient, prescriber = asked
    assert a_client(prescriber).post(f"{where(patient)}indication/", said).status_code == 400
    assert not Episode.objects.exists()


@pytest.mark.parametrize(
    "said", [{"stroke": "maybe"}, {"asked_on": "2126-01-01", "stroke": "absent"}, {"asked_on": "x"}]
)
def test_answers_are_saved_together_or_not_at_all(asked: tuple[Patient, User], said: dict[str, str]) -> None:
    patient, prescriber = asked
    an_episode(patient, prescriber)
    sent = {"asked_on": "2026-09-01", "aneurysm": "absent"} | said
    assert a_client(prescriber).post(f"{where(patient)}answers/", sent).status_code == 400
    assert not Answer.objects.exists()


def test_others_read_it_but_decide_nothing(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    an_episode(patient, prescriber)
    therapist = a_user(Role.THERAPIST, site=patient.site)
    add_to_care_team(by=SYSTEM, now=THEN, patient=patient, user=therapist)
    browser, page = a_client(therapist), where(patient)
    shown = browser.get(page)
    assert shown.status_code == 200
    assert b"Override" not in shown.content
    assert b'name="decision"' not in shown.content
    for act in ("indication/", "answers/", "decision/", "end/", f"overrides/{HOLD}/"):
        assert browser.post(page + act, {"reason": "y" * 20}).status_code == 403
    assert Row.objects.filter(action="assessment.read", patient_id=patient.public_id).count() == 1
