"""From arrival to signature: phases, what is due, which step is open, and who may leave."""

import pytest
from tests.factories.monitoring import CHECKS, Diary, minute

from openkap.core.monitoring.due import Due
from openkap.core.monitoring.rules import monitoring_for
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.monitoring import MonitoringRecord, Vital
from openkap.units import Drug, Route


def due(diary: Diary, at: float, item: str) -> Due:
    return next(d for d in diary.at(at).due if d.id == item)


def item(diary: Diary, at: float, name: str) -> str:
    return next(i.standing.value for i in diary.at(at).to_leave.items if i.id == name)


# --- phases -----------------------------------------------------------------------------------------------


def test_the_phases_follow_each_other() -> None:
    diary = Diary()
    assert diary.at(-21).phase == "arrive"
    diary.until_ready()
    assert diary.at(-1).phase == "ready"
    diary.add(0, "dose-started", amount_mg="35.0")
    assert diary.at(39).phase == "dosing"
    assert diary.at(40).phase == "peak"
    diary.add(40, "dose-ended")
    diary.add(60, "phase-declared", phase="recovery")
    assert diary.at(61).phase == "recovery"
    diary.add(62, "discharge-decided", outcome="transferred")
    assert diary.at(63).phase == "discharge"
    diary.add(64, "ended")
    assert diary.at(65).phase == "ended"
    diary.add(70, "signed")
    assert diary.at(71).signed_at == minute(70)
    assert diary.reasons() == []


def test_recovery_cannot_be_declared_while_the_dose_runs() -> None:
    diary = Diary().until_dose()
    diary.add(10, "phase-declared", phase="recovery")

    assert diary.reasons() == ["dose-not-over"]


# --- ready to start ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "left_out", ["arrived", "identity-checked", "weight-measured", "escort-named", "vitals-recorded"]
)
def test_each_thing_that_is_not_known_keeps_the_dose_from_starting(left_out: str) -> None:
    diary = Diary().until_ready()
    diary.events = [e for e in diary.events if e.kind != left_out]
    diary.add(0, "dose-started", amount_mg="35.0")

    assert diary.reasons() == ["not-ready"]
    assert diary.at(1).dose is None


def test_one_identifier_is_not_enough() -> None:
    diary = Diary()
    diary.add(-19, "identity-checked", by=["name", "name"])

    assert diary.reasons() == ["two-identifiers"]


@pytest.mark.parametrize("amount", ["35.1", "34.9", "350"])
def test_another_amount_than_the_ordered_one_is_refused(amount: str) -> None:
    diary = Diary().until_ready()
    diary.add(0, "dose-started", amount_mg=amount)

    assert [(r.code, r.about) for r in diary.at(1).rejected] == [("amount-differs", ("35.0",))]


@pytest.mark.parametrize(
    ("systolic", "diastolic", "age", "ready"),
    [
        (140, 90, 42, True),
        (141, 80, 42, False),
        (128, 91, 42, False),
        (150, 90, 66, True),
        (151, 90, 66, False),
        (141, 80, None, False),
    ],
)
def test_pressure_before_the_dose_holds_it(
    systolic: int, diastolic: int, age: int | None, *, ready: bool
) -> None:
    diary = Diary()
    diary.order = type(diary.order)(**{**diary.order.__dict__, "age": age})
    diary.until_ready()
    diary.vitals(-5, systolic=systolic, diastolic=diastolic)

    assert diary.at(0).to_start.ready is ready


def test_a_prescriber_may_let_a_held_dose_go_ahead_until_the_next_reading() -> None:
    diary = Diary().until_ready()
    diary.vitals(-5, systolic=146)
    diary.add(-4, "decision-made", about="gate-pressure-hold", reason="white coat, known")
    assert diary.at(-3).to_start.ready
    diary.vitals(-2, systolic=148)
    assert diary.at(-1).to_start.lacking == ("gate-pressure-hold",)


def test_a_label_that_forbids_has_no_override() -> None:
    diary = Diary().until_ready()
    diary.vitals(-5, systolic=185)
    diary.add(-4, "decision-made", about="gate-pressure-block", reason="please")

    assert diary.reasons() == ["no-override"]
    assert "gate-pressure-block" in diary.at(-3).to_start.lacking


