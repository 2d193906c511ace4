"""The pages of clearance and summary as those who may see and write them meet them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone, translation
from tests.factories.access import a_client
from tests.factories.assessment import a_result, an_episode, clear_items
from tests.factories.sites import day_here
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.adapters.documents import documents
from openkap.apps.assessment import operations, queries
from openkap.apps.assessment.models import CandidacyAnswer, ClearanceResult, ClearanceWaiver, PressureSeries
from openkap.apps.assessment.summary import as_document, summary_of
from openkap.apps.assessment.views.summary import TEMPLATE
from openkap.apps.audit.models import Row
from openkap.apps.chart.models import Observation
from openkap.core.assessment.clearance import ClearanceState

pytestmark = pytest.mark.django_db
ECG = "clearance-ecg"


@shared
def cared() -> CaredFor:
    cared = cared_for(now=timezone.now())
    an_episode(cared.patient, cared.prescriber, now=timezone.now())
    return cared


def where(cared: CaredFor, tail: str = "") -> str:
    return f"/patients/{cared.patient.public_id}/assessment/clearance/{tail}"


def shown(cared: CaredFor, tail: str = "", by: str = "prescriber") -> str:
    answer = a_client(getattr(cared, by)).get(where(cared, tail))
    assert answer.status_code == 200
    return str(answer.content.decode())


def a_form(**more: object) -> dict[str, object]:
    usual = {"done_on": day_here(timezone.now()).isoformat(), "source": "laboratory", "reading": "normal"}
    return usual | more


def state(cared: CaredFor, item: str) -> ClearanceState:
    judged = queries.assessment_of(cared.patient, timezone.now())
    assert judged is not None
    return next(one.state for one in judged.clearance if one.item.id == item)


def test_without_an_indication_there_is_nothing_to_be_cleared_for() -> None:
    cared = cared_for(now=timezone.now())
    assert "Set the indication" in shown(cared)
    assert a_client(cared.prescriber).get(where(cared, f"items/{ECG}/")).status_code == 404


def test_every_item_is_listed_with_its_state_and_the_limits_with_their_authorities(cared: CaredFor) -> None:
    page = shown(cared)
    for words in ("Electrocardiogram", "Missing", "Not needed", "no such condition is on record", "†"):
        assert words in page, words
    for words in (
        "180/100",
        "140/90",
        "Swiss product information",
        "Authorities differ",
        "Not about this person",
    ):
        assert words in page, words
    assert Row.objects.filter(action="assessment.read", actor_id=cared.prescriber.public_id).exists()


def test_a_result_is_noted_and_the_values_come_along(cared: CaredFor) -> None:
    browser = a_client(cared.monitor)
    sent = a_form(**{"alanine-aminotransferase": "31", "alkaline-phosphatase": "80"})
    assert browser.post(where(cared, "items/clearance-liver/"), sent).status_code == 302
    assert Observation.objects.filter(patient=cared.patient).count() == 2
    assert "ALT 31 U/L" in shown(cared)
    assert state(cared, "clearance-liver") is ClearanceState.VALID


@pytest.mark.parametrize(
    "wrong",
    [
        {"reading": ""},
        {"reading": "abnormal"},
        {"done_on": "soon"},
        {"done_on": "2999-01-01"},
        {"source": "rumour"},
    ],
)
def test_what_is_wrong_with_a_result_comes_back_at_its_field(cared: CaredFor, wrong: dict[str, str]) -> None:
    answer = a_client(cared.prescriber).post(where(cared, f"items/{ECG}/"), a_form(**wrong))
    assert answer.status_code == 400
    assert "is-invalid" in answer.content.decode() or "error" in answer.content.decode()
    assert not ClearanceResult.objects.exists()


def test_who_may_not_read_results_has_no_form_for_it(cared: CaredFor) -> None:
    for by in ("coordinator", "therapist"):
        assert "Note a result" not in shown(cared, f"items/{ECG}/", by)
    assert "Note a result" in shown(cared, f"items/{ECG}/", "monitor")
    answer = a_client(cared.coordinator).post(where(cared, f"items/{ECG}/"), a_form())
    assert answer.status_code == 400
    assert not ClearanceResult.objects.exists()
    assert a_client(cared.therapist).post(where(cared, f"items/{ECG}/"), a_form()).status_code == 403


def test_from_an_abnormal_result_over_a_decision_to_a_correction(cared: CaredFor) -> None:
    browser = a_client(cared.prescriber)
    browser.post(where(cared, f"items/{ECG}/"), a_form(reading="abnormal", interpretation="QTc 495 ms"))
    result = ClearanceResult.objects.get()
    assert "Nothing is decided yet." in shown(cared, f"items/{ECG}/")
    decide = where(cared, f"results/{result.public_id}/decide/")
    assert browser.post(decide, {"decision": "accept", "reason": "ok"}).status_code == 400
    assert (
        browser.post(decide, {"decision": "hold", "reason": "Cardiologist sees her first."}).status_code == 302
    )
    assert "Held" in shown(cared)
    withdraw = where(cared, f"results/{result.public_id}/withdraw/")
    assert browser.post(withdraw, {"reason": "no"}).status_code == 400
    assert browser.post(withdraw, {"reason": "Another patient's tracing."}).status_code == 302
    assert "Another patient&#x27;s tracing." in shown(cared, f"items/{ECG}/")
    assert state(cared, ECG) is ClearanceState.MISSING


def test_a_waiver_is_shown_ever_after(cared: CaredFor) -> None:
    browser = a_client(cared.prescriber)
    waive = where(cared, "items/clearance-airway/waive/")
    assert browser.post(waive, {"reason": "short"}).status_code == 400
    assert browser.post(waive, {"reason": "Seen by the anaesthetist in May."}).status_code == 302
    row = ClearanceWaiver.objects.get()
    assert state(cared, "clearance-airway") is ClearanceState.WAIVED
    assert a_client(cared.monitor).post(waive, {"reason": "I may not do this."}).status_code == 403
    assert browser.post(where(cared, f"waivers/{row.public_id}/end/")).status_code == 302
    assert "taken back" in shown(cared)


def test_a_series_is_entered_row_by_row(cared: CaredFor) -> None:
    browser, day = a_client(cared.monitor), day_here(timezone.now() - timedelta(days=1))
    sent: dict[str, object] = {
        "on": day.isoformat(),
        "position": "sitting",
        "arm": "left",
        "rest_minutes": "10",
    }
    rows = {"at_0": "09:00", "systolic_0": "142", "diastolic_0": "88", "at_1": "09:05", "systolic_1": "136",
            "diastolic_1": "84", "at_2": "09:10", "systolic_2": "131", "diastolic_2": "82"}  # fmt: skip
    half = sent | rows | {"diastolic_1": ""}
    assert browser.post(where(cared, "pressures/"), half).status_code == 400
    assert browser.post(where(cared, "pressures/"), sent).status_code == 400
    assert not PressureSeries.objects.exists()
    assert browser.post(where(cared, "pressures/"), sent | rows).status_code == 302
    page = shown(cared)
    for words in ("142/88", "131/82", "sitting, left arm, after 10 min of rest", "<svg", 'class="limit"'):
        assert words in page, words
    assert state(cared, "clearance-blood-pressure") is ClearanceState.VALID


@pytest.mark.parametrize("tail", ["items/clearance-moon/", "items/clearance-moon/waive/"])
def test_an_item_that_is_none_is_not_found(cared: CaredFor, tail: str) -> None:
    assert (
        a_client(cared.prescriber).post(where(cared, tail), {"reason": "It is not there."}).status_code == 404
    )


def test_the_findings_lead_to_what_is_lacking_and_knowledge_shows_its_record(cared: CaredFor) -> None:
    browser = a_client(cared.prescriber)
    page = browser.get(where(cared).removesuffix("clearance/")).content.decode()
    assert where(cared, f"items/{ECG}/") in page
    record = browser.get(f"/knowledge/{ECG}/").content.decode()
    assert "Electrocardiogram" in record
    assert browser.get("/knowledge/candidacy-support/").status_code == 200


# ---- the summary


def sheet(cared: CaredFor, tail: str = "summary/") -> str:
    return f"/patients/{cared.patient.public_id}/assessment/{tail}"


def test_the_summary_says_what_is_not_known(cared: CaredFor) -> None:
    page = a_client(cared.therapist).get(sheet(cared)).content.decode()
    for words in ("Comfort with altered states", "Not known", "Nothing is signed yet.", "Electrocardiogram"):
        assert words in page, words


def test_answers_of_the_interview_stand_on_the_sheet(cared: CaredFor) -> None:
    browser = a_client(cared.therapist)
    sent = {"candidacy-support": "somebody-always", "candidacy-support-note": "Her sister drives.",
            "asked_on": day_here(timezone.now()).isoformat()}  # fmt: skip
    assert browser.post(sheet(cared, "summary/candidacy/"), {"asked_on": sent["asked_on"]}).status_code == 400
    assert (
        browser.post(sheet(cared, "summary/candidacy/"), sent | {"candidacy-support": "moon"}).status_code
        == 400
    )
    assert not CandidacyAnswer.objects.exists()
    assert browser.post(sheet(cared, "summary/candidacy/"), sent).status_code == 302
    page = browser.get(sheet(cared)).content.decode()
    assert "Somebody at every dose" in page
    assert "Her sister drives." in page


def test_the_sheet_is_one_page_of_a4_however_full(cared: CaredFor) -> None:
    now = timezone.now()
    clear_items(cared.patient, now)
    abnormal = a_result(ECG, now, reading="abnormal", interpretation="QTc 495 ms")
    row = operations.record_results(by=cared.prescriber, now=now, patient=cared.patient, entries=[abnormal])[0]
    operations.decide_result(
        by=cared.prescriber,
        now=now,
        result=row,
        decision="accept",
        reason="Cardiologist agrees; repeat monthly.",
    )
    answer = a_client(cared.prescriber).get(sheet(cared, "summary.pdf"))
    made = bytes(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    assert made.startswith(b"%PDF-")
    assert pages_of(made) == 1


def test_the_sheet_reads_in_spanish_too(cared: CaredFor) -> None:
    episode = queries.current_episode(cared.patient)
    assert episode is not None
    with translation.override("es"):
        data = as_document(summary_of(cared.patient, episode, timezone.now()), cared.patient, "es")
    assert "Electrocardiograma" in str(data)
    assert pages_of(documents.render(TEMPLATE, data, made_at=timezone.now())) == 1


def pages_of(made: bytes) -> int:
    """How many pages there are, as the root of the document's page tree says."""
    found = re.search(rb"/Type/Pages/Count (\d+)", made)
    assert found is not None
    return int(found[1])
