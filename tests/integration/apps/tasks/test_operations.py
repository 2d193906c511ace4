"""Tasks and alerts: opened once, closed with what was done, handed on when missed."""

import json
from datetime import timedelta

import pytest
from tests.factories.access import a_user
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import SYSTEM, a_task, an_alert, cared_for

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.tasks import operations
from openkap.apps.tasks.kinds import ALERTS, TASKS, AlertKind, TaskKind
from openkap.apps.tasks.models import Escalation, Task
from openkap.apps.tasks.queries import open_tasks_for
from openkap.apps.tasks.states import TASK_MOVES, TaskState, task_after
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_task_is_opened_once_for_its_key() -> None:
    cared = cared_for()
    first = a_task(cared, key="measure:1")
    second = a_task(cared, key="measure:1", due_in=timedelta(days=9))
    assert second.pk == first.pk
    assert second.due_at == first.due_at
    assert Row.objects.filter(action="tasks.open").count() == 1


def test_a_closed_task_is_not_opened_again_by_its_key() -> None:
    cared = cared_for()
    task = a_task(cared, key="measure:1")
    operations.complete_task(by=cared.therapist, now=THEN, task=task)
    assert a_task(cared, key="measure:1").state == TaskState.DONE


def test_a_task_belongs_to_its_kind_s_role_unless_told() -> None:
    cared = cared_for()
    assert a_task(cared).role == Role.COORDINATOR
    assert a_task(cared, role=Role.MONITOR).role == Role.MONITOR


def test_an_unknown_kind_is_refused_and_nothing_is_opened() -> None:
    with pytest.raises(BadInput):
        a_task(cared_for(), kind="dance")
    assert not Task.objects.exists()


def test_completing_says_who_when_and_what() -> None:
    cared = cared_for()
    task = operations.complete_task(
        by=cared.therapist, now=THEN + HOUR, task=a_task(cared), outcome="  called, will fill it in "
    )
    assert (task.state, task.closed_by, task.closed_at) == (TaskState.DONE, cared.therapist, THEN + HOUR)
    assert task.outcome == "called, will fill it in"
    row = Row.objects.get(action="tasks.complete")
    assert row.details == {"kind": "measure-due"}


def test_a_closed_task_cannot_be_closed_again() -> None:
    cared = cared_for()
    task = a_task(cared)
    operations.cancel_task(by=cared.therapist, now=THEN, task=task, reason="moved away")
    with pytest.raises(NotAllowedNow):
        operations.complete_task(by=cared.therapist, now=THEN, task=task)
    task.refresh_from_db()
    assert (task.state, task.outcome) == (TaskState.CANCELLED, "moved away")


def test_cancelling_needs_a_reason() -> None:
    cared = cared_for()
    with pytest.raises(BadInput):
        operations.cancel_task(by=cared.therapist, now=THEN, task=a_task(cared), reason="  ")


def test_somebody_without_the_permission_is_refused() -> None:
    cared = cared_for()
    officer = a_user(Role.PRIVACY_OFFICER, site=cared.site)
    with pytest.raises(Refused):
        operations.complete_task(by=officer, now=THEN, task=a_task(cared))


def test_somebody_of_another_site_is_refused() -> None:
    cared = cared_for()
    stranger = a_user(Role.PRESCRIBER, site=a_site("Elsewhere"))
    with pytest.raises(Refused):
        operations.complete_task(by=stranger, now=THEN, task=a_task(cared))


def test_somebody_outside_the_care_team_finds_no_task() -> None:
    cared = cared_for()
    colleague = a_user(Role.MONITOR, site=cared.site)
    with pytest.raises(NotFound):
        operations.complete_task(by=colleague, now=THEN, task=a_task(cared))


def test_settling_and_withdrawing_by_key() -> None:
    cared = cared_for()
    a_task(cared, key="a")
    a_task(cared, key="b")
    settled = operations.settle_task(by=cared.therapist, now=THEN, key="a")
    withdrawn = operations.withdraw_task(by=SYSTEM, now=THEN, key="b")
    assert settled is not None
    assert withdrawn is not None
    assert (settled.state, withdrawn.state) == (TaskState.DONE, TaskState.CANCELLED)
    assert operations.settle_task(by=SYSTEM, now=THEN, key="a") is None
    assert operations.withdraw_task(by=SYSTEM, now=THEN, key="nothing") is None


