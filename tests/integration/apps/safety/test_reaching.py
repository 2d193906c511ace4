"""Nobody answers, the mail does not arrive, nobody is there: to whom it goes on, and at whose times."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories.access import a_user
from tests.factories.safety import ACUTE, POSITIVE, a_result, a_rota, an_asq
from tests.factories.tasks import SYSTEM, CaredFor, cared_for
from tests.sharing import shared

from openkap.adapters.mail.fake import FakeMail
from openkap.adapters.mail.port import NotDelivered
from openkap.adapters.sms.fake import FakeSms
from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.messages.models import Message
from openkap.apps.messages.operations import change_staff_number
from openkap.apps.messages.sending import Ports, send_due
from openkap.apps.portal.chores import open_undelivered_tasks
from openkap.apps.safety.operations import (
    LooserThanTheRecord,
    NewTiming,
    change_timing,
    change_unstaffed,
    keep_safety,
)
from openkap.apps.safety.timing import timing_at
from openkap.apps.tasks.models import Alert, Task
from openkap.apps.tasks.operations import acknowledge_alert, escalate_overdue
from openkap.apps.tasks.queries import open_alerts_for
from openkap.core.assessment.risk_timing import ALERT
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 9, 1, 19, 0, tzinfo=UTC)  # in Los Angeles, a Tuesday
MINUTE = timedelta(minutes=1)


@shared
def care() -> CaredFor:
    return cared_for()


def minutes_later(n: int) -> datetime:
    """What the worker does at that moment."""
    at = NOON + n * MINUTE
    escalate_overdue(now=at)
    keep_safety(now=at)
    return at


def called() -> list[tuple[User | None, str]]:
    rows = Message.objects.filter(user__isnull=False).select_related("user").order_by("id")
    return [(row.user, row.wording) for row in rows if row.key.startswith("risk-alert")]


def people() -> list[User | None]:
    return [user for user, _wording in called()]


def test_an_alert_nobody_answers_climbs_and_each_step_is_called_once(care: CaredFor) -> None:
    outside = a_user(Role.MONITOR, site=care.site)
    a_rota(care.site, outside)
    an_asq(care.patient, NOON, ACUTE)
    assert people() == [outside]
    minutes_later(14)
    assert people() == [outside]
    for _twice in range(2):
        minutes_later(15)
    assert people() == [outside, care.prescriber]
    minutes_later(30)
    assert people() == [outside, care.prescriber, care.medical_director]
    minutes_later(59)
    minutes_later(61)
    assert people()[3:] == [care.medical_director]  # again, until somebody answers
    acknowledge_alert(by=care.medical_director, now=NOON, alert=Alert.objects.get(), what_was_done="called")
    minutes_later(200)
    assert len(people()) == 4


def test_a_role_nobody_on_the_team_holds_is_looked_for_at_the_site_and_sees_the_chart(care: CaredFor) -> None:
    care.patient.care_team.update(ended_at=NOON)
    a_rota(care.site, care.monitor)
    an_asq(care.patient, NOON, ACUTE)
    minutes_later(16)
    assert people() == [care.monitor, care.prescriber]
    assert open_alerts_for(care.prescriber).count() == 1


def test_missed_steps_are_called_for_once(care: CaredFor) -> None:
    a_rota(care.site, care.monitor)
    an_asq(care.patient, NOON, ACUTE)
    for minute in (16, 17, 61):
        minutes_later(minute)
    overdue = Message.objects.filter(wording="staff-overdue").order_by("id")
    assert [(one.user, one.key.split(":")[2]) for one in overdue] == [
        (care.prescriber, "prescriber"),
        (care.prescriber, "prescriber"),
        (care.medical_director, "medical-director"),
        (care.medical_director, "medical-director"),
    ]


def test_out_of_hours_who_is_named_owns_the_steps_that_cannot_wait(care: CaredFor) -> None:
    a_rota(care.site, care.monitor)
    change_unstaffed(by=SYSTEM, now=NOON, site=care.site, user=care.therapist, what_happens="told to call 988")
    an_asq(care.patient, NOON + timedelta(hours=12), ACUTE)
    assert (Alert.objects.get().owner, Task.objects.get(about_code="stay").owner) == (care.therapist,) * 2
    assert people() == [care.therapist]


def test_without_a_medical_director_somebody_is_called_all_the_same(care: CaredFor) -> None:
    care.medical_director.memberships.update(ended_at=NOON)
    an_asq(care.patient, NOON, ACUTE)
    assert people() == [care.prescriber]


def test_high_risk_found_by_a_clinician_interrupts_unless_it_is_theirs_to_decide(care: CaredFor) -> None:
    a_rota(care.site, care.prescriber)
    a_result(care.patient, care.therapist, NOON, 4)
    alert = Alert.objects.get()
    assert (alert.owner, alert.detail) == (care.prescriber, "Clinician's result: high risk")
    other = cared_for(care.site)
    a_result(other.patient, other.prescriber, NOON, 3)
    assert Alert.objects.count() == 1
    a_rota(care.site, other.prescriber, time(11, 30), time(13))
    a_result(other.patient, other.prescriber, NOON + MINUTE, 4)
    assert Alert.objects.count() == 1
    assert Task.objects.filter(patient=other.patient, kind="risk-decision").count() == 1


# --- what does not arrive ---------------------------------------------------------------------------------


@pytest.fixture
def ports(settings: Any) -> Ports:
    settings.MAIL_READY = True
    settings.SMS_GATEWAY = {**settings.SMS_GATEWAY, "url": "https://gateway.example/send"}
    return Ports(mail=FakeMail(), sms=FakeSms())


def fails(port: object, for_good: bool = True) -> None:
    assert isinstance(port, FakeMail | FakeSms)
    port.fails.append(NotDelivered("recipient-refused", for_good=for_good))


@pytest.mark.parametrize("for_good", [True, False])
def test_a_call_that_bounces_goes_on_at_once(care: CaredFor, ports: Ports, for_good: bool) -> None:
    a_rota(care.site, care.monitor)
    an_asq(care.patient, NOON, ACUTE)
    fails(ports.mail, for_good)
    send_due(now=NOON, ports=ports)
    keep_safety(now=NOON + MINUTE)
    minutes_later(1)
    assert people() == [care.monitor, care.prescriber]


def test_who_has_a_number_is_called_both_ways_and_one_that_arrives_is_enough(
    care: CaredFor, ports: Ports
) -> None:
    change_staff_number(by=care.coordinator, now=NOON, site=care.site, user=care.monitor, number="+1 555 0100")
    a_rota(care.site, care.monitor)
    an_asq(care.patient, NOON, ACUTE)
    fails(ports.mail)
    send_due(now=NOON, ports=ports)
    assert isinstance(ports.sms, FakeSms)
    assert [one.to for one in ports.sms.texts] == ["+15550100"]
    minutes_later(1)
    assert people() == [care.monitor, care.monitor]
    open_undelivered_tasks(now=NOON + MINUTE)
    open_undelivered_tasks(now=NOON + 2 * MINUTE)
    task = Task.objects.get(kind="staff-unreached")
    assert (task.role, task.patient, str(care.monitor) in task.detail) == ("coordinator", None, True)


def test_where_nothing_is_set_up_no_alert_hurries(care: CaredFor, settings: Any) -> None:
    settings.MAIL_READY = False
    a_rota(care.site, care.monitor)
    an_asq(care.patient, NOON, ACUTE)
    send_due(now=NOON, ports=Ports(mail=None, sms=None))
    minutes_later(2)
    assert people() == [care.monitor]


@pytest.mark.parametrize("number", ["call me", "12", "+1 555 0100 0100 0100 0100"])
def test_what_is_no_number_is_refused(care: CaredFor, number: str) -> None:
    with pytest.raises(BadInput):
        change_staff_number(by=SYSTEM, now=NOON, site=care.site, user=care.monitor, number=number)
    with pytest.raises(Refused):
        change_staff_number(by=care.therapist, now=NOON, site=care.site, user=care.monitor, number="")


# --- the site's own times ---------------------------------------------------------------------------------


def wanted(
    care: CaredFor, *, signed: frozenset[str] = frozenset(), based_on: int = 0, **said: Any
) -> NewTiming:
    now = timing_at(care.site, NOON)
    return NewTiming(
        minutes={**now.minutes, **said.pop("minutes", {})},
        roles={**now.roles, **said.pop("roles", {})},
        review_hour=said.pop("review_hour", now.review_hour),
        effective_from=said.pop("on", date(2026, 9, 1)),
        reason=said.pop("reason", "Two prescribers share the building"),
        based_on=based_on,
        signed=signed,
    )


def test_stricter_times_hold_from_their_day_and_only_there(care: CaredFor) -> None:
    by = care.medical_director
    stricter: dict[str, Any] = {"minutes": {ALERT: 5, "step:acute:stay": 6}, "review_hour": 17}
    row = change_timing(by=by, now=NOON, site=care.site, wanted=wanted(care, **stricter))
    assert (row.version, row.minutes, row.review_hour, row.looser) == (1, stricter["minutes"], 17, [])
    later = wanted(care, based_on=1, on=date(2026, 9, 3), minutes={ALERT: 3}, review_hour=16)
    change_timing(by=by, now=NOON, site=care.site, wanted=later)
    an_asq(care.patient, NOON, ACUTE)
    assert Alert.objects.get().acknowledge_by == NOON + 5 * MINUTE
    assert Task.objects.get(about_code="stay").due_at == NOON + 6 * MINUTE
    an_asq(care.patient, NOON + MINUTE, "0,0,0,NA,SKIP")
    assert Task.objects.get(kind="risk-review").due_at == datetime(2026, 9, 2, 0, 0, tzinfo=UTC)  # 17:00 there
    elsewhere = cared_for()
    an_asq(elsewhere.patient, NOON, POSITIVE)
    assert Alert.objects.get(patient=elsewhere.patient).acknowledge_by == NOON + 15 * MINUTE
    assert timing_at(care.site, NOON + timedelta(days=2)).minutes[ALERT] == 3


def test_looser_times_hold_only_when_each_is_signed(care: CaredFor) -> None:
    by = care.medical_director
    loose: dict[str, Any] = {"minutes": {ALERT: 20}, "roles": {ALERT: ("medical-director",)}}
    with pytest.raises(LooserThanTheRecord) as refused:
        change_timing(by=by, now=NOON, site=care.site, wanted=wanted(care, **loose))
    assert refused.value.keys == (ALERT,)
    assert timing_at(care.site, NOON).minutes[ALERT] == 15
    signed = wanted(care, signed=frozenset({ALERT}), **loose)
    assert change_timing(by=by, now=NOON, site=care.site, wanted=signed).looser == [ALERT]
    an_asq(care.patient, NOON, ACUTE)
    alert = Alert.objects.get()
    assert (alert.acknowledge_by, alert.ladder) == (NOON + 20 * MINUTE, "medical-director")


def test_what_is_no_timing_is_refused_and_nothing_is_kept(care: CaredFor) -> None:
    everything = frozenset(timing_at(care.site, NOON).minutes)
    by = care.medical_director
    for wrong in (
        wanted(care, minutes={ALERT: 61}, signed=everything),
        wanted(care, minutes={ALERT: 0}),
        wanted(care, roles={ALERT: ()}, signed=everything),
        wanted(care, reason="so"),
        wanted(care, on=date(2026, 8, 31)),
    ):
        with pytest.raises(BadInput):
            change_timing(by=by, now=NOON, site=care.site, wanted=wrong)
    with pytest.raises(NotAllowedNow):
        change_timing(by=by, now=NOON, site=care.site, wanted=wanted(care, based_on=3))
    for stranger in (care.coordinator, care.prescriber, a_user(Role.MEDICAL_DIRECTOR)):
        with pytest.raises(Refused):
            change_timing(by=stranger, now=NOON, site=care.site, wanted=wanted(care, minutes={ALERT: 5}))
    assert timing_at(care.site, NOON).minutes[ALERT] == 15


def test_a_signed_version_stays(care: CaredFor) -> None:
    change_timing(by=SYSTEM, now=NOON, site=care.site, wanted=wanted(care, minutes={ALERT: 5}))
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():  # noqa: SIM117
        with connection.cursor() as cursor:
            cursor.execute("UPDATE safety_sitetiming SET version = 2")
