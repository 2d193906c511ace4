"""What is asked is kept as rows: opened, moved, reminded, answered, run out, skipped, paused; in bulk."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.factories.access import a_user
from tests.factories.consent import valid_consent
from tests.factories.measures import a_phq_9, a_total
from tests.factories.planning import DAY, a_plan, ready_for_plan, sign, visits
from tests.factories.portal import let_in
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.assessment.operations import end_episode, set_indication
from openkap.apps.assessment.queries import current_episode
from openkap.apps.audit.models import Row
from openkap.apps.consent.operations import withdraw
from openkap.apps.measures import operations
from openkap.apps.measures.cadence import standing_of
from openkap.apps.measures.inbox_asks import expired_items
from openkap.apps.measures.models import Ask
from openkap.apps.measures.portal_items import next_round
from openkap.apps.measures.schedule import schedule_of
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.models import Message
from openkap.apps.messages.operations import choose_channel
from openkap.apps.people.models import Patient
from openkap.apps.planning.models import Plan
from openkap.apps.planning.operations import cancel_visit, reschedule_visit, start_plan
from openkap.apps.tasks.models import Task
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db
CADENCE = "asking-depression"
HOUR = timedelta(hours=1)


@shared
def care() -> CaredFor:
    """In assessment for depression, with pages of their own, at a site that has signed the cadence off."""
    cared = ready_for_plan()
    let_in(cared.patient)
    cared.patient.refresh_from_db()
    sign(cared, CADENCE)
    return cared


def local(patient: Patient, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(patient.site.time_zone))


def enrolled(care: CaredFor, days: int = 0, hour: int = 9) -> datetime:
    """So many days after the episode began, at that hour."""
    episode = current_episode(care.patient)
    assert episode is not None
    return local(care.patient, episode.began_on + days * DAY, hour)


def asked(care: CaredFor, state: str = "asked") -> set[str]:
    return set(Ask.objects.filter(patient=care.patient, state=state).values_list("instrument_id", flat=True))


def reachable(care: CaredFor) -> None:
    Patient.objects.filter(pk=care.patient.pk).update(email="somebody@mail.example")
    care.patient.refresh_from_db()
    choose_channel(by=care.coordinator, now=THEN, patient=care.patient, channel=Channel.MAIL, allowed=True)


def test_the_baseline_is_asked_once_and_rated_ones_are_tasks(care: CaredFor) -> None:
    now = enrolled(care, days=1)
    assert operations.keep_asks(now=now) > 0
    assert operations.keep_asks(now=now) == 0
    assert {"phq-9", "gad-7", "side-effects", "madrs", "the-week"} <= asked(care)
    tasks = {task.about_code: task.role for task in Task.objects.filter(kind="measure-due")}
    assert tasks == {"madrs": "prescriber", "cgi-s": "prescriber"}
    row = Row.objects.get(action="measures.ask")
    assert "phq-9" in row.details["instruments"]
    assert row.actor_kind == "system"


def test_answering_anywhere_closes_it_and_nothing_is_asked_twice(care: CaredFor) -> None:
    now = enrolled(care, days=1)
    operations.keep_asks(now=now)
    response = a_phq_9(care.patient, now + DAY, by=care.coordinator)
    row = Ask.objects.get(instrument_id="phq-9")
    assert (row.state, row.response, row.closed_by) == ("answered", response, care.coordinator)
    assert operations.keep_asks(now=now + 2 * DAY) == 0
    a_total(care.patient, now - 30 * DAY, 9, "gad-7")
    assert "gad-7" in asked(care)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ask.objects.filter(pk=row.pk).update(state="asked")


def test_what_is_not_answered_runs_out_and_waits_to_be_looked_at(care: CaredFor) -> None:
    operations.keep_asks(now=enrolled(care, days=1))
    late = enrolled(care, days=15)
    operations.keep_asks(now=late)
    assert {"phq-9", "madrs"} <= asked(care, "expired")
    assert not Task.objects.filter(kind="measure-due", state="open").exists()
    found = expired_items(Patient.objects.filter(pk=care.patient.pk), late)
    assert "PHQ-9 was not answered in time" in {item.words for item in found}
    a_phq_9(care.patient, late, by=care.coordinator)
    left = expired_items(Patient.objects.filter(pk=care.patient.pk), late)
    assert len(left) == len(found) - 1
    assert expired_items(Patient.objects.filter(pk=cared_for().patient.pk), late) == []


def test_reminders_are_bundled_at_most_three_never_at_night_and_none_after_the_answer(
    care: CaredFor, settings: Any
) -> None:
    settings.MAIL_READY = True
    reachable(care)
    operations.keep_asks(now=enrolled(care))
    operations.keep_asks(now=enrolled(care, hour=23))
    assert not Message.objects.filter(wording="questions").exists()
    for day in range(1, 14):
        for hour in (3, 9, 19):
            operations.keep_asks(now=enrolled(care, days=day, hour=hour))
            if (day, hour) == (1, 9):
                assert Message.objects.filter(wording="questions").count() == 1
                a_phq_9(care.patient, enrolled(care, days=1, hour=10))
    told = list(Ask.objects.filter(state="asked", by_clinician=False).values_list("instrument_id", "reminded"))
    assert max(reminded for _name, reminded in told) == 3
    assert Ask.objects.get(instrument_id="phq-9").reminded == 1
    local_hours = {
        message.queued_at.astimezone(ZoneInfo(care.site.time_zone)).hour
        for message in Message.objects.filter(wording="questions")
    }
    assert local_hours <= {9, 19}
    assert Message.objects.filter(wording="questions").count() < sum(reminded for _name, reminded in told)


def test_who_agreed_to_no_messages_gets_none_but_is_asked(care: CaredFor) -> None:
    operations.keep_asks(now=enrolled(care))
    operations.keep_asks(now=enrolled(care, days=3))
    assert not Message.objects.filter(wording="questions").exists()
    assert set(Ask.objects.filter(state="asked").values_list("reminded", flat=True)) == {0}


def test_a_moved_or_cancelled_dose_moves_and_takes_back_its_asks(care: CaredFor) -> None:
    plan = a_plan_of(care)
    first = visits(plan, "dosing")[0]
    operations.keep_asks(now=first.starts_at - timedelta(hours=1))
    assert {"asq", "expectancy"} <= asked(care)
    later = first.on + DAY
    reschedule_visit(
        by=care.coordinator, now=first.starts_at - timedelta(minutes=30), visit=first, on=later, at=first.at
    )
    assert not {"asq"} & asked(care)
    moved = Ask.objects.get(instrument_id="expectancy", state="asked")
    assert moved.due_at == local(care.patient, later, first.at.hour)
    operations.keep_asks(now=moved.due_at - timedelta(hours=1))
    assert "asq" in asked(care)
    cancel_visit(
        by=care.coordinator,
        now=moved.due_at - timedelta(hours=1),
        visit=visits(plan, "dosing")[0],
        reason="ill",
    )
    assert not {"asq"} & asked(care)


def a_plan_of(care: CaredFor) -> Plan:
    return start_plan(
        by=care.prescriber,
        now=THEN,
        patient=care.patient,
        protocol_id="ketamine-iv-twice-weekly",
        start=date(2026, 9, 7),
        override_reason="Planned in a test, without an assessment.",
    )


def test_nothing_is_asked_after_the_programme_ended(care: CaredFor) -> None:
    now = enrolled(care, days=1)
    operations.keep_asks(now=now)
    episode = current_episode(care.patient)
    assert episode is not None
    end_episode(by=care.prescriber, now=now + DAY, episode=episode, reason="moved away")
    operations.keep_asks(now=now + DAY)
    assert asked(care) == set()
    assert operations.keep_asks(now=now + 9 * DAY) == 0


def test_withdrawn_consent_stops_what_belongs_to_the_treatment_until_they_agree_again(
    care: CaredFor, settings: Any
) -> None:
    settings.MAIL_READY = True
    reachable(care)
    now = enrolled(care, days=1)
    consent = valid_consent(care, now - HOUR)
    operations.keep_asks(now=now)
    operations.ask_now(
        by=care.therapist, now=now, patient=care.patient, instrument_id="sidas",
        until=now.date() + DAY, reason="asked after a hard week",
    )  # fmt: skip
    operations.keep_asks(now=now + DAY)
    before = asked(care)
    withdraw(by=care.prescriber, now=now + DAY, consent=consent)
    assert asked(care) == {"sidas"}, "what a person asked for stays"
    assert before - {"sidas"} <= asked(care, "withdrawn")
    assert not asked(care, "expired"), "nobody failed to answer"
    assert not Task.objects.filter(kind="measure-due", state="open").exclude(about_code="sidas").exists()
    assert operations.keep_asks(now=now + DAY + HOUR) == 0, "neither asked nor reminded of"
    task = Task.objects.get(kind="consent-stopped")
    assert (task.state, task.role, task.due_at) == ("open", "prescriber", now + 2 * DAY)
    schedule = schedule_of(care.patient, now + DAY)
    assert schedule.withdrawn_at == now + DAY
    taken_back = [one for one in schedule.behind if one.first.status == "blocked"]
    assert {str(one.first.reason) for one in taken_back} == {"The patient withdrew consent to the treatment."}
    valid_consent(care, now + 3 * DAY)
    assert {"phq-9", "gad-7"} <= asked(care), "what has not run out is asked again"
    assert schedule_of(care.patient, now + 4 * DAY).withdrawn_at is None
    task.refresh_from_db()
    assert task.state == "done"


def test_consent_withdrawn_for_another_treatment_stops_nothing(care: CaredFor) -> None:
    now = enrolled(care, days=1)
    consent = valid_consent(care, now - HOUR)
    operations.keep_asks(now=now)
    before = asked(care)
    episode = current_episode(care.patient)
    assert episode is not None
    set_indication(
        by=care.prescriber, now=now, patient=care.patient,
        indication=episode.indication, drug="esketamine", route="in",
    )  # fmt: skip
    withdraw(by=care.prescriber, now=now + HOUR, consent=consent)
    assert asked(care) >= before


def test_one_ask_is_skipped_with_a_reason_and_stays_skipped(care: CaredFor) -> None:
    now = enrolled(care, days=1)
    operations.keep_asks(now=now)
    row = Ask.objects.get(instrument_id="phq-9")
    with pytest.raises(BadInput):
        operations.skip_ask(
            by=care.therapist, now=now, patient=care.patient, key=row.key, day=row.day, reason=" "
        )
    operations.skip_ask(
        by=care.therapist, now=now, patient=care.patient, key=row.key, day=row.day, reason="read aloud"
    )
    assert operations.keep_asks(now=now + DAY) == 0
    assert "phq-9" not in asked(care)
    with pytest.raises(NotAllowedNow):
        operations.skip_ask(
            by=care.therapist, now=now, patient=care.patient, key=row.key, day=row.day, reason="again"
        )
    shown = {one.first.name: one.first.reason for one in schedule_of(care.patient, now).behind}
    assert shown == {"PHQ-9": "read aloud"}


def test_one_questionnaire_is_asked_by_hand_now(care: CaredFor) -> None:
    now = enrolled(care, days=20)
    until = now.date() + DAY
    ask: dict[str, Any] = {
        "by": care.therapist,
        "now": now,
        "patient": care.patient,
        "reason": "after the weekend",
    }
    row = operations.ask_now(instrument_id="who-5", until=until, **ask)
    assert row.is_by_hand
    assert Task.objects.get(about_code="who-5").state == "open"
    with pytest.raises(NotAllowedNow):
        operations.ask_now(instrument_id="who-5", until=until, **ask)
    with pytest.raises(BadInput):
        operations.ask_now(instrument_id="phq-9", until=until - 9 * DAY, **ask)
    with pytest.raises(BadInput):
        operations.ask_now(instrument_id="no-such", until=until, **ask)
    with pytest.raises(Refused):
        operations.ask_now(**ask | {"by": a_user(Role.THERAPIST)}, instrument_id="phq-9", until=until)
    operations.keep_asks(now=now + 3 * DAY)
    assert asked(care, "expired") == {"who-5"}


def test_asking_is_paused_and_goes_on(care: CaredFor) -> None:
    now = enrolled(care)
    operations.keep_asks(now=now)
    by: dict[str, Any] = {"by": care.therapist, "patient": care.patient, "reason": "in hospital"}
    operations.pause_asking(now=now + DAY, until=(now + 3 * DAY).date(), **by)
    assert asked(care) == set()
    operations.keep_asks(now=now + 2 * DAY)
    assert asked(care) == set()
    with pytest.raises(NotAllowedNow):
        operations.pause_asking(now=now + 2 * DAY, **by)
    operations.resume_asking(now=now + 2 * DAY, **by)
    with pytest.raises(NotAllowedNow):
        operations.resume_asking(now=now + 2 * DAY, **by)
    assert [change.what for change in standing_of(care.patient, now).changes.rows] == ["pause", "resume"]


def test_the_cadence_is_changed_for_one_patient_by_who_plans(care: CaredFor) -> None:
    now = enrolled(care)
    operations.keep_asks(now=now)
    change: dict[str, Any] = {"now": now, "patient": care.patient, "reason": "too much at once"}
    with pytest.raises(Refused):
        operations.change_asking(by=care.therapist, cadence_id="", left_out=frozenset({"gad-7"}), **change)
    with pytest.raises(BadInput):
        operations.change_asking(
            by=care.prescriber, cadence_id="asking-trauma", left_out=frozenset({"gad-7"}), **change
        )
    assert "gad-7" in asked(care)
    sign(care, "asking-trauma")
    both: dict[str, Any] = {"cadence_id": "asking-trauma", "left_out": frozenset({"gad-7"})}
    assert operations.change_asking(by=care.prescriber, **both, **change) == 2
    assert operations.change_asking(by=care.prescriber, **both, **change) == 0
    assert "pcl-5" in asked(care)
    assert "gad-7" not in asked(care)
    assert Row.objects.filter(action="measures.change-asking").count() == 2


def test_without_a_signature_only_visits_ask_and_without_pages_staff_do() -> None:
    plan = a_plan()
    first = visits(plan)[0]
    operations.keep_asks(now=first.starts_at - DAY)
    rows = Ask.objects.filter(patient=plan.patient)
    assert {(row.instrument_id, row.cadence_id, row.due_at) for row in rows} == {
        ("phq-9", "", first.starts_at), ("gad-7", "", first.starts_at),
    }  # fmt: skip
    assert Task.objects.filter(kind="measure-due", role="coordinator").count() == 2
    shown = schedule_of(plan.patient, first.starts_at - DAY)
    assert shown.cadence is None
    assert len(shown.open) == 2


def test_the_schedule_counts_minutes_by_the_week_and_warns(care: CaredFor) -> None:
    now = enrolled(care)
    operations.keep_asks(now=now)
    week = schedule_of(care.patient, now).weeks[0]
    own = [one for one in week.rounds if not one.first.by_clinician]
    assert week.minutes == pytest.approx(sum(one.minutes for one in own))
    assert len(own) < sum(len(one.asks) for one in own)
    assert not week.is_too_much
    assert week.limit == 25
    heavy = replace(week, minutes=25.5)
    assert heavy.is_too_much
    round_ = next_round(care.patient, now)
    assert round_ is not None
    assert (round_.on, round_.count) == (now.date() + DAY, 3)


def test_the_sweep_asks_the_database_as_often_for_many_as_for_one(care: CaredFor) -> None:
    now = enrolled(care, days=1)
    operations.keep_asks(now=now)
    with CaptureQueriesContext(connection) as for_one:
        assert operations.keep_asks(now=now) == 0
    for _number in range(3):
        other = cared_for(care.site)
        set_indication(
            by=other.prescriber, now=THEN, patient=other.patient, indication="trd", drug="ketamine", route="iv"
        )
    assert operations.keep_asks(now=now) > 3
    with CaptureQueriesContext(connection) as for_many:
        assert operations.keep_asks(now=now) == 0
    assert len(for_many) == len(for_one)
