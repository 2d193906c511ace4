"""The step 'History' as a prescriber fills it in, and as others see it."""

from typing import Any

import pytest
from tests.factories import chart as fhir
from tests.factories.access import a_client, a_user
from tests.factories.assessment import an_episode
from tests.factories.chart import imported
from tests.factories.history import NOTHING_FOUND, a_spell, a_trial
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import a_site
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.assessment.models import DifferentialDecision, PastTreatment, PresentSpell, ScreenReply
from openkap.apps.audit.models import Row
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import add_to_care_team

pytestmark = pytest.mark.django_db

DRUG = {
    "name": "Sertraline", "drug_class": "", "role": "main", "dose": "150", "dose_unit": "mg/d",
    "dose_adequate": "yes", "taken_as_agreed": "yes", "weeks": "10", "why_ended": "no-effect",
    "no_response_clear": "unknown", "percent_better": "15", "spell": "present", "told_by": "record",
}  # fmt: skip


@shared
def asked() -> tuple[Patient, User]:
    site = a_site()
    prescriber = a_user(Role.PRESCRIBER, site=site)
    return a_patient(site, prescriber), prescriber


def where(patient: Patient) -> str:
    return f"/patients/{patient.public_id}/assessment/history/"


def page(browser: Any, patient: Patient) -> str:
    shown: str = browser.get(where(patient)).content.decode()
    return shown


