"""How long people have to answer is a record; where none is in force, they are asked at once."""

from datetime import timedelta

import pytest
from tests.factories.dosing import Sitting, a_sitting

from openkap.apps.dosing import alerts
from openkap.apps.dosing.alerts import answer_within, raise_due_alerts, sign_within
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.tasks.models import Alert, Task
from openkap.core.monitoring.rules import Monitoring
from openkap.knowledge.schema.monitoring import AnswerTimes

pytestmark = pytest.mark.django_db


def in_force(sitting: Sitting) -> AnswerTimes:
    content = knowledge_for(sitting.cared.site, sitting.zero).monitoring["answer-times"].content
    assert isinstance(content, AnswerTimes)
    return content


def test_missed_readings_are_passed_on_after_the_records_minutes() -> None:
    sitting = a_sitting().until_dose()
    now = sitting.at(11)
    raise_due_alerts(now=now)
    alert = Alert.objects.get(kind="vitals-overdue")
    assert alert.acknowledge_by == now + timedelta(minutes=in_force(sitting).missed_readings_minutes)


def test_an_ended_session_is_to_be_signed_within_the_records_hours() -> None:
    sitting = a_sitting().until_over()
    for minute in (55, 70, 85, 100):
        sitting.vitals(minute)
    sitting.add(102, "discharge-decided", outcome="left-against-advice")
    sitting.add(103, "ended")
    task = Task.objects.get(kind="session-sign")
    assert task.due_at == sitting.at(103) + timedelta(hours=in_force(sitting).signature_hours)


def test_without_a_record_it_is_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sitting = a_sitting().until_dose()
    monkeypatch.setattr(alerts, "monitoring_of", lambda *_: Monitoring((), ()))
    assert answer_within(sitting.session, sitting.zero) == timedelta(0)
    assert sign_within(sitting.session, sitting.zero) == timedelta(0)


def test_of_several_records_the_strictest_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    sitting = a_sitting().until_dose()
    record = knowledge_for(sitting.cared.site, sitting.zero).monitoring["answer-times"]
    strict = record.model_copy(update={"content": AnswerTimes(
        kind="answer-times", missed_readings_minutes=2, signature_hours=48,
    )})  # fmt: skip
    monkeypatch.setattr(alerts, "monitoring_of", lambda *_: Monitoring((record, strict), ()))
    assert answer_within(sitting.session, sitting.zero) == timedelta(minutes=2)
    assert sign_within(sitting.session, sitting.zero) == timedelta(hours=24)