def test_without_the_directors_sign_off_no_dose_starts_and_limits_still_warn() -> None:
    records = read_kind("monitoring", MonitoringRecord)
    diary = Diary(
        monitoring=monitoring_for(
            records.values(), Drug.KETAMINE, Route.IV, lambda i: not records[i].needs_sign_off
        )
    ).until_ready()
    diary.add(0, "dose-started", amount_mg="35.0")
    diary.vitals(1, spo2=88)

    lacking = diary.at(2).to_start.lacking
    assert "site-decision:limit-pressure-high" in lacking
    assert diary.reasons() == ["not-ready"]
    assert [(c.limit, c.signed_off) for c in diary.at(2).crossed] == [
        ("limit-oxygen-very-low", False),
        ("limit-oxygen-low", False),
    ]


def test_a_route_that_no_record_covers_cannot_start() -> None:
    diary = Diary(monitoring=monitoring_for([], Drug.KETAMINE, Route.IV, lambda _: True)).until_ready()

    assert not diary.at(0).to_start.ready
    assert "no-record:schedule" in diary.at(0).to_start.lacking


# --- due --------------------------------------------------------------------------------------------------


def test_readings_are_due_at_the_minutes_of_the_route() -> None:
    diary = Diary().until_dose()

    points = [d for d in diary.at(1).due if d.kind == "readings"]
    assert [(d.due_at - minute(0)).total_seconds() / 60 for d in points] == [
        10,
        20,
        30,
        40,
        55,
        70,
        85,
        100,
        120,
    ]


@pytest.mark.parametrize(("at", "standing"), [(9, "upcoming"), (10.5, "overdue"), (15, "missed")])
def test_a_point_is_overdue_until_the_next_one_is_nearer(at: float, standing: str) -> None:
    assert due(Diary().until_dose(), at, "readings:vitals-iv:10").state == standing


def test_a_reading_counts_for_the_nearest_point() -> None:
    diary = Diary().until_dose()
    diary.vitals(14)

    assert due(diary, 16, "readings:vitals-iv:10").state == "done"
    assert due(diary, 16, "readings:vitals-iv:20").state == "upcoming"


def test_what_was_not_measured_stays_due_and_not_asked_is_an_answer() -> None:
    diary = Diary().until_dose()
    diary.add(10, "vitals-recorded", values={"systolic": 130, "diastolic": 80, "heart-rate": 70, "spo2": 98})
    assert due(diary, 11, "readings:vitals-iv:10").take == (Vital.MOAAS, Vital.DISSOCIATION)
    diary.add(11, "vitals-recorded", values={"moaas": 5}, not_asked=["dissociation"])
    assert due(diary, 12, "readings:vitals-iv:10").state == "done"


def test_the_end_of_the_dose_is_somebodys_to_confirm() -> None:
    diary = Diary().until_dose()
    assert due(diary, 41, "dose-end").state == "overdue"
    diary.add(41, "dose-ended")
    assert "dose-end" not in {d.id for d in diary.at(42).due}


# --- limits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ({"systolic": 179, "diastolic": 109}, []),
        ({"systolic": 180}, ["limit-pressure-high"]),
        ({"diastolic": 110}, ["limit-pressure-high"]),
        ({"spo2": 93}, []),
        ({"spo2": 92}, ["limit-oxygen-low"]),
        ({"spo2": 89}, ["limit-oxygen-very-low", "limit-oxygen-low"]),
        ({"moaas": 4}, []),
        ({"moaas": 3}, ["limit-sedation"]),
        ({"moaas": 1}, ["limit-unresponsive", "limit-sedation"]),
    ],
)  # fmt: skip
def test_a_reading_beyond_a_limit_opens_its_step_the_most_urgent_first(
    values: dict[str, float], limits: list[str]
) -> None:
    diary = Diary().until_dose()
    diary.vitals(10, **values)

    assert [c.limit for c in diary.at(11).crossed] == limits


def test_a_recheck_has_a_time_and_closes_the_step_or_renews_it() -> None:
    diary = Diary().until_dose()
    diary.vitals(10, systolic=184)
    first = diary.at(11).crossed[0]
    assert (first.opened_at, first.due_at) == (minute(10), minute(15))
    assert not first.missed(minute(15))
    assert first.missed(minute(16))
    diary.vitals(14, systolic=181)
    again = diary.at(15).crossed[0]
    assert (again.opened_at, again.due_at) == (minute(10), minute(19))
    diary.vitals(18, systolic=150)
    assert diary.at(19).crossed == ()


