"""Scores as Observations: LOINC where there is one, UCUM, parts, and what is not known."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from fhir.resources.R4B.observation import Observation
from tests.unit.core.psychometrics.instruments import KNOWN

from openkap.fhir.scores import Scored, score_observation
from openkap.knowledge.schema.instrument import Instrument, Points

RESPONSE, PATIENT = UUID(int=1), UUID(int=2)
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def scored(total: Points | None, **parts: Points | None) -> Scored:
    return Scored(RESPONSE, PATIENT, AT, total, parts)


@pytest.mark.parametrize("form", KNOWN.instruments.values(), ids=lambda form: form.id)
def test_every_instruments_score_is_a_valid_observation(form: Instrument) -> None:
    parts = {part.id: part.range.highest for part in form.subscales}
    made = score_observation(form, scored(form.range.highest if form.has_total else None, **parts))
    Observation.model_validate(made)
    assert ("valueQuantity" in made) == form.has_total
    assert len(made.get("component", [])) == len(parts)


def test_loincs_code_of_the_total_comes_first_and_the_unit_is_ucums() -> None:
    made = score_observation(KNOWN.instruments["audit-c"], scored(5))
    assert [coding["code"] for coding in made["code"]["coding"]] == ["75626-2", "audit-c-total"]
    assert made["valueQuantity"] == {
        "value": 5, "unit": "score", "system": "http://unitsofmeasure.org", "code": "{score}",
    }  # fmt: skip
    assert [
        coding["code"] for coding in score_observation(KNOWN.instruments["madrs"], scored(5))["code"]["coding"]
    ] == ["madrs-total"]


def test_what_is_not_known_has_a_reason_and_no_value() -> None:
    made = score_observation(KNOWN.instruments["rand-36"], scored(None, pain=None, social=62.5))
    by_part = {part["code"]["coding"][0]["code"]: part for part in made["component"]}
    assert by_part["rand-36-social"]["valueQuantity"]["value"] == 62.5
    assert "valueQuantity" not in by_part["rand-36-pain"]
    assert by_part["rand-36-pain"]["dataAbsentReason"]
