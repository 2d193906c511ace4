"""An alert about what happens again and again: it grows, is answered as read, and loses nobody's time."""

from datetime import datetime, timedelta

import pytest
from django.db.models import QuerySet
from tests.factories.access import a_client
from tests.factories.sites import THEN
from tests.factories.tasks import SYSTEM, CaredFor, cared_for

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.tasks.growing import Happened, grow_alert
from openkap.apps.tasks.kinds import AlertKind
from openkap.apps.tasks.models import Alert
from openkap.apps.tasks.operations import acknowledge_alert, escalate_overdue
from openkap.errors import NotAllowedNow

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
WITHIN = 5
LADDER = [Role.PRESCRIBER, Role.MEDICAL_DIRECTOR]


@pytest.fixture
def cared() -> CaredFor:
    return cared_for()


def at(minute: float) -> datetime:
    return THEN + minute * MINUTE


def grow(cared: CaredFor, now: float, *minutes: int, key: str = "session:readings") -> Alert | None:
    return grow_alert(
        by=SYSTEM,
        now=at(now),
        kind=AlertKind.VITALS_OVERDUE,
        key=key,
        patient=cared.patient,
        severity="soon",
        acknowledge_by=at(now + WITHIN),
        happened=[Happened(f"readings:{minute}", at(minute)) for minute in minutes],
    )


def moments(alert: Alert | None) -> list[float]:
    assert alert is not None
    return [(one.at - THEN) / MINUTE for one in alert.occurrences.all()]


def test_it_grows_with_the_newest_last_and_keeps_its_time_to_be_answered(cared: CaredFor) -> None:
    first = grow(cared, 11, 10)
    assert grow(cared, 12, 10) is None
    again = grow(cared, 14, 20, 10)

    assert (first, Alert.objects.count()) == (again, 1)
    assert moments(again) == [10, 20]
    assert again is not None
    assert (again.raised_at, again.escalates_at) == (at(11), at(16))
    actions = list(Row.objects.filter(action__startswith="tasks.").values_list("action", flat=True))
    assert sorted(actions) == ["tasks.add-to-alert", "tasks.raise-alert"]


def test_another_kind_of_reading_has_an_alert_of_its_own(cared: CaredFor) -> None:
    assert grow(cared, 11, 10) != grow(cared, 11, 10, key="session:scores")


def test_what_comes_after_the_answer_starts_another_and_the_answer_stays(cared: CaredFor) -> None:
    first = grow(cared, 11, 10)
    assert first is not None
    acknowledge_alert(by=cared.monitor, now=at(12), alert=first, what_was_done="Took them.", seen=1)
    second = grow(cared, 21, 10, 20)

    assert moments(second) == [20]
    first.refresh_from_db()
    assert (first.what_was_done, moments(first)) == ("Took them.", [10])


def test_nobody_answers_for_what_came_while_they_wrote(cared: CaredFor) -> None:
    alert = grow(cared, 11, 10)
    assert alert is not None
    browser = a_client(cared.monitor)
    page = browser.get("/tasks/").text
    assert 'name="seen" value="1"' in page
    grow(cared, 21, 10, 20)
    with pytest.raises(NotAllowedNow, match="More was added"):
        acknowledge_alert(by=cared.monitor, now=at(22), alert=alert, what_was_done="Took them.", seen=1)
    said = {"what_was_done": "Took them.", "seen": "1"}
    browser.post(f"/tasks/alerts/{alert.public_id}/acknowledge/", said)
    assert Alert.objects.get().acknowledged_at is None


def test_what_somebody_answered_while_a_sweep_waited_is_not_raised_again(
    cared: CaredFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(cared, 11, 10)
    locked = QuerySet.select_for_update

    def after_another_sweep(rows: QuerySet[Alert]) -> QuerySet[Alert]:
        monkeypatch.undo()
        alert = grow(cared, 21, 10, 20)
        assert alert is not None
        acknowledge_alert(by=cared.monitor, now=at(21), alert=alert, what_was_done="Took them.", seen=2)
        return locked(rows)

    monkeypatch.setattr(QuerySet, "select_for_update", after_another_sweep)
    assert grow(cared, 21, 10, 20) is None
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("missed", [(0, 10, 20, 30), (0, 3, 6), (0, 7, 8, 22), (0, 12)])
def test_each_role_hears_of_each_reading_as_soon_as_by_an_alert_of_its_own(
    cared: CaredFor, missed: tuple[int, ...]
) -> None:
    for minute in range(missed[-1] + 4 * WITHIN):
        if minute in missed:
            grow(cared, minute, *(m for m in missed if m <= minute))
        escalate_overdue(now=at(minute))

    (alert,) = Alert.objects.all()
    told = [(step.to_role, (step.at - THEN) / MINUTE) for step in alert.escalations.all()]
    for came in missed:
        for place, role in enumerate(LADDER, start=1):
            heard = [minute for to_role, minute in told if to_role == role and minute >= came]
            assert min(heard) <= came + place * WITHIN, (came, role, told)
    assert alert.escalates_at is None
    assert len(told) <= len(LADDER) * len(missed)
