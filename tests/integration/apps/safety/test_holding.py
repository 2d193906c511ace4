"""What suicide risk does to treatment: assessment, plan, session, and a dose that was paused."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.factories.dosing import a_dosing_visit, a_sitting
from tests.factories.safety import ACUTE, NEGATIVE, a_result, an_asq
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.assessment.judging import judge, scope
from openkap.apps.assessment.judging_many import judge_many
from openkap.apps.dosing.errors import CannotOpen
from openkap.apps.dosing.operations import open_session
from openkap.apps.dosing.snapshots import snapshot_of
from openkap.apps.people.models import Patient
from openkap.apps.planning.operations import start_plan
from openkap.apps.safety import queries
from openkap.apps.safety.operations import decide
from openkap.core.assessment.suicide_risk import Hold
from openkap.errors import NotAllowedNow

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@shared
def care() -> CaredFor:
    return cared_for()


@pytest.fixture
def patient(care: CaredFor) -> Patient:
    return care.patient


def hold(patient: Patient) -> Hold | None:
    return queries.holds_dosing(patient)


def test_an_assessment_names_the_hold_and_nobody_sets_it_aside(patient: Patient) -> None:
    wanted = scope("trd", "ketamine", "iv", patient)
    now = timezone.now()
    before = judge(patient, wanted, now)
    assert not any(one.rule_id == "risk-steps-high" for one in before.open_findings)
    an_asq(patient, now - HOUR, ACUTE)
    judged = judge(patient, wanted, now)
    [finding] = [one for one in judged.open_findings if one.rule_id == "risk-steps-high"]
    assert (finding.action, finding.overridable) == ("hold", False)
    [(_patient, many)] = judge_many([patient], ("trd", "ketamine", "iv"), now)
    assert many.open_findings == judged.open_findings


def test_results_and_screens_answer_what_the_rules_ask(patient: Patient, care: CaredFor) -> None:
    a_result(patient, care.prescriber, THEN, 3)
    an_asq(patient, THEN, NEGATIVE)
    said = {fact.concept: fact.status for fact in queries.facts_for(patient, THEN.date())}
    assert said == {
        "suicidal-ideation": "active",
        "suicidal-method-past-month": "active",
        "suicidal-intent-past-month": "absent",
        "suicidal-behaviour": "absent",
        "acute-suicidal-intent": "absent",
        "asq-positive-not-acute": "absent",
    }
    assert queries.facts_for(patient, THEN.date() - DAY) == []


def test_no_session_is_opened_while_it_holds(care: CaredFor) -> None:
    cared, visit = a_dosing_visit(care)
    an_asq(care.patient, THEN, ACUTE)
    with pytest.raises(CannotOpen, match="decision is open"):
        open_session(by=cared.monitor, now=visit.starts_at, visit=visit, chair="1")
    decide(by=care.prescriber, now=THEN, patient=care.patient, choice="none", reason="seen")
    with pytest.raises(CannotOpen, match="not released"):
        open_session(by=cared.monitor, now=visit.starts_at, visit=visit, chair="1")
    a_result(care.patient, care.prescriber, THEN + HOUR, 1)
    open_session(by=cared.monitor, now=visit.starts_at, visit=visit, chair="1")


def test_nothing_is_planned_while_it_holds_whatever_reason_is_given(patient: Patient, care: CaredFor) -> None:
    an_asq(patient, THEN, ACUTE)
    asked: dict[str, Any] = {"protocol_id": "any", "start": THEN.date(), "override_reason": "she wants it soon"}
    with pytest.raises(NotAllowedNow, match="no doses are planned"):
        start_plan(by=care.prescriber, now=THEN, patient=patient, **asked)
    decide(by=care.prescriber, now=THEN, patient=patient, choice="higher-care", setting="ward", reason="so")
    with pytest.raises(NotAllowedNow, match="indication first"):
        start_plan(by=care.prescriber, now=THEN, patient=patient, **asked)


def test_raised_after_opening_the_dose_cannot_start() -> None:
    sitting = a_sitting().until_ready()
    assert sitting.state(-5).to_start.ready
    care, patient = sitting.cared, sitting.cared.patient
    an_asq(patient, sitting.at(-4), ACUTE)
    assert snapshot_of(sitting.session, sitting.at(-3)).state.to_start.lacking == ("suicide-risk",)
    outcome = sitting.add(0, "dose-started", amount_mg="35.0")
    assert (outcome.reason, outcome.about) == ("not-ready", ("suicide-risk",))
    assert "Suicide risk" in outcome.words()
    assert sitting.add(1, "decision-made", who=care.prescriber, about="suicide-risk", reason="urgent").reason
    decide(
        by=care.prescriber,
        now=sitting.at(2),
        patient=patient,
        choice="higher-care",
        setting="ward 4",
        reason="so",
    )
    assert sitting.add(3, "dose-started", amount_mg="35.0").applied


def test_what_a_pause_brings_to_light_holds_the_rest_of_the_dose() -> None:
    sitting = a_sitting().until_ready()
    patient, prescriber = sitting.cared.patient, sitting.cared.prescriber
    assert sitting.add(0, "dose-started", amount_mg="35.0").applied
    assert sitting.add(5, "dose-paused").applied
    an_asq(patient, sitting.at(6), ACUTE)
    outcome = sitting.add(7, "dose-resumed")
    assert (outcome.reason, outcome.about) == ("not-ready", ("suicide-risk",))
    decide(by=prescriber, now=sitting.at(8), patient=patient, choice="none", reason="stopped here")
    assert not sitting.add(9, "dose-resumed").applied
    assert sitting.add(10, "dose-stopped").applied  # stopping is always possible
