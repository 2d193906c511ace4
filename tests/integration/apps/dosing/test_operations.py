"""Sessions through their operations: the stream, its lock, who may, what follows."""

import threading
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories.dosing import a_dosing_visit, a_sitting
from tests.factories.planning import visits
from tests.factories.tasks import cared_for

from openkap.apps.audit.models import Row
from openkap.apps.dosing import operations, queries
from openkap.apps.dosing.alerts import raise_due_alerts
from openkap.apps.dosing.errors import CannotOpen, EntryConflict, NotApplied
from openkap.apps.dosing.live import CHANNEL
from openkap.apps.dosing.models import Event, Session
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.planning.queries import visit_by_id
from openkap.apps.tasks.models import Alert, Task
from openkap.apps.tasks.operations import acknowledge_alert
from openkap.core.monitoring.events import Kind
from openkap.errors import BadInput, NotFound, Refused

pytestmark = pytest.mark.django_db


# --- opening ----------------------------------------------------------------------------------------------


def test_a_session_takes_its_order_from_the_plan() -> None:
    sitting = a_sitting()

    session = sitting.session
    assert (session.drug, session.route, session.duration_seconds) == ("ketamine", "iv", 2400)
    assert session.mg_per_kg == Decimal("0.5")
    assert (session.dose_number, session.dose_count) == (1, 6)


@pytest.mark.parametrize("kind", ["preparation", "integration"])
def test_only_a_dosing_visit_has_a_session(kind: str) -> None:
    cared, visit = a_dosing_visit()
    other = visits(visit.plan, kind)[0]

    with pytest.raises(CannotOpen, match="dosing visit"):
        operations.open_session(by=cared.monitor, now=visit.starts_at, visit=other, chair="1")


def test_a_visit_has_one_session_and_a_chair_one_patient() -> None:
    first = a_sitting(chair="A")
    with pytest.raises(CannotOpen, match="already"):
        operations.open_session(by=first.by, now=first.zero, visit=first.session.visit, chair="B")
    cared = cared_for(first.cared.site)
    _, visit = a_dosing_visit(cared)
    with pytest.raises(CannotOpen, match="taken"):
        operations.open_session(by=cared.monitor, now=first.zero, visit=visit, chair="A")
    with pytest.raises(BadInput, match="chair"):
        operations.open_session(by=cared.monitor, now=first.zero, visit=visit, chair=" ")


def test_a_therapist_may_not_open_and_a_stranger_sees_nothing() -> None:
    cared, visit = a_dosing_visit()
    with pytest.raises(Refused):
        operations.open_session(by=cared.therapist, now=visit.starts_at, visit=visit, chair="1")
    sitting = a_sitting(cared_for())
    stranger = cared_for().monitor
    with pytest.raises(NotFound):
        queries.session_for(stranger, sitting.session.public_id)


# --- the stream -------------------------------------------------------------------------------------------


def test_from_arrival_to_signature() -> None:
    sitting = a_sitting().until_signed()

    assert sitting.refused == []
    now = sitting.state(105)
    assert now.phase == "ended"
    assert now.given_mg == Decimal("35.0")
    sitting.session.refresh_from_db()
    assert sitting.session.signed_by == sitting.cared.prescriber
    assert sitting.session.judged_by["limit-pressure-high"] == 1
    assert visit_by_id(sitting.session.visit_id).state == "done"


def test_the_dose_follows_todays_weight() -> None:
    sitting = a_sitting().until_ready(kg="81.5")

    assert sitting.state(-1).ordered_mg == Decimal("40.7")
    assert sitting.add(0, "dose-started", amount_mg="35.0").reason == "amount-differs"
    assert sitting.add(0, "dose-started", amount_mg="40.7").applied


def test_without_the_directors_sign_off_no_dose_is_started() -> None:
    sitting = a_sitting(signed_off=False).until_ready()

    refused = sitting.add(0, "dose-started", amount_mg="35.0")
    assert refused.reason == "not-ready"
    assert "a decision of the medical director" in refused.words()
    assert sitting.state(1).dose is None


