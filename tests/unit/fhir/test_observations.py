"""Values, their units, and the parts of panels."""

from decimal import Decimal
from typing import Any

import pytest
from tests.factories import chart as fhir
from tests.factories.chart import LOINC, UCUM, Json

from openkap.fhir.bundle import read_bundle
from openkap.fhir.values import ImportedObservation


def read(resource: Json) -> tuple[ImportedObservation, ...]:
    return read_bundle(fhir.bundle(resource)).observations


def one(**said: Any) -> ImportedObservation:
    (found,) = read(fhir.weight(**{"valueQuantity": None} | said))
    return found


def why_left_out(resource: Json) -> str:
    chart = read_bundle(fhir.bundle(resource))
    assert chart.observations == ()
    return chart.skipped[0].reason


def test_a_number_keeps_its_digits_and_unit() -> None:
    found = read(fhir.weight(value=72.48936083223882))[0]
    assert found.value == Decimal("72.48936083223882")
    assert (found.unit, found.unit_code, found.comparator) == ("kg", "kg", "")
    assert (found.category, found.status) == ("vital-signs", "final")
    assert str(found.measured) == "2026-08-01T09:30:00-04:00"


def test_a_unit_that_is_not_ucum_has_no_code() -> None:
    found = one(valueQuantity={"value": 155, "unit": "lbs"})
    assert (found.unit, found.unit_code) == ("lbs", "")
    other = one(valueQuantity={"value": 155, "unit": "lbs", "system": "http://local", "code": "LB"})
    assert (other.unit, other.unit_code) == ("lbs", "")


def test_a_bound_is_kept_as_one() -> None:
    quantity = {"value": 5, "comparator": "<", "unit": "mg/L", "system": UCUM, "code": "mg/L"}
    assert one(valueQuantity=quantity).comparator == "<"


def test_both_pressures_name_their_panel() -> None:
    upper, lower = read(fhir.pressure())
    assert (upper.source_id, lower.source_id) == ("bp1#0", "bp1#1")
    assert (upper.concept.code_in(LOINC), lower.concept.code_in(LOINC)) == ("8480-6", "8462-4")
    assert (upper.value, lower.value) == (128, 81)
    assert upper.panel is not None
    assert upper.panel.text == "Blood pressure"


def test_a_whole_with_a_value_and_parts_gives_both() -> None:
    total = {"valueQuantity": {"value": 15, "unit": "{score}", "system": UCUM, "code": "{score}"}}
    found = read(fhir.pressure() | total)
    assert [item.source_id for item in found] == ["bp1", "bp1#0", "bp1#1"]
    assert [item.panel is None for item in found] == [True, False, False]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"valueCodeableConcept": fhir.coded("Never smoker", "266919005")}, "Never smoker"),
        ({"valueString": " cloudy "}, "cloudy"),
        ({"valueBoolean": True}, "yes"),
        ({"valueBoolean": False}, "no"),
        ({"valueDateTime": "2026-07"}, "2026-07"),
        ({"valueTime": "07:30:00"}, "07:30:00"),
        ({"valueRange": {"low": {"value": 1, "unit": "g"}, "high": {"value": 2, "unit": "g"}}}, "1 g to 2 g"),
    ],
)
def test_other_answers_are_words(said: Json, words: str) -> None:
    found = one(**said)
    assert (found.value, found.value_text) == (None, words)


def test_a_coded_answer_keeps_its_code() -> None:
    found = one(valueCodeableConcept=fhir.coded("Never smoker", "266919005"))
    assert found.value_concept is not None
    assert found.value_concept.codings[0].code == "266919005"


def test_an_integer_is_a_number() -> None:
    found = one(valueInteger=3)
    assert (found.value, found.unit, found.value_text) == (3, "", "")


def test_zero_and_negative_are_values() -> None:
    assert one(valueInteger=0).value == 0
    assert one(valueQuantity={"value": -2.5, "unit": "{T-score}"}).value == Decimal("-2.5")


@pytest.mark.parametrize(
    ("said", "measured"),
    [
        ({"effectiveDateTime": "2026"}, "2026"),
        ({"effectivePeriod": {"start": "2026-01-01", "end": "2026-01-02"}}, "2026-01-01"),
        ({"effectiveInstant": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00Z"),
        ({"issued": "2026-01-01T00:00:00Z"}, "None"),
    ],
)
def test_when_it_was_measured_is_not_when_it_was_issued(said: Json, measured: str) -> None:
    (found,) = read(fhir.weight(**{"effectiveDateTime": None} | said))
    assert str(found.measured) == measured


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"status": "registered"}, "has no result yet"),
        ({"status": "cancelled"}, "was cancelled"),
        ({"status": "unknown"}, "its status is unknown"),
        ({"status": "fine"}, "Observation.status is not a code"),
        ({"focus": [{"reference": "RelatedPerson/7"}]}, "about someone or something else"),
        ({"valueQuantity": None}, "has no value"),
        ({"valueQuantity": {}}, "has no value"),
        ({"valueQuantity": {"unit": "kg"}}, "has no value"),
        (
            {"valueQuantity": None, "dataAbsentReason": fhir.coded("not performed")},
            "has no value (not performed)",
        ),
        ({"valueQuantity": None, "hasMember": [{"reference": "Observation/2"}]}, "members are taken over"),
        ({"valueQuantity": {"value": 1e17}}, "out of range"),
        ({"valueQuantity": {"value": 1e-30}}, "out of range"),
        ({"valueQuantity": {"value": 1, "comparator": "~"}}, "comparator"),
        (
            {"valueQuantity": None, "valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 2}}},
            "a Ratio",
        ),
        ({"valueQuantity": None, "valueString": "x" * 2001}, "longer than 2000"),
        ({"effectiveDateTime": None, "effectiveTiming": {"event": ["2026-01-01"]}}, "over a timing"),
        ({"code": {"coding": []}}, "Observation.code has neither"),
    ],
)
def test_leaves_out(said: Json, why: str) -> None:
    assert why in why_left_out(fhir.weight(**said))


def test_a_corrected_value_counts_and_one_in_error_is_withdrawn() -> None:
    assert not read(fhir.weight(status="corrected"))[0].withdrawn
    assert not read(fhir.weight(status="preliminary"))[0].withdrawn
    assert read(fhir.weight(status="entered-in-error"))[0].withdrawn