def test_a_sign_of_a_crisis_stays_open_until_somebody_says_that_the_step_is_done() -> None:
    diary = Diary().until_dose()
    diary.add(12, "sign-seen", sign="chest-pain", severity="moderate")
    assert diary.at(13).crossed[0].urgency == "emergency"
    diary.vitals(14)
    assert diary.at(15).crossed[0].sign is not None
    diary.add(16, "check-recorded", condition="limit-warning-signs", met=True)
    assert diary.at(17).crossed == ()


def test_a_missing_reading_is_no_good_reading() -> None:
    diary = Diary().until_dose()
    diary.vitals(10, spo2=91)
    diary.add(12, "vitals-recorded", values={"systolic": 130, "diastolic": 80})

    assert [c.limit for c in diary.at(13).crossed] == ["limit-oxygen-low"]


# --- ready to leave ---------------------------------------------------------------------------------------


def test_all_is_unknown_until_it_was_looked_at() -> None:
    diary = Diary().until_dose()
    diary.add(1, "dose-ended")

    assert {i.standing.value for i in diary.at(2).to_leave.items} == {"unknown", "too-early"}


def test_ready_when_everything_is_met_and_the_time_has_passed() -> None:
    diary = Diary().until_leavable()

    assert diary.at(99.9).to_leave.lacking == ("stay:dose-end",)
    assert diary.at(101).to_leave.ready


@pytest.mark.parametrize("check", CHECKS)
def test_each_answer_is_needed(check: str) -> None:
    diary = Diary().until_leavable()
    diary.add(102, "check-recorded", condition=check, met=False)

    assert diary.at(103).to_leave.lacking == (check,)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"spo2": 97}, "oxygen"),
        ({"moaas": 4}, "sedation"),
        ({"dissociation": 1}, "dissociation"),
        ({"nausea": 2}, "nausea"),
    ],
)
def test_a_last_reading_worse_than_before_the_dose_is_missing(values: dict[str, float], name: str) -> None:
    diary = Diary().until_leavable()
    diary.vitals(102, **values)

    assert diary.at(103).to_leave.lacking == (name,)


def test_nausea_may_be_confirmed_as_controlled() -> None:
    diary = Diary().until_leavable()
    diary.vitals(102, nausea=2)
    diary.add(103, "check-recorded", condition="nausea", met=True)

    assert diary.at(104).to_leave.ready


def test_saturation_under_oxygen_does_not_count() -> None:
    diary = Diary().until_leavable()
    diary.add(102, "vitals-recorded", values={"spo2": 99}, room_air=False)

    assert item(diary, 103, "oxygen") == "missing"


def test_pressure_still_at_its_peak_is_not_falling() -> None:
    diary = Diary().until_leavable()
    diary.vitals(102, systolic=150)

    assert diary.at(103).to_leave.lacking == ("pressure",)


def test_an_answer_from_before_the_dose_does_not_count_after_it() -> None:
    diary = Diary()
    diary.add(-30, "check-recorded", condition="walks", met=True)
    diary.until_over()

    assert item(diary, 41, "walks") == "unknown"


def test_release_is_refused_until_ready_or_with_a_reason() -> None:
    diary = Diary().until_over()
    diary.add(60, "discharge-decided", outcome="released")
    assert diary.reasons() == ["not-ready-to-leave"]
    diary.add(61, "discharge-decided", outcome="released", override_reason="moved to the ward next door")
    assert diary.at(62).phase == "discharge"


def test_nobody_is_discharged_while_the_dose_runs() -> None:
    diary = Diary().until_dose()
    diary.add(10, "discharge-decided", outcome="left-against-advice")

    assert diary.reasons() == ["dose-not-over"]


def test_a_session_without_a_dose_can_be_ended() -> None:
    diary = Diary()
    diary.add(-20, "arrived")
    diary.add(-10, "discharge-decided", outcome="released")
    diary.add(-9, "ended")

    assert diary.at(0).phase == "ended"
    assert diary.at(0).to_leave.items == ()
