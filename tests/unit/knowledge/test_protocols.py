"""The protocol records: cited, honest, and refused when they contradict themselves."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from openkap.knowledge.loader import RECORDS, read_kind
from openkap.knowledge.schema.monitoring import MonitoringRecord, Schedule
from openkap.knowledge.schema.protocol import Protocol
from openkap.knowledge.schema.record import Verification

PROTOCOLS = read_kind("protocols", Protocol)
FILE = RECORDS / "protocols" / "ketamine-iv-twice-weekly.yaml"


def raw(path: Path = FILE) -> dict[str, Any]:
    record: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return record


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
class TestEveryProtocol:
    def test_waits_for_the_medical_director(self, protocol: Protocol) -> None:
        assert protocol.needs_sign_off

    def test_says_what_dose_number_and_spacing_rest_on(self, protocol: Protocol) -> None:
        assert {"dose", "number", "spacing", "integration", "stop"} <= {part.about for part in protocol.basis}

    def test_calls_the_window_a_hypothesis(self, protocol: Protocol) -> None:
        assert protocol.integration_window.status == "hypothesis"

    def test_names_its_readings(self, protocol: Protocol) -> None:
        schedules = read_kind("monitoring", MonitoringRecord)
        schedule = schedules[protocol.monitoring]
        assert isinstance(schedule.content, Schedule)
        assert protocol.route in schedule.routes
        assert protocol.drug in schedule.drugs

    def test_asks_about_suicide_before_every_dose(self, protocol: Protocol) -> None:
        assert all("asq" in protocol.measures_at(n) for n in range(1, protocol.dose_count + 1))

    def test_never_more_than_three_dosing_days_a_week(self, protocol: Protocol) -> None:
        assert max(phase.per_week for phase in protocol.phases) <= 3

    def test_claims_a_source_only_for_what_cites_one(self, protocol: Protocol) -> None:
        for part in protocol.basis:
            is_convention = part.verification is Verification.CONVENTION
            assert is_convention == part.source.citation.startswith("Practice convention")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"dose": {"over": "40 min"}}, "per_kg or fixed"),
        ({"dose": {"per_kg": "0.5 mg/kg", "fixed": "35 mg", "over": "40 min"}}, "per_kg or fixed"),
        ({"dose": {"per_kg": "35 mg", "over": "40 min"}}, "mass per body weight"),
        ({"dose": {"fixed": "0.5 mg/kg", "over": "40 min"}}, "a mass"),
        ({"dose": {"per_kg": "0.5 mg/kg"}}, "over how long"),
        ({"dose": {"per_kg": "half a milligram", "over": "40 min"}}, "half"),
        ({"dose": {"per_kg": "0.5 mg/kg", "over": "a while"}}, "span"),
        ({"route": "in", "dose": {"fixed": "50 mg"}}, "nasal"),
        ({"verification": "source"}, "not 'source'"),
        ({"dosing_measures": [{"measures": ["asq"], "doses": [7]}]}, "do not have"),
        ({"stop_rules": []}, "at least 1"),
        ({"basis": []}, "at least 1"),
        ({"colour": "green"}, "Extra"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(change: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        Protocol.model_validate(raw() | change)


@pytest.mark.parametrize(
    ("phase", "word"),
    [
        ({"prefer": ["1 d"]}, "between least and most"),
        ({"prefer": ["60 h"]}, "whole days"),
        ({"doses": 0}, "greater than or equal"),
    ],
)
def test_a_rhythm_that_cannot_be_is_refused(phase: dict[str, Any], word: str) -> None:
    record = raw()
    record["phases"] = [record["phases"][0] | phase]
    with pytest.raises(ValidationError, match=word):
        Protocol.model_validate(record)


def test_visits_around_a_dose_have_spans_in_order_and_own_names() -> None:
    record = raw()
    record["visits"] = [record["visits"][0] | {"prefer": "30 d"}]
    with pytest.raises(ValidationError, match="must rise"):
        Protocol.model_validate(record)
    record["visits"] = [raw()["visits"][0], raw()["visits"][0]]
    with pytest.raises(ValidationError, match="own id"):
        Protocol.model_validate(record)


def test_the_dose_reads_as_a_person_writes_it() -> None:
    assert str(PROTOCOLS["ketamine-iv-twice-weekly"].dose) == "0.5 mg/kg over 40 min"
    assert str(PROTOCOLS["esketamine-in-induction"].dose) == "56 mg"
