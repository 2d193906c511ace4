"""What a chart says on a day, as the assessment takes it."""

from datetime import date
from typing import Any

import pytest
from tests.factories import chart as fhir
from tests.factories.chart import UCUM, Json

from openkap.core.assessment import Fact, FactKind, FactStatus
from openkap.fhir.bundle import read_bundle
from openkap.fhir.facts import facts_of
from openkap.units import Quantity

ON = date(2026, 9, 1)


def facts(*resources: Json, on: date = ON) -> list[Fact]:
    return [
        fact
        for fact in facts_of(read_bundle(fhir.bundle(*resources)), on)
        if fact.kind is not FactKind.DEMOGRAPHIC
    ]


def status_of(resource: Json, on: date = ON) -> FactStatus:
    (fact,) = facts(resource, on=on)
    return fact.status


def verified(code: str) -> Json:
    return fhir.status(code, fhir.VERIFICATION)


def test_demographics_are_facts() -> None:
    born, sex = facts_of(read_bundle(fhir.bundle()), ON)
    assert (str(born.onset), sex.text) == ("1984-03-12", "female")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, FactStatus.ACTIVE),
        ({"clinicalStatus": fhir.status("recurrence")}, FactStatus.ACTIVE),
        ({"clinicalStatus": fhir.status("relapse")}, FactStatus.ACTIVE),
        ({"clinicalStatus": fhir.status("resolved")}, FactStatus.RESOLVED),
        ({"clinicalStatus": fhir.status("remission")}, FactStatus.RESOLVED),
        ({"clinicalStatus": fhir.status("inactive")}, FactStatus.RESOLVED),
        ({"clinicalStatus": None}, FactStatus.UNKNOWN),
        ({"verificationStatus": None}, FactStatus.ACTIVE),
        ({"verificationStatus": verified("provisional")}, FactStatus.UNKNOWN),
        ({"verificationStatus": verified("differential")}, FactStatus.UNKNOWN),
        ({"verificationStatus": verified("unconfirmed")}, FactStatus.UNKNOWN),
        ({"verificationStatus": verified("refuted")}, FactStatus.ABSENT),
        ({"verificationStatus": verified("refuted"), "clinicalStatus": None}, FactStatus.ABSENT),
    ],
)
def test_a_condition_counts_by_both_its_statuses(said: dict[str, Any], expected: FactStatus) -> None:
    assert status_of(fhir.condition(**said)) is expected


def test_what_ends_later_is_active_on_the_day() -> None:
    over = fhir.condition(clinicalStatus=fhir.status("resolved"), abatementDateTime="2026-08-20")
    assert status_of(over) is FactStatus.RESOLVED
    assert status_of(over, on=date(2026, 8, 1)) is FactStatus.ACTIVE


def test_what_begins_later_is_no_fact_yet() -> None:
    later = [
        fhir.condition(onsetDateTime="2026-09-02"),
        fhir.order(authoredOn="2026-10"),
        fhir.statement(effectivePeriod={"start": "2027"}),
        fhir.allergy(recordedDate="2026-09-02"),
        fhir.weight(effectiveDateTime="2026-09-02"),
    ]
    assert facts(*later) == []
    assert len(facts(*later, on=date(2027, 1, 1))) == len(later)


def test_a_date_that_may_lie_before_the_day_counts() -> None:
    assert len(facts(fhir.condition(onsetDateTime="2026"))) == 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("active", FactStatus.ACTIVE),
        ("on-hold", FactStatus.ACTIVE),
        ("stopped", FactStatus.RESOLVED),
        ("completed", FactStatus.RESOLVED),
        ("cancelled", FactStatus.RESOLVED),
        ("unknown", FactStatus.UNKNOWN),
    ],
)
def test_an_order_counts_by_its_status(said: str, expected: FactStatus) -> None:
    assert status_of(fhir.order(status=said)) is expected


def test_a_medicine_ends_with_its_span() -> None:
    span = fhir.statement(effectivePeriod={"start": "2026-02", "end": "2026-03-10"})
    assert status_of(span, on=date(2026, 3, 10)) is FactStatus.ACTIVE
    assert status_of(span) is FactStatus.RESOLVED
    assert status_of(fhir.statement(status="not-taken")) is FactStatus.RESOLVED
    assert status_of(fhir.statement(status="intended")) is FactStatus.UNKNOWN


def test_an_unconfirmed_allergy_counts() -> None:
    assert status_of(fhir.allergy(verificationStatus=fhir.status("unconfirmed"))) is FactStatus.ACTIVE
    assert status_of(fhir.allergy(verificationStatus=fhir.status("refuted"))) is FactStatus.ABSENT
    assert status_of(fhir.allergy(clinicalStatus=fhir.status("resolved"))) is FactStatus.RESOLVED
    assert status_of(fhir.allergy(clinicalStatus=None)) is FactStatus.UNKNOWN


def test_what_was_entered_in_error_is_no_fact() -> None:
    gone = [
        fhir.condition(verificationStatus=verified("entered-in-error")),
        fhir.order(status="entered-in-error"),
        fhir.allergy(verificationStatus=fhir.status("entered-in-error")),
        fhir.weight(status="entered-in-error"),
    ]
    assert facts(*gone) == []


def test_a_value_is_a_quantity_only_when_its_unit_is_certain() -> None:
    (certain,) = facts(fhir.weight())
    assert certain.value == Quantity.of("70.2", "kg")
    assert certain.recorded == date(2026, 8, 1)
    for quantity in (
        {"value": 155, "unit": "lbs"},
        {"value": 70, "unit": "kg", "system": UCUM, "code": "furlong"},
        {"value": 70, "comparator": ">", "unit": "kg", "system": UCUM, "code": "kg"},
    ):
        (uncertain,) = facts(fhir.weight(valueQuantity=quantity))
        assert uncertain.value is None


def test_a_value_without_a_date_has_no_day() -> None:
    (fact,) = facts(fhir.weight(effectiveDateTime=None))
    assert fact.recorded is None


def test_an_answer_in_words_is_told() -> None:
    (fact,) = facts(fhir.weight(valueQuantity=None, valueString="refused"))
    assert fact.text == "Body weight: refused"


def test_each_fact_says_where_it_stands() -> None:
    found = facts(fhir.condition(), fhir.order(), fhir.allergy(), fhir.weight())
    assert [fact.source_ref for fact in found] == [
        "Condition/c1",
        "Medication/m1",
        "AllergyIntolerance/a1",
        "Observation/w1",
    ]