def test_an_alert_is_raised_once_and_its_words_stay_out_of_the_trail() -> None:
    cared = cared_for()
    assert an_alert(cared, key="x").pk == an_alert(cared, key="x").pk
    row = Row.objects.get(action="tasks.raise-alert")
    assert "made-up" not in json.dumps(row.details)
    assert row.patient_id == cared.patient.public_id


@pytest.mark.parametrize(("severity", "answer_in"), [("loud", HOUR), ("now", -HOUR)])
def test_an_impossible_alert_is_refused(severity: str, answer_in: timedelta) -> None:
    cared = cared_for()
    with pytest.raises(BadInput):
        operations.raise_alert(
            by=SYSTEM,
            now=THEN,
            kind=AlertKind.DETERIORATION,
            key="x",
            patient=cared.patient,
            severity=severity,
            acknowledge_by=THEN + answer_in,
        )


def test_answering_an_alert_says_what_was_done() -> None:
    cared = cared_for()
    alert = an_alert(cared)
    with pytest.raises(BadInput):
        operations.acknowledge_alert(by=cared.prescriber, now=THEN, alert=alert, what_was_done=" ")
    answered = operations.acknowledge_alert(
        by=cared.prescriber, now=THEN + HOUR, alert=alert, what_was_done="called her"
    )
    assert (answered.acknowledged_by, answered.what_was_done) == (cared.prescriber, "called her")
    with pytest.raises(NotAllowedNow):
        operations.acknowledge_alert(by=cared.monitor, now=THEN, alert=alert, what_was_done="again")


def test_an_alert_of_another_s_patient_cannot_be_answered() -> None:
    cared = cared_for()
    colleague = a_user(Role.PRESCRIBER, site=cared.site)
    with pytest.raises(NotFound):
        operations.acknowledge_alert(by=colleague, now=THEN, alert=an_alert(cared), what_was_done="done")


def test_a_missed_task_goes_to_the_further_role_once() -> None:
    cared = cared_for()
    task = a_task(cared, due_in=HOUR)
    assert operations.escalate_overdue(now=THEN + HOUR / 2) == 0
    assert operations.escalate_overdue(now=THEN + HOUR) == 1
    assert operations.escalate_overdue(now=THEN + 9 * HOUR) == 0
    assert [step.to_role for step in task.escalations.all()] == [Role.THERAPIST]


def test_an_unanswered_alert_climbs_to_the_medical_director() -> None:
    cared = cared_for()
    alert = an_alert(cared, answer_in=HOUR)
    for hours in range(1, 6):
        operations.escalate_overdue(now=THEN + hours * HOUR)
    steps = list(alert.escalations.order_by("at").values_list("to_role", "at"))
    assert steps == [(Role.PRESCRIBER, THEN + HOUR), (Role.MEDICAL_DIRECTOR, THEN + 2 * HOUR)]


def test_what_is_answered_or_closed_goes_nowhere() -> None:
    cared = cared_for()
    operations.complete_task(by=cared.therapist, now=THEN, task=a_task(cared))
    operations.acknowledge_alert(by=cared.monitor, now=THEN, alert=an_alert(cared), what_was_done="seen to")
    operations.escalate_overdue(now=THEN + 99 * HOUR)
    assert not Escalation.objects.exists()


def test_many_missed_tasks_all_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "BATCH", 2)
    cared = cared_for()
    for _ in range(5):
        a_task(cared, due_in=HOUR)
    assert operations.escalate_overdue(now=THEN + HOUR) == 5


@pytest.mark.parametrize("state", list(TaskState))
@pytest.mark.parametrize("verb", ["complete", "cancel"])
def test_only_what_the_table_lists_is_allowed(state: TaskState, verb: str) -> None:
    if (state, verb) in TASK_MOVES:
        assert task_after(state, verb) is TASK_MOVES[state, verb]
    else:
        with pytest.raises(NotAllowedNow):
            task_after(state, verb)


def test_every_kind_has_its_words() -> None:
    assert set(TASKS) == set(TaskKind)
    assert set(ALERTS) == set(AlertKind)
    assert all(str(row.words) for row in [*TASKS.values(), *ALERTS.values()])


def test_what_concerns_suicide_risk_comes_before_what_is_longest_overdue() -> None:
    cared = cared_for()
    late = a_task(cared, owner=cared.prescriber, due_in=HOUR)
    review = a_task(cared, kind=TaskKind.RISK_REVIEW, due_in=10 * HOUR)
    far = a_task(cared, kind=TaskKind.RISK_STEP, due_in=120 * HOUR)  # not yet among what comes first
    assert list(open_tasks_for(cared.prescriber, now=THEN + 2 * HOUR)) == [review, late, far]
