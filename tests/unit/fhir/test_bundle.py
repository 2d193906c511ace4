"""Whole bundles: whose chart it is, what is taken over, what is left out and why."""

import json
from typing import Any

import pytest
from tests.factories import chart as fhir
from tests.factories.chart import PATIENT, Json

from openkap.fhir.bundle import read_bundle
from openkap.fhir.reading import BadBundle
from openkap.fhir.values import Skipped


def of(*entries: Json, **said: Any) -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": list(entries)} | said).encode()


def skipped(*resources: Json) -> list[Skipped]:
    return [part for part in read_bundle(fhir.bundle(*resources)).skipped if "." not in part.type]


def test_takes_over_every_clinical_kind() -> None:
    chart = read_bundle(
        fhir.bundle(
            fhir.condition(),
            fhir.order(),
            fhir.statement(),
            fhir.allergy(),
            fhir.weight(),
            fhir.pressure(),
            fhir.procedure(),
        )
    )
    assert [item.concept.text for item in chart.conditions] == ["Hypertension"]
    assert [item.kind for item in chart.medications] == ["order", "statement"]
    assert [item.reactions for item in chart.allergies] == ["Hives, Swelling"]
    assert [item.concept.text for item in chart.observations] == [
        "Body weight",
        "Systolic blood pressure",
        "Diastolic blood pressure",
    ]
    assert [item.concept.text for item in chart.procedures] == ["Electroconvulsive therapy"]
    assert chart.skipped == ()
    assert chart.entries == 8


@pytest.mark.parametrize("name", fhir.NAMES)
def test_every_entry_of_a_real_bundle_is_accounted_for(name: str) -> None:
    chart = read_bundle(fhir.synthea(name))
    resources = {item.source_id.partition("#")[0] for item in chart.observations}
    taken = 1 + len(chart.conditions) + len(chart.medications) + len(chart.allergies)
    taken += len(resources) + len(chart.procedures)
    left_out = sum(part.n for part in chart.skipped if "." not in part.type)
    assert taken + left_out == chart.entries == len(json.loads(fhir.synthea(name))["entry"])


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("freda-oconnell", (4, 3, 0, 65, 4)),
        ("louie-jast", (8, 8, 1, 226, 8)),
        ("margery-gibson", (15, 25, 0, 510, 8)),
        ("virginia-mercado", (16, 6, 0, 141, 69)),
    ],
)
def test_counts_of_real_bundles(name: str, counts: tuple[int, ...]) -> None:
    chart = read_bundle(fhir.synthea(name))
    kinds = (chart.conditions, chart.medications, chart.allergies, chart.observations, chart.procedures)
    assert tuple(map(len, kinds)) == counts


def test_kinds_without_a_place_are_named_with_the_reason() -> None:
    visit = {"resourceType": "Encounter", "id": "e1"}
    unknown = {"resourceType": "Basic", "id": "b1"}
    assert skipped(visit, unknown, unknown | {"id": "b2"}) == [
        Skipped("Basic", "this kind is not taken over", 2),
        Skipped("Encounter", "visits elsewhere are not kept", 1),
    ]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"{}", "not FHIR"),
        (json.dumps(fhir.patient()).encode(), "'Patient', not a Bundle"),
        (b'{"resourceType": 7}', "holds a 7"),
        (of(type="searchset"), "of type 'searchset'"),
        (of(type="batch"), "of type 'batch'"),
        (b'{"resourceType": "Bundle"}', "of type None"),
        (of(), "no entries"),
        (of(entry={}), "no entries"),
        (of(entry=None), "no entries"),
        (of(7), "Entry 1 is not an object"),
        (of({}), "Entry 1 holds no resource"),
        (of({"resource": []}), "Entry 1 holds no resource"),
        (of({"resource": {}}), "Entry 1 names no resourceType"),
        (of({"resource": {"resourceType": ["Patient"]}}), "Entry 1 names no resourceType"),
        (of({"resource": {"resourceType": "Patient", "id": 7}}), "its id is not a text"),
        (of({"resource": fhir.patient(), "fullUrl": ["x"]}), "its fullUrl is not a text"),
        (of({"resource": fhir.patient(), "fullUrl": "x" * 201}), "its fullUrl is not a text"),
        (of({"resource": fhir.condition()}), "no Patient"),
        (of(fhir.entry(fhir.patient()), implicitRules="http://rules"), "implicit rules"),
        (of({"resource": fhir.patient()}, {"resource": fhir.patient(id="p2")}), "has 2 patients"),
        (of(fhir.entry(fhir.patient()), fhir.entry(fhir.patient())), "are both"),
        (fhir.bundle(fhir.condition(), fhir.condition()), "Entries 2 and 3 are both"),
        (
            fhir.bundle(who=fhir.patient(modifierExtension=[{"url": "http://x", "valueBoolean": True}])),
            "modifier",
        ),
        (fhir.bundle(who=fhir.patient(birthDate=7)), "Patient.birthDate"),
        (fhir.bundle(who=fhir.patient(nickname="Ro")), "nickname"),
    ],
)
def test_refuses_the_file(raw: bytes, says: str) -> None:
    with pytest.raises(BadBundle, match=says):
        read_bundle(raw)


