"""Medical clearance: results, decisions, waivers, tasks and what they do to the verdict and to plans."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.factories import chart as fhir
from tests.factories.access import a_user
from tests.factories.assessment import a_result, adopt_all_rules, an_episode, answer_all, clear_items
from tests.factories.chart import imported
from tests.factories.people import SYSTEM
from tests.factories.planning import START, TWICE_WEEKLY, UNSIGNED, sign
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.assessment import operations, queries
from openkap.apps.assessment.models import (
    ClearanceResult,
    ClearanceWaiver,
    Episode,
    PlanningOverride,
    SignedAssessment,
)
from openkap.apps.assessment.queries import Planning, may_be_planned
from openkap.apps.audit.models import Row
from openkap.apps.chart.models import Answer, Observation
from openkap.apps.chart.operations import record_observations, withdraw_observation
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.planning.models import Plan
from openkap.apps.planning.operations import start_plan
from openkap.apps.tasks.models import Task
from openkap.apps.tasks.operations import cancel_task
from openkap.core.assessment import Verdict
from openkap.core.assessment.clearance import ClearanceState, ItemState
from openkap.errors import BadInput, NotAllowedNow, Refused
from openkap.units import Quantity

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ECG, AIRWAY, LIVER, PREGNANCY = (f"clearance-{name}" for name in ("ecg", "airway", "liver", "pregnancy"))


@shared
def cared() -> CaredFor:
    cared = cared_for()
    an_episode(cared.patient, cared.prescriber)
    return cared


def episode_of(cared: CaredFor) -> Episode:
    episode = queries.current_episode(cared.patient)
    assert episode is not None
    return episode


def state(cared: CaredFor, item: str, now: datetime = THEN) -> ItemState:
    judged = queries.assessment_of(cared.patient, now)
    assert judged is not None
    return next(one for one in judged.clearance if one.item.id == item)


def note(cared: CaredFor, item: str, now: datetime = THEN, **said: object) -> ClearanceResult:
    entry = a_result(item, now, **said)
    return operations.record_results(by=cared.prescriber, now=now, patient=cared.patient, entries=[entry])[0]


def open_tasks(cared: CaredFor, item: str = "") -> list[Task]:
    found = Task.objects.filter(patient=cared.patient, kind="clearance", state="open").order_by("id")
    return [task for task in found if item in {"", task.about_code}]


# ---- results


def test_a_result_counts_from_its_day_and_leaves_a_trail(cared: CaredFor) -> None:
    assert state(cared, ECG).state is ClearanceState.MISSING
    row = note(cared, ECG, value="Sinus rhythm, QTc 412 ms")
    found = state(cared, ECG)
    assert (found.state, found.done_on, found.ref) == (ClearanceState.VALID, THEN.date(), str(row.public_id))
    trail = Row.objects.get(action="assessment.record-clearance")
    assert trail.details == {"item": ECG}  # which examination, never what it found


def test_values_go_to_the_chart_with_their_day_only(cared: CaredFor) -> None:
    numbers = {
        "alanine-aminotransferase": Quantity.of("30", "U/L"),
        "alkaline-phosphatase": Quantity.of("80", "U/L"),
        "gamma-glutamyl-transferase": Quantity.of("25", "U/L"),
    }
    note(cared, LIVER, done_on=(THEN - 3 * DAY).date(), numbers=numbers)
    rows = Observation.objects.filter(patient=cared.patient)
    assert {row.code for row in rows} == {"1742-6", "6768-6", "2324-2"}
    assert {row.measured.text for row in rows if row.measured} == {(THEN - 3 * DAY).date().isoformat()}
    assert {row.provenance for row in rows} == {"entered"}
    assert state(cared, LIVER).state is ClearanceState.VALID


@pytest.mark.parametrize(
    ("item", "wrong", "field"),
    [
        (ECG, {"reading": "fine"}, "reading"),
        (ECG, {"source": "hearsay"}, "source"),
        (ECG, {"done_on": (THEN + 2 * DAY).date()}, "done_on"),
        (ECG, {"done_on": datetime(1900, 1, 1).date()}, "done_on"),
        (ECG, {"reading": "abnormal"}, "interpretation"),
        (ECG, {"total": 3}, "total"),
        ("clearance-sleep-apnoea", {}, "total"),
        ("clearance-sleep-apnoea", {"total": 9}, "total"),
        ("clearance-blood-pressure", {}, "reading"),
        ("clearance-moon", {}, "item"),
        (LIVER, {"numbers": {"alanine-aminotransferase": Quantity.of("99999", "U/L")}}, None),
        (ECG, {"numbers": {"body-weight": Quantity.of("70", "kg")}}, None),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_kept(
    cared: CaredFor, item: str, wrong: dict[str, object], field: str | None
) -> None:
    good = a_result(AIRWAY)
    with pytest.raises(BadInput) as refused:
        operations.record_results(
            by=cared.prescriber, now=THEN, patient=cared.patient, entries=[good, a_result(item, THEN, **wrong)]
        )
    assert field is None or refused.value.field == field
    assert not ClearanceResult.objects.exists()
    assert not Observation.objects.exists()


def test_only_clinicians_read_results(cared: CaredFor) -> None:
    entries = [a_result(ECG)]
    operations.record_results(by=cared.monitor, now=THEN, patient=cared.patient, entries=entries)
    for stranger in (cared.coordinator, cared.therapist, a_user(Role.PRESCRIBER, site=cared.site)):
        with pytest.raises(Refused):
            operations.record_results(by=stranger, now=THEN, patient=cared.patient, entries=entries)
    assert ClearanceResult.objects.count() == 1


def test_a_pregnancy_test_answers_the_question_of_the_chart(cared: CaredFor) -> None:
    note(cared, PREGNANCY)
    assert Answer.objects.get(concept="pregnancy").reply == "absent"
    note(cared, PREGNANCY, reading="abnormal", interpretation="Positive")
    latest = Answer.objects.get(concept="pregnancy", superseded_by__isnull=True)
    assert latest.reply == "present"
    note(cared, PREGNANCY, done_on=(THEN - 2 * DAY).date())  # an older test says nothing of today
    latest.refresh_from_db()
    assert Answer.objects.get(concept="pregnancy", superseded_by__isnull=True) == latest


def test_a_result_entered_in_error_stays_and_does_not_count(cared: CaredFor) -> None:
    row = note(cared, ECG)
    with pytest.raises(BadInput):
        operations.withdraw_result(by=cared.prescriber, now=THEN, result=row, reason="oops")
    operations.withdraw_result(by=cared.prescriber, now=THEN, result=row, reason="Another patient's tracing.")
    assert state(cared, ECG).state is ClearanceState.MISSING
    assert ClearanceResult.objects.count() == 2
    with pytest.raises(NotAllowedNow):
        operations.withdraw_result(by=cared.prescriber, now=THEN, result=row, reason="Another patient's.")


# ---- abnormal results


def test_an_abnormal_result_waits_for_a_decision_by_a_prescriber(cared: CaredFor) -> None:
    row = note(cared, ECG, reading="abnormal", interpretation="QTc 495 ms")
    assert state(cared, ECG).state is ClearanceState.ABNORMAL
    decide = {"now": THEN, "result": row, "reason": "Cardiologist agrees, repeat in a month."}
    with pytest.raises(Refused):
        operations.decide_result(by=cared.monitor, decision="accept", **decide)  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        operations.decide_result(by=cared.prescriber, decision="ignore", **decide)  # type: ignore[arg-type]
    operations.decide_result(by=cared.prescriber, decision="hold", **decide)  # type: ignore[arg-type]
    assert state(cared, ECG).state is ClearanceState.HELD
    kept = operations.decide_result(by=cared.prescriber, decision="accept", **decide)  # type: ignore[arg-type]
    assert kept.role == "prescriber"
    assert state(cared, ECG).state is ClearanceState.VALID


def test_a_normal_result_needs_no_decision(cared: CaredFor) -> None:
    row = note(cared, ECG)
    with pytest.raises(NotAllowedNow):
        operations.decide_result(
            by=cared.prescriber, now=THEN, result=row, decision="accept", reason="Because it is fine."
        )


# ---- waivers


def test_a_waiver_is_an_override_with_role_reason_and_expiry(cared: CaredFor) -> None:
    waive = {"now": THEN, "episode": episode_of(cared), "item_id": AIRWAY}
    with pytest.raises(Refused):
        operations.waive_item(by=cared.monitor, reason="There is no time for it.", **waive)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="weigh"):
        operations.waive_item(by=cared.prescriber, reason="no", **waive)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="at the latest"):
        operations.waive_item(
            by=cared.prescriber,
            reason="Seen by the anaesthetist in May.",
            expires_on=(THEN + 31 * DAY).date(),
            **waive,  # type: ignore[arg-type]
        )
    row = operations.waive_item(by=cared.prescriber, reason="Seen by the anaesthetist in May.", **waive)  # type: ignore[arg-type]
    assert (row.role, row.expires_on) == ("prescriber", (THEN + 30 * DAY).date())
    assert state(cared, AIRWAY).state is ClearanceState.WAIVED
    assert state(cared, AIRWAY, THEN + 31 * DAY).state is ClearanceState.MISSING
    operations.end_waiver(by=cared.prescriber, now=THEN, waiver=row)
    operations.end_waiver(by=cared.prescriber, now=THEN, waiver=row)
    assert state(cared, AIRWAY).state is ClearanceState.MISSING
    assert Row.objects.filter(action="assessment.end-waiver").count() == 1
    assert ClearanceWaiver.objects.get() in queries.waivers_of(cared.patient)


def test_what_the_director_declined_is_not_needed(cared: CaredFor) -> None:
    sign_off(
        by=cared.medical_director,
        now=THEN,
        record_id=AIRWAY,
        version=1,
        site=cared.site,
        adopted=False,
        reason="Seen by the anaesthetist on the day.",
    )
    assert state(cared, AIRWAY).state is ClearanceState.NOT_NEEDED


# ---- tasks


def test_what_is_missing_is_a_task_once_and_closes_when_satisfied(cared: CaredFor) -> None:
    assert not open_tasks(cared)
    operations.keep_clearance(now=THEN)
    operations.keep_clearance(now=THEN + timedelta(minutes=5))
    tasks = open_tasks(cared, ECG)
    assert [(task.role, task.due_at) for task in tasks] == [("coordinator", THEN + 14 * DAY)]
    note(cared, ECG)
    assert not open_tasks(cared, ECG)
    assert Task.objects.get(pk=tasks[0].pk).state == "done"
    operations.keep_clearance(now=THEN + DAY)
    assert not open_tasks(cared, ECG)


def test_a_task_that_somebody_closed_is_not_opened_again_for_the_same_lack(cared: CaredFor) -> None:
    operations.keep_clearance(now=THEN)
    cancel_task(by=cared.coordinator, now=THEN, task=open_tasks(cared, ECG)[0], reason="The patient brings it.")
    operations.keep_clearance(now=THEN + DAY)
    assert not open_tasks(cared, ECG)
    row = note(cared, ECG, now=THEN + DAY)
    operations.withdraw_result(by=cared.prescriber, now=THEN + DAY, result=row, reason="Of another patient.")
    assert len(open_tasks(cared, ECG)) == 1


def test_a_result_that_runs_out_is_a_task_before_it_does(cared: CaredFor) -> None:
    note(cared, ECG)
    operations.keep_clearance(now=THEN + 166 * DAY)
    assert not open_tasks(cared, ECG)
    operations.keep_clearance(now=THEN + 167 * DAY)
    task = open_tasks(cared, ECG)[0]
    operations.keep_clearance(now=THEN + 181 * DAY)
    assert state(cared, ECG, THEN + 181 * DAY).state is ClearanceState.EXPIRED
    assert open_tasks(cared, ECG) == [task]
    note(cared, ECG, now=THEN + 181 * DAY)
    assert not open_tasks(cared, ECG)


def test_a_waiver_that_has_run_out_asks_again(cared: CaredFor) -> None:
    operations.keep_clearance(now=THEN)
    operations.waive_item(
        by=cared.prescriber,
        now=THEN,
        episode=episode_of(cared),
        item_id=AIRWAY,
        reason="Seen in May elsewhere.",
    )
    assert not open_tasks(cared, AIRWAY)
    operations.keep_clearance(now=THEN + 31 * DAY)
    assert len(open_tasks(cared, AIRWAY)) == 1


def test_a_result_to_be_read_goes_to_the_prescriber() -> None:
    labs = [
        fhir.weight(f"l{code}", 30, code=fhir.coded(code, code, fhir.LOINC), effectiveDateTime="2026-09-01")
        | {"valueQuantity": {"value": 30, "unit": "U/L", "system": fhir.UCUM, "code": "U/L"}}
        for code in ("1742-6", "6768-6", "2324-2")
    ]
    cared = cared_for()
    imported(
        fhir.bundle(*labs, who=fhir.patient(
            birthDate="1984-03-12", name=[{"family": cared.patient.family_name, "given": ["Rowan"]}]
        )),
        cared.site,
        into=cared.patient,
    )  # fmt: skip
    an_episode(cared.patient, cared.prescriber)
    assert state(cared, LIVER).state is ClearanceState.UNREAD
    operations.keep_clearance(now=THEN)
    assert [task.role for task in open_tasks(cared, LIVER)] == ["prescriber"]


def test_tasks_end_with_the_course_of_treatment(cared: CaredFor) -> None:
    operations.keep_clearance(now=THEN)
    assert open_tasks(cared)
    operations.end_episode(by=cared.prescriber, now=THEN, episode=episode_of(cared), reason="moved away")
    operations.keep_clearance(now=THEN)
    assert not open_tasks(cared)
    assert set(Task.objects.filter(kind="clearance").values_list("state", flat=True)) == {"cancelled"}


def test_nobody_is_asked_for_once_treatment_was_declined(cared: CaredFor) -> None:
    operations.sign_assessment(
        by=cared.prescriber, now=THEN, episode=episode_of(cared), decision="decline", reason="prefers ECT"
    )
    operations.keep_clearance(now=THEN)
    assert not open_tasks(cared)


# ---- blood pressure


def readings(*systolic: str, at: datetime = THEN) -> list[operations.PressureReading]:
    lower = Quantity.of("78", "mm[Hg]")
    return [
        operations.PressureReading(at - timedelta(minutes=5 * n), Quantity.of(upper, "mm[Hg]"), lower)
        for n, upper in enumerate(systolic)
    ]


def a_series(cared: CaredFor, *systolic: str, **more: object) -> None:
    usual: dict[str, Any] = {"position": "sitting", "arm": "left", "rest_minutes": 10}
    operations.record_pressures(
        by=cared.monitor, now=THEN, patient=cared.patient, readings=readings(*systolic), **usual | more
    )


def test_three_readings_on_a_day_are_a_series(cared: CaredFor) -> None:
    a_series(cared, "128", "124")
    assert state(cared, "clearance-blood-pressure").state is ClearanceState.MISSING
    a_series(cared, "126")
    assert state(cared, "clearance-blood-pressure").state is ClearanceState.VALID
    assert [len(row.panel_ids) for row in queries.pressure_series_of(cared.patient)] == [1, 2]


def test_a_pressure_taken_back_takes_the_series_back(cared: CaredFor) -> None:
    operations.keep_clearance(now=THEN)
    a_series(cared, "128", "124", "122")
    assert not open_tasks(cared, "clearance-blood-pressure")
    row = Observation.objects.filter(patient=cared.patient).first()
    assert row is not None
    withdraw_observation(by=cared.monitor, now=THEN, observation=row)
    operations.keep_clearance(now=THEN)
    assert len(open_tasks(cared, "clearance-blood-pressure")) == 1


@pytest.mark.parametrize(
    "wrong", [{"position": "floating"}, {"arm": "both"}, {"rest_minutes": -1}, {"rest_minutes": 99999}]
)
def test_a_series_says_how_it_was_taken(cared: CaredFor, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        a_series(cared, "128", **wrong)
    assert not Observation.objects.exists()


def test_a_series_without_a_reading_is_none(cared: CaredFor) -> None:
    with pytest.raises(BadInput):
        a_series(cared)


# ---- the verdict, the signature and the plan


def ready() -> CaredFor:
    """Somebody nothing stands against, at a site whose director has adopted every rule."""
    cared = cared_for()
    adopt_all_rules(cared.medical_director, cared.site)
    sign(cared, TWICE_WEEKLY)
    an_episode(cared.patient, cared.prescriber)
    return cared


def plan(cared: CaredFor, reason: str = "", now: datetime = THEN) -> Plan:
    return start_plan(
        by=cared.prescriber,
        now=now,
        patient=cared.patient,
        protocol_id=TWICE_WEEKLY,
        start=START,
        override_reason=reason,
    )


def clear(cared: CaredFor) -> None:
    """Everything settled that stands against signing, overrides included where a rule allows them."""
    answer_all(cared.patient)
    judged = queries.assessment_of(cared.patient, THEN)
    assert judged is not None
    assert not [f.rule_id for f in judged.open_findings if f.rule_id.startswith("clearance-")]


def signed(cared: CaredFor) -> SignedAssessment:
    return operations.sign_assessment(
        by=cared.prescriber, now=THEN, episode=episode_of(cared), decision="treat"
    )


def test_what_clearance_lacks_is_a_need_of_the_assessment(cared: CaredFor) -> None:
    judged = queries.assessment_of(cared.patient, THEN)
    assert judged is not None
    assert judged.verdict is Verdict.NEEDS
    needs = {finding.rule_id for finding in judged.open_findings}
    assert {ECG, LIVER, PREGNANCY, AIRWAY} <= needs
    clear_items(cared.patient)
    after = queries.assessment_of(cared.patient, THEN)
    assert after is not None
    assert not {f.rule_id for f in after.open_findings if f.rule_id.startswith("clearance-")}
    assert after.facts_digest != judged.facts_digest  # what was signed before is told to be old


def test_treatment_cannot_be_signed_while_an_examination_is_missing() -> None:
    cared = ready()
    clear(cared)
    row = queries.clearance_history(cared.patient, ECG)[0]
    operations.withdraw_result(by=cared.prescriber, now=THEN, result=row, reason="Another patient's tracing.")
    with pytest.raises(NotAllowedNow):
        signed(cared)
    assert not SignedAssessment.objects.exists()


def test_a_plan_needs_a_decision_or_a_reason(cared: CaredFor) -> None:
    sign(cared, TWICE_WEEKLY)
    assert may_be_planned(episode_of(cared), THEN) is Planning.UNDECIDED
    with pytest.raises(NotAllowedNow, match="Nobody has signed") as refused:
        plan(cared)
    assert refused.value.field == "override_reason"
    with pytest.raises(BadInput, match="weigh"):
        plan(cared, "hurry")
    assert not Plan.objects.exists()
    plan(cared, UNSIGNED)
    kept = PlanningOverride.objects.get()
    assert (kept.role, kept.reason, kept.expires_on) == ("prescriber", UNSIGNED, THEN.date())
    assert ECG in kept.lacking
    assert list(queries.planning_overrides_of(cared.patient)) == [kept]


def test_a_decision_to_wait_is_none_to_plan(cared: CaredFor) -> None:
    operations.sign_assessment(
        by=cared.prescriber, now=THEN, episode=episode_of(cared), decision="wait", reason="labs are out"
    )
    assert may_be_planned(episode_of(cared), THEN) is Planning.UNDECIDED


def test_no_reason_plans_against_a_signed_no(cared: CaredFor) -> None:
    sign(cared, TWICE_WEEKLY)
    operations.sign_assessment(
        by=cared.prescriber, now=THEN, episode=episode_of(cared), decision="decline", reason="prefers ECT"
    )
    with pytest.raises(NotAllowedNow, match="no ketamine"):
        plan(cared, UNSIGNED)
    with pytest.raises(NotAllowedNow, match="no ketamine"):
        operations.plan_anyway(by=cared.prescriber, now=THEN, episode=episode_of(cared), reason=UNSIGNED)


def test_no_reason_plans_against_a_block() -> None:
    cared = ready()
    values = {
        "blood-pressure-systolic": Quantity.of("190", "mm[Hg]"),
        "blood-pressure-diastolic": Quantity.of("104", "mm[Hg]"),
    }
    record_observations(by=SYSTEM, now=THEN, patient=cared.patient, values=values)
    assert may_be_planned(episode_of(cared), THEN) is Planning.BLOCKED
    with pytest.raises(NotAllowedNow, match="blocks"):
        operations.plan_anyway(by=cared.prescriber, now=THEN, episode=episode_of(cared), reason=UNSIGNED)
    with pytest.raises(NotAllowedNow, match="blocks"):
        plan(cared, UNSIGNED)


def test_a_monitor_cannot_let_a_plan_start(cared: CaredFor) -> None:
    with pytest.raises(Refused):
        operations.plan_anyway(by=cared.monitor, now=THEN, episode=episode_of(cared), reason=UNSIGNED)


# ---- the candidacy interview


def test_the_latest_answer_counts_and_earlier_ones_stay(cared: CaredFor) -> None:
    ask = {"now": THEN, "patient": cared.patient}
    first = {"candidacy-support": operations.Said("nobody-yet", " looks for a friend ")}
    operations.record_candidacy(by=cared.therapist, answers=first, **ask)  # type: ignore[arg-type]
    then = {"candidacy-support": operations.Said("somebody-always")}
    operations.record_candidacy(by=cared.therapist, answers=then, **ask)  # type: ignore[arg-type]
    latest = queries.candidacy_of(cared.patient)
    assert {q: row.choice for q, row in latest.items()} == {"candidacy-support": "somebody-always"}


@pytest.mark.parametrize(
    "answers",
    [
        {"candidacy-support": operations.Said("the-moon")},
        {"candidacy-moon": operations.Said("at-ease")},
        {"candidacy-altered-states": operations.Said("curious"), "candidacy-support": operations.Said("")},
    ],
)
def test_an_answer_that_is_none_is_refused_with_all_others(
    cared: CaredFor, answers: dict[str, operations.Said]
) -> None:
    with pytest.raises(BadInput):
        operations.record_candidacy(by=cared.therapist, now=THEN, patient=cared.patient, answers=answers)
    assert not queries.candidacy_of(cared.patient)


def test_a_coordinator_does_not_hold_the_interview(cared: CaredFor) -> None:
    with pytest.raises(Refused):
        operations.record_candidacy(by=cared.coordinator, now=THEN, patient=cared.patient, answers={})
