"""Conditions, medicines, allergies and procedures, field by field."""

from typing import Any

import pytest
from tests.factories import chart as fhir
from tests.factories.chart import Json

from openkap.fhir.bundle import read_bundle
from openkap.fhir.values import (
    RXNORM,
    SNOMED_CT,
    Coding,
    ImportedAllergy,
    ImportedCondition,
    ImportedMedication,
    ImportedProcedure,
)


def left_out(*resources: Json) -> str:
    chart = read_bundle(fhir.bundle(*resources))
    return "; ".join(part.reason for part in chart.skipped if part.type != "Medication")


def a_condition(**said: Any) -> ImportedCondition:
    (read,) = read_bundle(fhir.bundle(fhir.condition(**said))).conditions
    return read


def an_order(*others: Json, **said: Any) -> ImportedMedication:
    (read,) = read_bundle(fhir.bundle(fhir.order(**said), *others)).medications
    return read


def a_statement(**said: Any) -> ImportedMedication:
    (read,) = read_bundle(fhir.bundle(fhir.statement(**said))).medications
    return read


def an_allergy(**said: Any) -> ImportedAllergy:
    (read,) = read_bundle(fhir.bundle(fhir.allergy(**said))).allergies
    return read


def a_procedure(**said: Any) -> ImportedProcedure:
    (read,) = read_bundle(fhir.bundle(fhir.procedure(**said))).procedures
    return read


def test_a_condition_keeps_every_coding() -> None:
    two = {
        "coding": [
            {"system": SNOMED_CT, "code": "38341003", "display": "Hypertensive disorder"},
            {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10", "display": "Essential hypertension"},
        ]
    }
    read = a_condition(code=two, recordedDate="2016")
    assert read.concept.text == "Hypertensive disorder"
    assert read.concept.codings[1] == Coding(
        "http://hl7.org/fhir/sid/icd-10-cm", "I10", "Essential hypertension"
    )
    assert read.concept.code_in(SNOMED_CT) == "38341003"
    assert read.concept.code_in(RXNORM) is None
    assert (read.clinical_status, read.verification_status) == ("active", "confirmed")
    assert str(read.onset) == "2015-03-01"
    assert str(read.recorded) == "2016"


def test_a_missing_status_stays_unknown() -> None:
    assert a_condition(clinicalStatus=None).clinical_status == ""
    assert a_condition(verificationStatus=None).verification_status == ""


@pytest.mark.parametrize(
    ("said", "onset", "words"),
    [
        ({"onsetDateTime": "2011-05"}, "2011-05", ""),
        ({"onsetPeriod": {"start": "2011", "end": "2012"}}, "2011", ""),
        ({"onsetAge": {"value": 45, "unit": "a"}}, "None", "at age 45 a"),
        (
            {"onsetRange": {"low": {"value": 3, "unit": "a"}, "high": {"value": 5, "unit": "a"}}},
            "None",
            "3 a to 5 a",
        ),
        ({"onsetString": " as a child "}, "None", "as a child"),
    ],
)
def test_onset_is_kept_as_it_was_said(said: Json, onset: str, words: str) -> None:
    read = a_condition(**{"onsetDateTime": None} | said)
    assert (str(read.onset), read.onset_text) == (onset, words)


def test_an_entry_made_in_error_is_read_as_withdrawn() -> None:
    assert a_condition(verificationStatus=fhir.status("entered-in-error", fhir.VERIFICATION)).withdrawn
    assert an_order(status="entered-in-error").withdrawn
    assert a_statement(status="entered-in-error").withdrawn
    assert an_allergy(verificationStatus=fhir.status("entered-in-error")).withdrawn
    assert a_procedure(status="entered-in-error").withdrawn


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (fhir.condition(code=None), "Condition.code has neither words nor a code"),
        (fhir.condition(code={"coding": [{"system": SNOMED_CT}]}), "neither words nor a code"),
        (fhir.condition(code={"text": "x" * 2001}), "longer than 2000"),
        (fhir.condition(code=fhir.coded("x", "9" * 201)), "a code that is too long"),
        (fhir.condition(clinicalStatus=fhir.status("sort of")), "clinicalStatus is not a code of FHIR R4"),
        (fhir.condition(clinicalStatus={"text": "active"}), "clinicalStatus is not a code of FHIR R4"),
        (
            fhir.condition(clinicalStatus={"coding": [{"code": "active"}, {"code": "resolved"}]}),
            "two codes that disagree",
        ),
        (fhir.order(status="ongoing"), "status is not a code of FHIR R4"),
        (fhir.order(status="draft"), "a draft, not an order"),
        (fhir.order(intent="proposal"), "a proposal, not an order"),
        (fhir.order(intent="plan"), "a plan, not an order"),
        (fhir.order(doNotPerform=True), "says what not to give"),
        (fhir.order(dosageInstruction=[{"text": "x" * 2001}]), "longer than 2000"),
        (fhir.statement(status="maybe"), "status is not a code of FHIR R4"),
        (fhir.procedure(status="not-done"), "was not done"),
        (fhir.allergy(code=None, reaction=[]), "AllergyIntolerance.code has neither"),
    ],
)
def test_leaves_out(resource: Json, why: str) -> None:
    assert why in left_out(resource)


