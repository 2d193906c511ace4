"""Every cadence of the package beside the instruments it names, and the faults that are found."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from openkap.core.planning.cadence_faults import faults_of, may_follow_a_dose
from openkap.knowledge import load
from openkap.knowledge.knowledge_set import State
from openkap.knowledge.schema.cadence import Cadence, Line
from openkap.knowledge.schema.record import Verification

KNOWN = load(date(2026, 11, 21))
DEPRESSION = KNOWN.cadences["asking-depression"]
RIGHT_AFTER = 72


def a_line(**more: Any) -> dict[str, Any]:
    window = {
        "opens_at": "08:00",
        "catch_up": "next",
        "source": {"citation": "a test", "locator": "none"},
        "verification": "convention",
    } | more.pop("window", {})
    return {
        "id": "a-line",
        "stage": "between-doses",
        "why": {"en": "A test."},
        "instruments": ["mood-today"],
        "filled_in_by": "patient",
        "anchor": "each-dose",
        "days": [1],
        "window": window,
    } | more


def with_line(**more: Any) -> Cadence:
    return DEPRESSION.model_copy(update={"lines": (Line.model_validate(a_line(**more)),), "overlaps": ()})


@pytest.mark.parametrize("cadence", KNOWN.cadences.values(), ids=lambda one: one.id)
def test_a_cadence_has_no_fault_and_waits_for_the_director(cadence: Cadence) -> None:
    assert faults_of(cadence, KNOWN.instruments) == []
    assert KNOWN.state(cadence.id) is State.INACTIVE
    assert {line.window.verification for line in cadence.lines} == {Verification.CONVENTION}
    assert set(cadence.protocols) <= set(KNOWN.protocols)


@pytest.mark.parametrize("cadence", KNOWN.cadences.values(), ids=lambda one: one.id)
def test_what_the_patient_fills_in_has_words_here(cadence: Cadence) -> None:
    named = {name for line in cadence.lines if line.role is None for name in line.instruments}
    assert [name for name in named if not KNOWN.instruments[name].items] == []


@pytest.mark.parametrize(("more", "fault"), [
    ({"instruments": ["phq-9"]}, "phq-9 may not be asked right after a dose"),
    ({"instruments": ["gad-7"], "anchor": "last-dose", "days": [3]}, "gad-7 may not be asked right"),
    ({"instruments": ["side-effects"]}, "side-effects may not be asked right after a dose"),
    ({"instruments": ["no-such"]}, "there is no instrument no-such"),
    ({"instruments": ["madrs"], "days": [7]}, "madrs is filled in by the clinician"),
    ({"instruments": ["phq-9"], "anchor": "last-dose", "days": [14, 21]}, "again after 7 days"),
    (
        {"instruments": ["pcl-5"], "anchor": "first-dose", "repeat": {"every_days": 29, "times": 2}},
        "again after 29 days; it asks about 30",
    ),
])  # fmt: skip
def test_what_would_mislead_is_a_fault(more: dict[str, Any], fault: str) -> None:
    assert any(fault in found for found in faults_of(with_line(**more), KNOWN.instruments))


@pytest.mark.parametrize("more", [
    {"window": {"reminders": ["1 h", "2 h", "3 h", "4 h"]}},
    {"window": {"reminders": ["2 h", "1 h"]}},
    {"window": {"reminders": ["24 h"]}},
    {"window": {"late_days": 2}},
    {"window": {"catch_up": "late"}},
    {"window": {"due_at_dose": True}},
    {"days": [2, 1]},
    {"repeat": {"every_days": 7, "times": 2}},
    {"filled_in_by": "clinician"},
    {"role": "prescriber"},
])  # fmt: skip
def test_a_line_that_cannot_be_kept_is_refused(more: dict[str, Any]) -> None:
    Line.model_validate(a_line())
    with pytest.raises(ValidationError):
        Line.model_validate(a_line(**more))


def test_right_after_a_dose_stand_the_suicide_screen_and_own_ratings_alone() -> None:
    allowed = {one.id for one in KNOWN.instruments.values() if may_follow_a_dose(one)}
    assert {"asq", "mood-today", "anxiety-today"} <= allowed
    assert all(KNOWN.instruments[name].recall_days <= 1 for name in allowed)
    assert not {"phq-9", "gad-7", "phq-2", "side-effects"} & allowed


def test_no_protocol_asks_about_weeks_right_after_a_dose() -> None:
    for protocol in KNOWN.protocols.values():
        for visit in protocol.visits:
            if visit.anchor.startswith("after") and visit.prefer.total_seconds() <= RIGHT_AFTER * 3600:
                asked = [KNOWN.instruments[name] for name in visit.measures]
                assert [one.id for one in asked if not may_follow_a_dose(one)] == [], protocol.id
