"""The stream itself: order, corrections, rejection, the lock of the signature."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.factories.monitoring import Diary, minute

from openkap.core.monitoring.events import BadPayload, Kind, read_payload
from openkap.knowledge.schema.monitoring import Vital


def test_a_late_entry_takes_its_place_in_time() -> None:
    diary = Diary().until_dose()
    diary.vitals(20, systolic=150)
    diary.vitals(10, systolic=140)

    assert [r.at for r in diary.at(21).readings][-2:] == [minute(10), minute(20)]
    assert diary.at(21).last[Vital.SYSTOLIC] == 150


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        ("dose-paused", {}, "dose-not-running"),
        ("dose-resumed", {}, "dose-not-paused"),
        ("dose-ended", {}, "dose-not-running"),
        ("dose-stopped", {}, "dose-not-running"),
        ("rate-changed", {"mg_per_min": "0.5"}, "dose-not-running"),
        ("ended", {}, "not-discharged"),
        ("signed", {}, "not-ended"),
        ("added", {"text": "later"}, "not-signed"),
        ("sign-seen", {"sign": "purple-spots"}, "unknown-sign"),
        ("check-recorded", {"condition": "happy", "met": True}, "unknown-condition"),
        ("decision-made", {"about": "nothing", "reason": "x"}, "unknown-condition"),
        ("weight-measured", {"kg": "7"}, "out-of-range"),
        ("vitals-recorded", {"values": {"spo2": 20}}, "out-of-range"),
        ("vitals-recorded", {"values": {}}, "unreadable"),
        ("note-written", {"text": ""}, "unreadable"),
        ("corrected", {"event": "8d1f8f1e-0000-4000-8000-000000000000", "reason": "x"}, "nothing-to-correct"),
    ],
)  # fmt: skip
def test_what_cannot_be_applied_is_kept_with_its_reason(
    kind: str, payload: dict[str, object], reason: str
) -> None:
    diary = Diary()
    event = diary.add(0, kind, **payload)

    assert [(r.event, r.code) for r in diary.at(1).rejected] == [(event, reason)]


def test_a_faster_rate_and_more_than_ordered_are_refused() -> None:
    diary = Diary().until_dose()
    diary.add(5, "rate-changed", mg_per_min="0.9")
    diary.add(6, "dose-stopped", given_mg="35.1")

    assert diary.reasons() == ["faster-than-ordered", "more-than-ordered"]


def test_a_second_dose_needs_a_second_session() -> None:
    diary = Diary().until_dose()
    diary.add(1, "dose-started", amount_mg="35.0")

    assert diary.reasons() == ["dose-already-started"]


def test_a_correction_replaces_a_reading_and_keeps_what_was_entered() -> None:
    diary = Diary().until_dose()
    wrong = diary.vitals(10, systolic=228)
    assert diary.at(11).crossed
    diary.add(
        12,
        "corrected",
        event=str(wrong),
        reason="typed 228 for 128",
        payload={"values": {"systolic": 128, "diastolic": 80}},
    )

    after = diary.at(13)
    assert after.last[Vital.SYSTOLIC] == 128
    assert not after.crossed
    assert after.corrections[str(wrong)].payload["reason"] == "typed 228 for 128"
    assert diary.events[6].payload["values"]["systolic"] == 228


def test_a_correction_without_a_payload_takes_the_entry_back() -> None:
    diary = Diary().until_dose()
    wrong = diary.vitals(10, spo2=80)
    diary.add(11, "corrected", event=str(wrong), reason="other patient")

    assert diary.at(12).crossed == ()
    assert minute(10) not in {r.at for r in diary.at(12).readings}


def test_the_last_correction_counts() -> None:
    diary = Diary().until_dose()
    wrong = diary.vitals(10)
    for at, figure in ((11, 130), (12, 135)):
        payload = {"values": {"systolic": figure, "diastolic": 80}}
        diary.add(at, "corrected", event=str(wrong), reason="misread", payload=payload)

    assert diary.at(13).last[Vital.SYSTOLIC] == 135


@pytest.mark.parametrize("payload", [{"values": {"spo2": 10}}, {"values": {"spo2": "high"}}, {"nonsense": 1}])
def test_a_correction_that_makes_no_sense_changes_nothing(payload: dict[str, object]) -> None:
    diary = Diary().until_dose()
    target = diary.vitals(10)
    diary.add(11, "corrected", event=str(target), reason="x", payload=payload)

    assert len(diary.reasons()) == 1
    assert diary.at(12).last[Vital.SPO2] == 98


def test_a_dose_that_was_admitted_is_not_undone_by_a_later_correction_of_the_weight() -> None:
    diary = Diary().until_dose()
    diary.events = [replace(e, admitted=True) for e in diary.events]
    weight = next(e for e in diary.events if e.kind is Kind.WEIGHT_MEASURED)
    diary.add(5, "corrected", event=str(weight.id), reason="scales", payload={"kg": "80"})

    after = diary.at(10)
    assert after.weight_kg == Decimal(80)
    assert after.dose is not None
    assert after.dose.ordered_mg == Decimal("35.0")


def test_after_the_signature_only_addenda_are_added() -> None:
    diary = Diary().until_leavable()
    diary.add(102, "discharge-decided", outcome="released")
    diary.add(103, "ended")
    diary.add(110, "signed")
    before = diary.at(200)
    diary.vitals(50, systolic=200)
    diary.add(60, "note-written", text="late")
    target = diary.events[4].id
    diary.add(111, "corrected", event=str(target), reason="x")
    diary.add(112, "added", text="called the next day")

    after = diary.at(200)
    assert [r.code for r in after.rejected] == ["signed", "signed", "signed"]
    assert after.readings == before.readings
    assert after.applied[-1].kind is Kind.ADDED


def test_a_signature_before_the_end_locks_nothing() -> None:
    diary = Diary().until_dose()
    diary.add(1, "signed")
    diary.vitals(10)

    assert diary.reasons() == ["not-ended"]
    assert diary.at(11).readings[-1].at == minute(10)


def test_after_the_end_only_notes_corrections_and_the_signature() -> None:
    diary = Diary().until_leavable()
    diary.add(102, "discharge-decided", outcome="released")
    diary.add(103, "ended")
    diary.vitals(104)
    diary.add(104, "note-written", text="left with Ana")

    assert diary.reasons() == ["ended"]


def test_an_event_refused_on_arrival_stays_refused() -> None:
    diary = Diary().until_dose()
    diary.vitals(10, spo2=80)
    diary.events[-1] = replace(diary.events[-1], refused="clock-ahead")

    assert diary.reasons() == ["clock-ahead"]
    assert diary.at(11).crossed == ()


def test_an_unknown_schema_version_is_not_guessed_at() -> None:
    with pytest.raises(BadPayload, match="version 99"):
        read_payload(Kind.ARRIVED, {}, 99)


@pytest.mark.parametrize(
    ("kind", "payload", "fault"),
    [
        ("vitals-recorded", {"values": {"systolic": 120}}, "two figures"),
        ("vitals-recorded", {"values": {"systolic": 80, "diastolic": 120}}, "higher"),
        ("vitals-recorded", {"values": {"weight": 80}}, "weight has an event"),
        ("vitals-recorded", {"values": {"spo2": float("nan")}}, "spo2"),
        ("vitals-recorded", {"values": {"mood": 3}}, "mood"),
        ("dose-started", {"amount_mg": "-1"}, "amount_mg"),
        ("dose-started", {"amount_mg": "35", "extra": 1}, "extra"),
        ("identity-checked", {"by": ["nickname"]}, "by"),
        ("discharge-decided", {"outcome": "flew away"}, "outcome"),
    ],
)  # fmt: skip
def test_a_bad_payload_names_its_field(kind: str, payload: dict[str, object], fault: str) -> None:
    with pytest.raises(BadPayload, match=fault):
        read_payload(Kind(kind), payload)


def test_the_fault_does_not_repeat_what_was_entered() -> None:
    with pytest.raises(BadPayload) as caught:
        read_payload(Kind.NOTE_WRITTEN, {"text": "secret " * 400})

    assert "secret" not in str(caught.value)