def test_an_order_keeps_its_words() -> None:
    read = an_order(
        dosageInstruction=[{"text": "one at night"}, {"patientInstruction": "with food"}, {"sequence": 3}]
    )
    assert (read.kind, read.status, read.dosage, read.as_needed) == (
        "order",
        "active",
        "one at night; with food",
        None,
    )
    assert str(read.authored) == "2026-01-10"
    assert an_order(dosageInstruction=[{"asNeededBoolean": True}]).as_needed is True
    assert an_order(dosageInstruction=[{"asNeededCodeableConcept": fhir.coded("pain")}]).as_needed is True


MEDICATION = {"resourceType": "Medication", "id": "med1", "code": fhir.coded("Lithium", "6448", RXNORM)}


def test_the_medicine_may_be_contained_or_an_entry_of_its_own() -> None:
    inside = an_order(
        medicationCodeableConcept=None,
        contained=[MEDICATION],
        medicationReference={"reference": "#med1"},
    )
    beside = an_order(
        MEDICATION, medicationCodeableConcept=None, medicationReference={"reference": "Medication/med1"}
    )
    assert inside.concept == beside.concept
    assert inside.concept.code_in(RXNORM) == "6448"


def test_a_medicine_elsewhere_is_taken_by_its_name_else_left_out() -> None:
    elsewhere = {"reference": "Medication/elsewhere"}
    named = an_order(medicationCodeableConcept=None, medicationReference=elsewhere | {"display": "Lithium"})
    assert named.concept.text == "Lithium"
    assert named.concept.codings == ()
    nameless = fhir.order(medicationCodeableConcept=None, medicationReference=elsewhere)
    assert "is not in the bundle" in left_out(nameless)


def test_a_faulty_medication_is_not_read_through() -> None:
    broken = MEDICATION | {"code": 7}
    order = fhir.order(medicationCodeableConcept=None, medicationReference={"reference": "Medication/med1"})
    assert "refers to a resource that is not valid FHIR R4" in left_out(order, broken)


def test_a_statement_keeps_its_span() -> None:
    read = a_statement(effectivePeriod={"start": "2026-02", "end": "2026-03-10"}, dateAsserted="2026-03")
    assert (read.kind, str(read.began), str(read.ended), str(read.authored)) == (
        "statement",
        "2026-02",
        "2026-03-10",
        "2026-03",
    )


def test_an_allergy_may_be_named_by_what_it_was_to() -> None:
    read = an_allergy(
        code=None, reaction=[{"substance": fhir.coded("Latex"), "manifestation": [fhir.coded("Rash")]}]
    )
    assert (read.concept.text, read.reactions, read.criticality) == ("Latex", "Rash", "high")


def test_a_procedure_keeps_when() -> None:
    read = a_procedure()
    assert (str(read.performed), str(read.ended)) == ("2019-04-02T10:00:00Z", "2019-04-02T10:20:00Z")
    assert str(a_procedure(performedPeriod=None, performedDateTime="2019").performed) == "2019"