def test_three_trials_come_to_stages_with_their_working(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    browser, root = a_client(prescriber), where(patient)
    assert "Nothing is entered yet" in page(browser, patient)
    others = (
        {"name": "venlafaxine", "dose": "225", "percent_better": "38"},
        {"name": "Wellbutrin", "dose": "300", "percent_better": "", "score_before": "40", "score_after": "36"},
    )
    for said in ({}, *others):
        assert browser.post(f"{root}add/drug/", DRUG | said).status_code == 302
    spell = {"since": "2023-02", "severity": "severe", "is_complete": "on"}
    assert browser.post(f"{root}spell/", spell).status_code == 302
    assert [row.medicine for row in PastTreatment.objects.order_by("id")] == [
        "sertraline",
        "venlafaxine",
        "bupropion",
    ]
    shown = page(browser, patient)
    for words in (
        "<b>2 failed: resistant</b>",  # by the European consensus: venlafaxine was partial
        "<b>3 failed: resistant</b>",
        "chronic: more than 24 months",
        "3 failed; 3 to 4 medicines",
        "3 + 4 + 2 + 0 + 0",
        "9, moderate",
        "two different classes failed (NDRI, SSRI)",
        "partial",
    ):
        assert words in shown, words


def test_what_is_missing_is_named_and_no_stage_is_shown(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    browser = a_client(prescriber)
    said = DRUG | {"percent_better": "", "dose_adequate": "unknown"}
    browser.post(f"{where(patient)}add/drug/", said)
    shown = page(browser, patient)
    assert "cannot be decided" in shown
    assert "how much better it got, whether the dose was adequate" in shown
    assert "No stage yet" in shown
    assert "that everything tried is entered" in shown


@pytest.mark.parametrize(
    ("field", "said", "told"),
    [
        ("name", {"name": ""}, "required"),
        ("percent_better", {"percent_better": "140"}, "at most 100"),
        ("ended", {"began": "2024-05", "ended": "2023"}, "before it began"),
        ("began", {"began": "May"}, "is not a date"),
        ("began", {"began": "2031"}, "cannot be right"),
        ("weeks", {"began": "2024-05-01", "ended": "2024-05-29", "weeks": "20"}, "fewer weeks"),
        ("dose", {"dose": "-5"}, "above 0"),
        ("score_after", {"percent_better": "", "score_before": "30"}, "both scores"),
        ("percent_better", {"percent_better": "80", "score_before": "40", "score_after": "36"}, "come to 10"),
        ("why_ended", {"ended": "2024", "began": "2024", "why_ended": "ongoing"}, "not still going on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    asked: tuple[Patient, User], field: str, said: dict[str, str], told: str
) -> None:
    patient, prescriber = asked
    answer = a_client(prescriber).post(f"{where(patient)}add/drug/", DRUG | said)
    assert answer.status_code == 400
    shown = answer.content.decode()
    assert f'id="id_{field}_error"' in shown
    assert told in shown.split(f'id="id_{field}_error"')[1].split("</div>")[0]
    assert not PastTreatment.objects.exists()


@pytest.mark.parametrize("kind", ["psychotherapy", "ect", "tms", "ketamine"])
def test_the_other_kinds_have_short_forms_of_their_own(asked: tuple[Patient, User], kind: str) -> None:
    patient, prescriber = asked
    browser, address = a_client(prescriber), f"{where(patient)}add/{kind}/"
    form = browser.get(address)
    assert form.status_code == 200
    assert 'name="dose_adequate"' not in form.content.decode()
    said = {
        "name": {"psychotherapy": "CBT with exposure", "ketamine": "esketamine"}.get(kind, ""),
        "sessions": "12", "laterality": "bilateral", "structured": "yes", "full_course": "yes",
        "benefit": "none", "spell": "present", "why_ended": "completed", "told_by": "patient",
        "dose_unit": "mg",
    }  # fmt: skip
    assert browser.post(address, said).status_code == 302
    row = PastTreatment.objects.get()
    assert (row.kind, row.sessions, row.benefit) == (kind, 12, "none")
    assert row.medicine == ("tried-cbt-exposure" if kind == "psychotherapy" else "")
    assert "12 sessions" in page(browser, patient)


def test_a_medicine_of_the_chart_becomes_a_trial(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    site = patient.site
    raw = fhir.bundle(
        fhir.order(dispenseRequest={}),
        fhir.order("m2", medicationCodeableConcept=fhir.coded("Metformin 500 MG")),
    )
    charted = imported(raw, site).patient
    add_to_care_team(by=SYSTEM, now=charted.registered_at, patient=charted, user=prescriber)
    browser = a_client(prescriber)
    shown = page(browser, charted)
    assert "1 medicine of the chart is not entered yet" in shown
    address = shown.split("add/drug/?medicine=")[1].split('"')[0]
    address = f"{where(charted)}add/drug/?medicine={address}"
    form = browser.get(address).content.decode()
    for filled in ('value="sertraline"', 'value="50"', 'value="2026-01-10"'):
        assert filled in form, filled
    assert browser.post(address, DRUG | {"name": "sertraline", "began": "2026-01-10"}).status_code == 302
    assert PastTreatment.objects.get().from_medication is not None
    assert "of the chart" not in page(browser, charted)
    assert browser.get(f"{where(charted)}add/drug/?medicine=nothing").status_code == 404


def test_a_correction_keeps_what_was_there_and_a_withdrawal_says_why(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    browser, root = a_client(prescriber), where(patient)
    first = a_trial(patient, prescriber)
    form = browser.get(f"{root}{first.public_id}/").content.decode()
    assert 'value="sertraline"' in form
    assert browser.post(f"{root}{first.public_id}/", DRUG | {"percent_better": "60"}).status_code == 302
    second = PastTreatment.objects.get(supersedes=first)
    assert browser.post(f"{root}{first.public_id}/", DRUG).status_code == 404
    assert browser.post(f"{root}{second.public_id}/withdraw/", {"reason": " "}).status_code == 302
    assert PastTreatment.objects.count() == 2
    browser.post(f"{root}{second.public_id}/withdraw/", {"reason": "another patient's"})
    shown = page(browser, patient)
    assert "another patient&#x27;s" in shown
    assert "Nothing is entered yet" in shown
    assert PastTreatment.objects.count() == 3


def test_screens_propose_and_a_clinician_concludes(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    browser, root = a_client(prescriber), where(patient)
    for screen, replies in NOTHING_FOUND.items():
        assert "not a validated instrument" in browser.get(f"{root}screens/{screen}/").content.decode() or (
            screen == "cause-questions"
        )
        said = {**replies, "asked_on": "2026-09-01"}
        assert browser.post(f"{root}screens/{screen}/", said).status_code == 302
    assert "Primary: nothing found that causes it" in page(browser, patient)
    refused = browser.post(f"{root}conclusion/", {"main_condition": "depression", "conclusion": "primary"})
    assert refused.status_code == 400
    concluded = {
        "main_condition": "depression",
        "conclusion": "primary",
        "also_present": ["ptsd"],
        "reason": "Since 2023.",
    }
    assert browser.post(f"{root}conclusion/", concluded).status_code == 302
    kept = DifferentialDecision.objects.get()
    assert (kept.proposed, kept.also_present) == ("primary", ["ptsd"])
    shown = page(browser, patient)
    assert "Since 2023." in shown
    assert "answered anew since" not in shown
    positive = {"diagnosed": "yes", "asked_on": "2026-09-01"}
    browser.post(f"{root}screens/bipolar-questions/", positive)
    shown = page(browser, patient)
    assert "answered anew since" in shown
    assert "may be bipolar" in shown
    assert ScreenReply.objects.filter(screen="bipolar-questions").count() == 2


def test_a_screen_without_an_answer_is_refused(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    answer = a_client(prescriber).post(
        f"{where(patient)}screens/bipolar-questions/", {"asked_on": "2026-09-01"}
    )
    assert answer.status_code == 400
    assert "Answer at least one question." in answer.content.decode()
    assert a_client(prescriber).get(f"{where(patient)}screens/none/").status_code == 404


def test_a_wrong_spell_comes_back_with_its_reason(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    answer = a_client(prescriber).post(f"{where(patient)}spell/", {"since": "1950", "severity": "severe"})
    assert answer.status_code == 400
    assert "cannot be right" in answer.content.decode()
    assert not PresentSpell.objects.exists()


def test_a_therapist_reads_and_changes_nothing(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    a_trial(patient, prescriber)
    a_spell(patient, prescriber)
    therapist = a_user(Role.THERAPIST, site=patient.site)
    add_to_care_team(by=SYSTEM, now=patient.registered_at, patient=patient, user=therapist)
    browser = a_client(therapist)
    shown = page(browser, patient)
    assert "Sertraline" in shown
    assert "Add" not in shown.split('id="tried-title"')[1].split("</section>")[0].replace("Added", "")
    assert browser.get(f"{where(patient)}add/drug/").status_code == 403
    assert browser.post(f"{where(patient)}add/drug/", DRUG).status_code == 403
    assert browser.post(f"{where(patient)}conclusion/", {}).status_code == 403


def test_every_look_and_change_leaves_a_trace(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    browser = a_client(prescriber)
    page(browser, patient)
    browser.post(f"{where(patient)}add/drug/", DRUG)
    actions = Row.objects.values_list("action", flat=True)
    assert {"assessment.read-history", "assessment.record-treatment"} <= set(actions)


def test_the_findings_know_of_the_history(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    an_episode(patient, prescriber)
    browser = a_client(prescriber)
    findings = f"/patients/{patient.public_id}/assessment/"
    assert "step History" in browser.get(findings).content.decode()
    a_trial(patient, prescriber)
    a_spell(patient, prescriber)
    shown = browser.get(findings).content.decode()
    assert 'id="resistant-two-failed-trials"' in shown
    a_trial(patient, prescriber, treatment="venlafaxine")
    assert 'id="resistant-two-failed-trials"' not in browser.get(findings).content.decode()