def test_each_event_has_its_audit_row_and_none_holds_clinical_text() -> None:
    sitting = a_sitting()
    sitting.add(-20, "note-written", text="weeps quietly")

    row = Row.objects.filter(action="dosing.record").get()
    assert row.details == {"seq": 1, "event": "note-written", "status": "applied", "reason": ""}
    assert row.patient_id == sitting.cared.patient.public_id


def test_sending_again_changes_nothing() -> None:
    sitting = a_sitting()
    entry = sitting.entry(-20, "arrived")
    first = sitting.send(entry, now=sitting.at(-20))
    again = sitting.send(entry, now=sitting.at(-15))

    assert (again.seq, again.status, again.known) == (first.seq, first.status, True)
    assert Event.objects.count() == 1


def test_the_id_of_an_entry_is_used_for_one_entry_only() -> None:
    sitting = a_sitting()
    entry = sitting.entry(-20, "note-written", text="one")
    sitting.send(entry, now=sitting.at(-20))

    other = type(entry)(entry.client_id, entry.kind, entry.occurred_at, {"text": "two"})
    with pytest.raises(EntryConflict):
        sitting.send(other, now=sitting.at(-19))
    with pytest.raises(EntryConflict):
        sitting.send(entry, now=sitting.at(-19), by=sitting.cared.prescriber)


def test_a_rejected_entry_takes_its_number_and_keeps_its_reason() -> None:
    sitting = a_sitting()
    assert sitting.add(-20, "dose-paused").reason == "dose-not-running"
    sitting.add(-19, "arrived")

    assert list(queries.events_after(sitting.session, 0).values_list("seq", "status")) == [
        (1, "rejected"),
        (2, "applied"),
    ]


@pytest.mark.parametrize(
    ("minute", "sent", "reason"),
    [(5, 0, "clock-ahead"), (0.5, 0, ""), (-26 * 60, 0, "too-long-ago"), (-90, 0, "")],
)
def test_entries_from_a_wrong_clock_are_rejected(minute: float, sent: float, reason: str) -> None:
    sitting = a_sitting()

    assert sitting.send(sitting.entry(minute, "note-written", text="x"), now=sitting.at(sent)).reason == reason


def test_only_a_prescriber_decides_against_a_rule() -> None:
    sitting = a_sitting().until_ready()
    sitting.vitals(-5, systolic=146)
    decision = {"about": "gate-pressure-hold", "reason": "white coat"}

    assert sitting.add(-4, "decision-made", **decision).reason == "needs-prescriber"
    assert not sitting.state(-4).to_start.ready
    assert sitting.add(-3, "decision-made", who=sitting.cared.prescriber, **decision).applied
    assert sitting.state(-3).to_start.ready


def test_early_release_is_a_prescribers_with_a_reason() -> None:
    sitting = a_sitting().until_over()

    assert sitting.add(60, "discharge-decided", outcome="released").reason == "not-ready-to-leave"
    early = {"outcome": "released", "override_reason": "admitted next door"}
    assert sitting.add(61, "discharge-decided", **early).reason == "needs-prescriber"
    assert sitting.add(62, "discharge-decided", who=sitting.cared.prescriber, **early).applied


def test_a_therapist_sees_and_may_not_write() -> None:
    sitting = a_sitting()

    assert queries.session_for(sitting.cared.therapist, sitting.session.public_id)
    with pytest.raises(Refused):
        sitting.add(-20, "arrived", who=sitting.cared.therapist)
    assert Event.objects.count() == 0


def test_after_the_signature_only_an_addendum() -> None:
    sitting = a_sitting().until_signed()

    assert sitting.add(110, "note-written", text="late").reason == "signed"
    assert (
        sitting.add(111, "corrected", event=str(sitting.outcomes[0].client_id), reason="x").reason == "signed"
    )
    assert sitting.add(112, "added", text="phoned, well").applied


