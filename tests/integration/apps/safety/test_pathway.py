"""From an answer or a result to a level, its steps, the decision, and the hold on dosing."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from tests.factories.access import a_user
from tests.factories.measures import a_phq_9, a_total, an_ask, begun
from tests.factories.portal import let_in
from tests.factories.safety import ACUTE, NEGATIVE, POSITIVE, a_result, an_asq
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.measures.models import Response
from openkap.apps.measures.operations import begin_filling, hand_in, keep_answer
from openkap.apps.people.models import Patient
from openkap.apps.safety import operations, queries
from openkap.apps.safety.models import Opening, Screen
from openkap.apps.safety.operations import Found, decide, keep_safety, record_result
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.models import Alert, Task
from openkap.apps.tasks.operations import acknowledge_alert, complete_task, escalate_overdue
from openkap.core.assessment.suicide_risk import Hold, Level
from openkap.core.psychometrics import Answer, NotAnswered
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@shared
def care() -> CaredFor:
    return cared_for()


@pytest.fixture
def patient(care: CaredFor) -> Patient:
    return care.patient


def steps(patient: Patient) -> list[str]:
    found = Task.objects.filter(patient=patient, kind=TaskKind.RISK_STEP.value).order_by("due_at", "id")
    return list(found.values_list("about_code", flat=True))


def level(patient: Patient) -> Level:
    return queries.standing_of(patient).level


def hold(patient: Patient) -> Hold | None:
    return queries.holds_dosing(patient)


def test_nobody_has_looked_is_not_without_risk(patient: Patient) -> None:
    assert level(patient) is Level.NOT_ASSESSED
    a_phq_9(patient, THEN)  # question 9 alone tells nothing when it is 0
    assert level(patient) is Level.NOT_ASSESSED
    an_asq(patient, THEN + HOUR, NEGATIVE)
    assert level(patient) is Level.NONE
    assert (steps(patient), hold(patient), Alert.objects.count()) == ([], None, 0)


def test_an_acute_answer_opens_what_cannot_wait_and_holds_dosing(patient: Patient) -> None:
    an_asq(patient, THEN, ACUTE)
    assert steps(patient) == ["stay", "means", "evaluate", "plan", "contact"]
    stay = Task.objects.get(about_code="stay")
    assert (stay.due_at, stay.role, stay.escalate_to) == (THEN + timedelta(minutes=10), "monitor", "prescriber")
    assert (level(patient), hold(patient)) == (Level.HIGH, Hold.DECISION_OPEN)
    assert Task.objects.get(kind=TaskKind.RISK_DECISION).due_at == THEN + HOUR
    alert = Alert.objects.get()
    assert alert.detail == "ACUTE; ASQ question 3: yes, new; ASQ question 5: yes, new"


def test_a_positive_answer_that_is_not_acute_asks_for_a_brief_assessment(patient: Patient) -> None:
    an_asq(patient, THEN, POSITIVE)
    assert steps(patient) == ["brief-assessment", "plan", "contact", "refer"]
    assert (level(patient), hold(patient)) == (Level.LOW, None)


def test_a_refusal_is_positive(patient: Patient) -> None:
    an_asq(patient, THEN, "REFUSED,0,0,0,0")
    assert (level(patient), Alert.objects.count(), Task.objects.filter(kind="risk-review").count()) == (
        Level.LOW, 1, 0,
    )  # fmt: skip


def test_an_attempt_long_ago_is_moderate_and_the_same_again_waits_for_the_day(patient: Patient) -> None:
    an_asq(patient, THEN, "0,0,0,1,0")
    assert level(patient) is Level.MODERATE
    opened = Opening.objects.count()
    an_asq(patient, THEN + DAY, "0,0,0,1,0")
    assert (Alert.objects.count(), Opening.objects.count()) == (1, opened)
    assert Task.objects.filter(kind="risk-review").count() == 1


@pytest.mark.parametrize(
    ("total", "expected", "alerts"), [(0, "not-assessed", 0), (5, "low", 1), (21, "high", 1)]
)
def test_a_total_without_its_answers_raises(patient: Patient, total: int, expected: str, alerts: int) -> None:
    a_total(patient, THEN, total, "sidas")
    assert (level(patient), Alert.objects.count()) == (expected, alerts)


@pytest.mark.parametrize(
    ("totals", "alerts", "reviews"),
    [([12, 12], 1, 1), ([12, 19], 2, 0), ([19, 12], 1, 1), ([12, 0, 12], 2, 0)],
)
def test_a_total_interrupts_when_new_or_risen_and_waits_for_the_day_when_not(
    patient: Patient, totals: list[int], alerts: int, reviews: int
) -> None:
    for week, total in enumerate(totals):
        a_total(patient, THEN + 7 * week * DAY, total, "sidas")
    assert (Alert.objects.count(), Task.objects.filter(kind="risk-review").count()) == (alerts, reviews)


def test_only_a_clinicians_whole_result_lowers(patient: Patient, care: CaredFor) -> None:
    an_asq(patient, THEN, ACUTE)
    an_asq(patient, THEN + HOUR, NEGATIVE)
    assert level(patient) is Level.HIGH
    a_result(patient, care.prescriber, THEN + 2 * HOUR, 1, None, None)
    assert level(patient) is Level.HIGH
    a_result(patient, care.prescriber, THEN + 3 * HOUR, 1)
    assert level(patient) is Level.LOW
    assert hold(patient) is Hold.DECISION_OPEN  # what was asked of the psychiatrist is still open


def test_a_screen_entered_late_does_not_outdo_the_result_after_it(patient: Patient, care: CaredFor) -> None:
    a_result(patient, care.therapist, THEN + 2 * HOUR, 0)
    opened = Opening.objects.count()
    an_asq(patient, THEN + HOUR, POSITIVE)
    assert (level(patient), Opening.objects.count()) == (Level.NONE, opened)
    assert Alert.objects.count() == 1  # but somebody hears of it


def test_a_result_opens_its_level_once_per_rise(patient: Patient, care: CaredFor) -> None:
    a_result(patient, care.therapist, THEN, 3)
    a_result(patient, care.therapist, THEN + DAY, 3)
    assert [one.sets for one in queries.openings_of(patient)] == ["moderate"]
    a_result(patient, care.therapist, THEN + 2 * DAY, 0)
    a_result(patient, care.therapist, THEN + 3 * DAY, 4)
    assert [one.sets for one in queries.openings_of(patient)] == ["high", "moderate"]
    assert hold(patient) is Hold.DECISION_OPEN


def test_a_newly_positive_screen_asks_for_its_assessment_at_the_same_level_too(patient: Patient) -> None:
    """Question 9 of the PHQ-9 has made it low before; the pathway of the ASQ still asks for the short talk."""
    a_phq_9(patient, THEN, "0,0,0,0,0,0,0,0,1")
    assert (level(patient), "brief-assessment" in steps(patient)) == (Level.LOW, False)
    an_asq(patient, THEN + DAY, POSITIVE)
    assert (level(patient), "brief-assessment" in steps(patient)) == (Level.LOW, True)
    opened = Opening.objects.count()
    an_asq(patient, THEN + 2 * DAY, POSITIVE)  # the same again waits for the day's review
    assert Opening.objects.count() == opened


def test_high_risk_found_again_after_a_decision_asks_for_a_new_one(patient: Patient, care: CaredFor) -> None:
    """A dose on the ward that was right a month ago is not decided for today."""
    a_result(patient, care.therapist, THEN, 4)
    by = care.prescriber
    decide(by=by, now=THEN, patient=patient, choice="higher-care", setting="ward", reason="seen")
    assert hold(patient) is None
    a_result(patient, care.therapist, THEN + 30 * DAY, 4)
    assert hold(patient) is Hold.DECISION_OPEN
    decide(by=by, now=THEN + 30 * DAY, patient=patient, choice="none", reason="seen again")
    assert hold(patient) is Hold.HIGH_RISK
    a_total(patient, THEN + 31 * DAY, 30, "sidas")
    assert hold(patient) is Hold.DECISION_OPEN


def test_a_form_sent_twice_is_one_result(patient: Patient, care: CaredFor) -> None:
    entry = Response().public_id
    found = Found(THEN, 2, False, False)
    for _time in range(2):
        record_result(by=care.monitor, now=THEN, patient=patient, found=found, entry_id=entry)
    assert queries.results_of(patient).count() == 1


@pytest.mark.parametrize(
    "found",
    [
        Found(THEN, None, None, None),
        Found(THEN, 6, False, False),
        Found(THEN, 1, True, False),
        Found(THEN + DAY, 1, False, False),
        Found(THEN.replace(tzinfo=None), 1, False, False),
        Found(THEN, 1, False, False, "x" * 2001),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(patient: Patient, care: CaredFor, found: Found) -> None:
    with pytest.raises(BadInput):
        record_result(by=care.prescriber, now=THEN, patient=patient, found=found)
    assert not queries.results_of(patient).exists()


def test_who_may_not_is_refused(patient: Patient, care: CaredFor) -> None:
    stranger = a_user(Role.PRESCRIBER, site=care.site)
    an_asq(patient, THEN, ACUTE)
    for by in (care.coordinator, stranger):
        with pytest.raises(Refused):
            a_result(patient, by, THEN)
    for by in (care.therapist, care.monitor, stranger):
        with pytest.raises(Refused):
            decide(by=by, now=THEN, patient=patient, choice="none", reason="so")


@pytest.mark.parametrize(
    ("choice", "setting", "after"),
    [("none", "", Hold.HIGH_RISK), ("emergency", "", Hold.HIGH_RISK), ("higher-care", "hospital", None)],
)
def test_the_decision_lets_a_dose_be_given_in_higher_care_only(
    patient: Patient, care: CaredFor, choice: str, setting: str, after: Hold | None
) -> None:
    an_asq(patient, THEN, ACUTE)
    by, later = care.prescriber, THEN + HOUR
    decision = decide(by=by, now=later, patient=patient, choice=choice, setting=setting, reason="seen")
    assert (decision.recorded_by, decision.recorded_at) == (by, later)
    assert hold(patient) == after
    assert Task.objects.get(kind=TaskKind.RISK_DECISION).state == "done"
    with pytest.raises(NotAllowedNow):
        decide(by=by, now=later, patient=patient, choice=choice, setting=setting, reason="again")


@pytest.mark.parametrize("choice", ["none", "emergency"])
def test_a_decision_against_a_dose_stands_though_the_level_was_low_by_then(
    patient: Patient, care: CaredFor, choice: str
) -> None:
    an_asq(patient, THEN, ACUTE)
    a_result(patient, care.therapist, THEN + HOUR, 1)
    decide(by=care.prescriber, now=THEN + 2 * HOUR, patient=patient, choice=choice, reason="seen")
    assert (level(patient), hold(patient)) == (Level.LOW, Hold.DECIDED_AGAINST)
    a_result(patient, care.therapist, THEN + 3 * HOUR, 1, None, None)
    assert hold(patient) is Hold.DECIDED_AGAINST
    a_result(patient, care.therapist, THEN + 4 * HOUR, 1)
    assert hold(patient) is None


def test_a_new_acute_answer_asks_anew(patient: Patient, care: CaredFor) -> None:
    an_asq(patient, THEN, ACUTE)
    decide(by=care.prescriber, now=THEN, patient=patient, choice="higher-care", setting="ward", reason="seen")
    an_asq(patient, THEN + DAY, ACUTE)
    assert hold(patient) is Hold.DECISION_OPEN
    assert Alert.objects.count() == 2


@pytest.mark.parametrize(
    ("choice", "setting", "reason"),
    [("none", "", " "), ("higher-care", " ", "so"), ("perhaps", "", "so"), ("none", "", "x" * 4001)],
)
def test_a_decision_says_what_where_and_why(
    patient: Patient, care: CaredFor, choice: str, setting: str, reason: str
) -> None:
    an_asq(patient, THEN, ACUTE)
    with pytest.raises(BadInput):
        decide(by=care.prescriber, now=THEN, patient=patient, choice=choice, setting=setting, reason=reason)
    assert hold(patient) is Hold.DECISION_OPEN


def test_a_step_closes_with_what_was_done_and_is_handed_on_when_missed(
    patient: Patient, care: CaredFor
) -> None:
    an_asq(patient, THEN, ACUTE)
    stay = Task.objects.get(about_code="stay")
    with pytest.raises(BadInput):
        complete_task(by=care.monitor, now=THEN, task=stay)
    done = complete_task(by=care.monitor, now=THEN, task=stay, outcome="With her in room 2, sister called")
    assert (done.closed_by, done.closed_at, done.outcome[:8]) == (care.monitor, THEN, "With her")
    escalate_overdue(now=THEN + timedelta(minutes=16))
    means = Task.objects.get(about_code="means")
    assert [one.to_role for one in means.escalations.all()] == ["prescriber"]
    with pytest.raises(NotAllowedNow):
        complete_task(by=care.prescriber, now=THEN, task=Task.objects.get(kind="risk-decision"), outcome="done")


# --- while the patient is still filling in ----------------------------------------------------------------


def keep(patient: Patient, answers: dict[str, Answer]) -> None:
    now = timezone.now()
    user = patient.user or let_in(patient)
    an_ask(patient, "asq", now)
    filling = begun(patient, "asq", now)
    for item, answer in answers.items():
        filling = keep_answer(by=user, now=timezone.now(), filling=filling, item_id=item, answer=answer)


def test_every_answer_acts_at_once_and_one_alert_says_it_all(patient: Patient) -> None:
    keep(patient, {"1": 0, "2": 0, "3": 1})
    assert Alert.objects.get().detail == "ASQ question 3: yes, new"
    keep(patient, {"4": 0, "5": 1})
    assert Alert.objects.get().detail == "ACUTE; ASQ question 3: yes, new; ASQ question 5: yes, new"
    assert (level(patient), hold(patient)) == (Level.HIGH, Hold.DECISION_OPEN)
    user = patient.user
    assert user is not None
    filling = begin_filling(by=user, now=timezone.now(), patient=patient, instrument_id="asq", language="en")
    before = Screen.objects.count(), Task.objects.exclude(kind="measure-due").count()
    hand_in(by=user, now=timezone.now(), filling=filling)
    assert (Screen.objects.count(), Task.objects.exclude(kind="measure-due").count()) == before


def test_what_is_opened_sooner_takes_the_place_of_what_was_due_later(patient: Patient) -> None:
    keep(patient, {"1": 1, "2": 0, "3": 0, "4": 0})
    assert steps(patient) == ["brief-assessment", "plan", "contact", "refer"]
    keep(patient, {"5": 1})
    waiting = Task.objects.filter(patient=patient, kind="risk-step", state="open").order_by("due_at", "id")
    assert list(waiting.values_list("about_code", flat=True)) == [
        "stay",
        "means",
        "evaluate",
        "plan",
        "contact",
        "refer",
    ]
    assert keep_safety(now=timezone.now()) == 0


def test_a_step_that_waits_is_not_opened_twice(patient: Patient, care: CaredFor) -> None:
    a_result(patient, care.prescriber, THEN, 3)
    a_result(patient, care.prescriber, THEN + HOUR, 0)
    a_result(patient, care.prescriber, THEN + 2 * HOUR, 3)
    assert queries.openings_of(patient).count() == 2
    assert sorted(steps(patient)) == ["contact", "evaluate", "plan"]


def test_what_comes_after_the_alert_was_answered_raises_another(patient: Patient, care: CaredFor) -> None:
    keep(patient, {"1": 1})
    acknowledge_alert(by=care.prescriber, now=timezone.now(), alert=Alert.objects.get(), what_was_done="called")
    keep(patient, {"2": 0, "3": 0, "4": 0, "5": NotAnswered.REFUSED})
    assert Alert.objects.filter(acknowledged_at__isnull=True).count() == 1
    assert level(patient) is Level.HIGH


def test_an_answer_taken_back_on_the_telephone_still_counts(patient: Patient) -> None:
    keep(patient, {"1": 0, "2": 0, "3": 1, "4": 0, "5": 1})
    keep(patient, {"5": 0})
    assert level(patient) is Level.HIGH


# --- nothing is lost --------------------------------------------------------------------------------------


def test_killed_midway_nothing_is_half_kept(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers, the alert and the steps are one transaction: whole or not at all."""

    def killed(*_args: object, **_more: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(operations.opening, "open_task", killed)
    with pytest.raises(ConnectionError), transaction.atomic():
        an_asq(patient, THEN, ACUTE)
    assert (Response.objects.count(), Screen.objects.count(), Alert.objects.count(), Task.objects.count()) == (
        0, 0, 0, 0,
    )  # fmt: skip


def test_the_sweep_opens_what_fell_through_and_nothing_else(patient: Patient) -> None:
    an_asq(patient, THEN, ACUTE)
    assert keep_safety(now=THEN + HOUR) == 0
    Task.objects.filter(about_code="evaluate").delete()
    Screen.objects.update(alert_key="")
    assert keep_safety(now=THEN + HOUR) == 2
    assert "evaluate" in steps(patient)
    assert Alert.objects.count() == 2
    assert keep_safety(now=THEN + HOUR) == 0


def test_what_is_known_is_only_added_to(patient: Patient, care: CaredFor) -> None:
    an_asq(patient, THEN, ACUTE)
    a_result(patient, care.prescriber, THEN, 0)
    for table, change in (
        ("screen", "level = 'none'"),
        ("result", "ideation = 5"),
        ("opening", "steps = '[]'"),
    ):
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():  # noqa: SIM117
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE safety_{table} SET {change}")