@pytest.mark.parametrize(
    "reference",
    ["Patient/other", "urn:uuid:0b0f2ff3-0000-4000-8000-0000000000ff", "http://elsewhere/Patient/p1"],
)
def test_a_fact_of_another_patient_refuses_the_file(reference: str) -> None:
    another = fhir.weight(subject={"reference": reference})
    with pytest.raises(BadBundle, match=r"Entry 3 \(Observation\) is about '.*', who is not the patient"):
        read_bundle(fhir.bundle(fhir.condition(), another))


@pytest.mark.parametrize("reference", [PATIENT, "Patient/p1", "Patient/p1/_history/3"])
def test_the_patient_is_known_by_each_kind_of_reference(reference: str) -> None:
    chart = read_bundle(fhir.bundle(fhir.weight(subject={"reference": reference})))
    assert len(chart.observations) == 1


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ({"reference": "Group/7"}, "is about a Group, not about the patient"),
        ({"reference": "urn:uuid:7", "type": "Device"}, "is about a Device, not about the patient"),
        ({"display": "Rowan"}, "does not refer to the patient it is about"),
        ({"reference": "#inside"}, "does not refer to the patient it is about"),
    ],
)
def test_what_is_about_nobody_is_left_out(subject: Json, why: str) -> None:
    assert skipped(fhir.weight(subject=subject)) == [Skipped("Observation", why, 1)]


@pytest.mark.parametrize(
    ("resource", "version"),
    [
        (fhir.condition(clinicalStatus="active"), "STU3 or earlier"),
        (fhir.allergy(verificationStatus="confirmed"), "STU3 or earlier"),
        (fhir.weight(comment="after breakfast"), "STU3"),
        (fhir.weight(comments="after breakfast"), "DSTU2"),
        (fhir.order(context={"reference": "Encounter/1"}), "STU3"),
        (fhir.order(medication={"concept": {"text": "x"}}), "R5"),
        (fhir.procedure(occurrenceDateTime="2019"), "R5"),
        ({"resourceType": "MedicationOrder", "id": "m1"}, "DSTU2"),
    ],
)
def test_another_version_of_fhir_refuses_the_file(resource: Json, version: str) -> None:
    with pytest.raises(BadBundle, match=rf"Entry 2 .* FHIR {version}\. Export the chart as FHIR R4"):
        read_bundle(fhir.bundle(resource))


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (fhir.condition(subject=7), "Condition.subject"),
        (fhir.weight(status=None), "Observation.status|Observation"),
        (fhir.weight(colour="red"), "Observation.colour"),
        (fhir.weight(valueString="70"), "Observation"),
        (fhir.weight(effectiveDateTime="yesterday"), "Observation.effectiveDateTime"),
        (fhir.procedure(performedString="in spring", performedDateTime="2019"), "Procedure"),
        (fhir.weight(implicitRules="http://rules"), "implicit rules"),
    ],
)
def test_one_faulty_entry_is_left_out_and_named(resource: Json, why: str) -> None:
    chart = read_bundle(fhir.bundle(resource, fhir.condition("c9")))
    assert len(chart.conditions) == 1
    (part,) = chart.skipped
    assert "not valid FHIR R4" in part.reason
    assert any(word in part.reason for word in why.split("|"))


def test_a_modifier_that_is_not_understood_leaves_the_entry_out() -> None:
    negated = fhir.condition(modifierExtension=[{"url": "http://x/never-had", "valueBoolean": True}])
    assert "modifier extension" in skipped(negated)[0].reason


def test_requests_without_a_resource_are_listed() -> None:
    raw = of(fhir.entry(fhir.patient()), {"request": {"method": "DELETE", "url": "Condition/7"}})
    assert read_bundle(raw).skipped == (Skipped("Bundle", "a DELETE request holds no resource", 1),)


def test_an_entry_without_any_name_is_left_out() -> None:
    nameless = fhir.condition()
    del nameless["id"]
    (part,) = read_bundle(of(fhir.entry(fhir.patient()), {"resource": nameless})).skipped
    assert "neither id nor fullUrl" in part.reason


def test_the_source_is_the_server_else_who_numbered_the_patient() -> None:
    assert read_bundle(fhir.bundle()).source == "http://hospital.example/mrn"
    served = {"fullUrl": "https://ehr.example/fhir/Patient/p1", "resource": fhir.patient()}
    assert read_bundle(of(served)).source == "https://ehr.example/fhir"


def test_the_order_of_entries_does_not_matter() -> None:
    entries = [fhir.entry(item) for item in (fhir.weight(), fhir.patient(), fhir.condition(), fhir.allergy())]
    assert read_bundle(of(*entries)) == read_bundle(of(*reversed(entries)))