def test_one_call_for_one_event() -> None:
    sitting = a_sitting()
    with pytest.raises(NotApplied, match="not ended"):
        operations.sign(by=sitting.by, now=sitting.zero, session_id=sitting.session.public_id)
    with pytest.raises(NotApplied, match="discharge first"):
        operations.end(by=sitting.by, now=sitting.zero, session_id=sitting.session.public_id)


def test_a_dose_that_ran_is_not_undone_by_a_later_decision_on_knowledge() -> None:
    sitting = a_sitting().until_dose()
    sign_off(
        by=sitting.cared.medical_director, now=sitting.at(5), record_id="start-facts", version=1,
        site=sitting.cared.site, adopted=False, reason="revised",
    )  # fmt: skip

    assert sitting.state(6).dose is not None


# --- what the database itself refuses ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    ["UPDATE dosing_event SET payload = '{}'", "DELETE FROM dosing_event", "UPDATE dosing_event SET seq = 9"],
)
def test_events_cannot_be_changed_or_removed(statement: str) -> None:
    a_sitting().add(-20, "arrived")

    with (
        pytest.raises(DatabaseError, match="only added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Event.objects.count() == 1


@pytest.mark.parametrize("change", [{"seq": 1}, {"seq": 0}, {"status": "rejected"}, {"reason": "x"}])
def test_the_database_keeps_numbers_and_reasons_in_order(change: dict[str, object]) -> None:
    sitting = a_sitting()
    sitting.add(-20, "arrived")
    row = Event.objects.get()
    columns = {
        f.attname: getattr(row, f.attname) for f in Event._meta.fields if f.name not in ("id", "client_id")
    }

    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.create(**(columns | {"client_id": sitting.session.public_id, "seq": 2} | change))


# --- alerts and tasks -------------------------------------------------------------------------------------


def test_a_crossed_limit_raises_its_alert_with_the_event_and_once() -> None:
    sitting = a_sitting().until_dose()
    sitting.vitals(10, spo2=88)
    sitting.vitals(11, spo2=89)

    alerts = list(Alert.objects.order_by("severity"))
    assert {(a.kind, a.severity) for a in alerts} == {("limit-crossed", "now"), ("limit-crossed", "soon")}
    assert len(alerts) == 2
    assert {a.about_id for a in alerts} == {sitting.session.public_id}


def test_the_sweep_finds_readings_that_nobody_took_once_in_one_alert_that_grows() -> None:
    sitting = a_sitting().until_dose()
    assert raise_due_alerts(now=sitting.at(9)) == 0
    assert raise_due_alerts(now=sitting.at(11)) == 1
    assert raise_due_alerts(now=sitting.at(12)) == 1
    assert raise_due_alerts(now=sitting.at(21)) == 2
    alert = Alert.objects.get(kind="vitals-overdue")
    assert [one.at for one in alert.occurrences.all()] == [sitting.at(10), sitting.at(20)]
    assert alert.raised_at == sitting.at(11)


def test_a_reading_missed_after_the_answer_starts_another_alert_and_a_reading_taken_back_is_not_lost() -> None:
    sitting = a_sitting().until_dose()
    reading = sitting.vitals(10)
    raise_due_alerts(now=sitting.at(21))
    first = Alert.objects.get(kind="vitals-overdue")
    acknowledge_alert(by=sitting.by, now=sitting.at(22), alert=first, what_was_done="She slept; looked at her.")
    sitting.add(23, "corrected", event=str(reading.client_id), reason="another patient's")
    raise_due_alerts(now=sitting.at(24))
    second = Alert.objects.get(kind="vitals-overdue", acknowledged_at__isnull=True)
    assert [one.at for one in second.occurrences.all()] == [sitting.at(10)]
    assert [one.at for one in first.occurrences.all()] == [sitting.at(20)]


def test_an_ended_session_asks_to_be_signed_until_it_is() -> None:
    sitting = a_sitting().until_signed()

    task = Task.objects.get(kind="session-sign")
    assert task.state == "done"
    assert sitting.session.public_id == task.about_id


# --- reading ----------------------------------------------------------------------------------------------


def test_doses_are_what_was_really_given() -> None:
    sitting = a_sitting().until_dose()
    sitting.add(20, "dose-stopped", reason="asked to")

    (dose,) = queries.doses_of(sitting.cared.patient, sitting.at(30))
    assert (dose.number, dose.drug, dose.route) == (1, "ketamine", "iv")
    assert (dose.ordered_mg, dose.given_mg, dose.stopped) == (Decimal("35.0"), Decimal("17.500"), True)
    assert dose.at == sitting.zero


def test_open_sessions_are_those_that_have_not_ended() -> None:
    first = a_sitting(chair="1")
    second = a_sitting(cared_for(first.cared.site), chair="2")
    assert list(queries.open_sessions(first.cared.site.pk)) == [first.session, second.session]
    assert list(queries.open_sessions(first.cared.site.pk, first.by)) == [first.session]
    second.until_signed()
    assert list(queries.open_sessions(first.cared.site.pk)) == [first.session]


# --- many at once -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_twenty_writers_leave_no_gap_and_no_double() -> None:
    sitting = a_sitting()
    writers, each = 20, 3
    start = threading.Barrier(writers)
    faults: list[BaseException] = []

    def write(number: int) -> None:
        try:
            start.wait(timeout=300)
            for n in range(each):
                entry = sitting.entry(-20 + n, "note-written", text=f"writer {number} note {n}")
                for _twice in range(2):
                    operations.record_events(
                        by=sitting.by, now=sitting.zero, session_id=sitting.session.public_id, entries=[entry]
                    )
        except BaseException as error:  # noqa: BLE001 - handed to the test
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)

    assert faults == []
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == list(
        range(1, writers * each + 1)
    )
    assert Session.objects.get().last_seq == writers * each
    assert Row.objects.filter(action="dosing.record").count() == writers * each


@pytest.mark.django_db(transaction=True)
def test_the_notification_comes_with_the_commit_and_not_without() -> None:
    sitting = a_sitting()
    known = connection.get_connection_params()
    where = {key: known[key] for key in ("host", "port", "user", "password", "dbname") if key in known}
    with psycopg.connect(**where, autocommit=True) as ear:
        ear.execute(f"LISTEN {CHANNEL}")
        with transaction.atomic():
            sitting.add(-20, "arrived")
            transaction.set_rollback(True)
        assert list(ear.notifies(timeout=0.3)) == []
        sitting.add(-19, "arrived")
        heard = list(ear.notifies(timeout=30, stop_after=1))

    session = sitting.session
    assert [n.payload for n in heard] == [f"{session.public_id} 1 {session.site_id}"]


def test_a_batch_is_stored_whole_or_not_at_all() -> None:
    sitting = a_sitting()
    good = sitting.entry(-20, "arrived")
    sitting.send(good, now=sitting.zero)
    clash = type(good)(good.client_id, Kind.NOTE_WRITTEN, good.occurred_at, {"text": "x"})
    fresh = sitting.entry(-19, "note-written", text="fresh")

    with pytest.raises(EntryConflict):
        operations.record_events(
            by=sitting.by, now=sitting.zero, session_id=sitting.session.public_id, entries=[fresh, clash]
        )
    assert Event.objects.count() == 1


def test_entries_written_on_paper_come_in_one_batch_and_in_their_order() -> None:
    sitting = a_sitting()
    entries = [sitting.entry(-20 + n, "note-written", text=str(n)) for n in range(5)]
    outcomes = operations.record_events(
        by=sitting.by,
        now=sitting.zero + timedelta(minutes=1),
        session_id=sitting.session.public_id,
        entries=entries,
    )

    assert [o.seq for o in outcomes] == [1, 2, 3, 4, 5]
