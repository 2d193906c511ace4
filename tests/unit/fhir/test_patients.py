"""Who the bundle is about."""

from typing import Any

import pytest
from tests.factories import chart as fhir

from openkap.fhir.bundle import read_bundle
from openkap.fhir.reading import BadBundle
from openkap.fhir.values import ChartImport, ImportedContact, ImportedIdentifier, ImportedPatient, Skipped


def chart(**said: Any) -> ChartImport:
    return read_bundle(fhir.bundle(who=fhir.patient(**said)))


def person(**said: Any) -> ImportedPatient:
    return chart(**said).patient


def test_the_official_name_comes_first_and_an_old_one_never() -> None:
    names = [
        {"use": "maiden", "family": "Jakubowski", "given": ["Freda"]},
        {"use": "old", "family": "Gone"},
        {"use": "usual", "family": "Freddie"},
        {"use": "official", "family": "O'Connell", "given": ["Freda", "Ann"]},
    ]
    read = person(name=names)
    assert (read.family_name, read.given_name) == ("O'Connell", "Freda Ann")


def test_digits_in_a_name_stay() -> None:
    assert person(name=[{"family": "Becker968", "given": ["Robby12"]}]).family_name == "Becker968"


def test_a_name_of_one_text_is_kept_whole() -> None:
    read = person(name=[{"text": "Madonna"}])
    assert (read.family_name, read.given_name) == ("Madonna", "")


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"name": []}, "no current name"),
        ({"name": [{"use": "maiden", "family": "Was"}]}, "no current name"),
        ({"name": [{"family": "Was", "period": {"end": "2001"}}]}, "no current name"),
        ({"name": [{"given": ["Only"]}]}, "no family name"),
        ({"birthDate": "1984"}, "must be a full date"),
        ({"birthDate": "1984-02-30"}, "birthDate"),
        (
            {"link": [{"type": "replaced-by", "other": {"reference": "Patient/9"}}]},
            "another record has replaced it",
        ),
    ],
)
def test_refuses_a_patient_who_cannot_be_told_apart(said: dict[str, Any], says: str) -> None:
    with pytest.raises(BadBundle, match=says):
        chart(**said)


def test_a_missing_birth_date_is_refused() -> None:
    who = fhir.patient()
    del who["birthDate"]
    with pytest.raises(BadBundle, match="must be a full date"):
        read_bundle(fhir.bundle(who=who))


def test_numbers_of_state_and_insurer_are_not_kept() -> None:
    def typed(code: str) -> dict[str, Any]:
        return {"coding": [{"code": code}]}

    read = chart(
        identifier=[
            {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-76-5725"},
            {"system": "urn:oid:2.16.840.1.113883.4.3.25", "value": "S999", "type": typed("DL")},
            {"system": "http://hospital.example", "value": "7", "type": typed("MR")},
            {"system": "http://hospital.example", "value": "6", "use": "old"},
        ]
    )
    assert read.patient.identifiers == (ImportedIdentifier("http://hospital.example", "7"),)
    assert read.skipped == (
        Skipped("Patient.identifier", "a number of a state or insurer is not needed for care", 2),
    )


def test_without_an_identifier_the_full_url_tells_who_it_is() -> None:
    assert person(identifier=[]).identifiers == (ImportedIdentifier("urn:ietf:rfc:3986", fhir.PATIENT),)


def test_ways_to_reach_them() -> None:
    read = person(
        telecom=[
            {"system": "phone", "value": "1", "use": "old"},
            {"system": "phone", "value": "2", "use": "home"},
            {"system": "phone", "value": "3", "use": "mobile"},
            {"system": "email", "value": "rowan@example.org"},
        ],
        address=[{"line": ["1 Quay", "Top floor"], "city": "Newport", "postalCode": "02840"}],
        contact=[
            {"name": {"text": "Nobody"}},
            {
                "name": {"family": "Quill", "given": ["Sam"]},
                "telecom": [{"system": "phone", "value": "4"}],
                "relationship": [{"text": "brother"}],
            },
        ],
    )
    assert (read.phone, read.email, read.address) == (
        "3",
        "rowan@example.org",
        "1 Quay, Top floor, Newport, 02840",
    )
    assert read.contact == ImportedContact("Sam Quill", "4", "brother")


def test_an_address_that_is_no_email_is_left_out_and_said() -> None:
    read = chart(telecom=[{"system": "email", "value": "ask her"}])
    assert read.patient.email == ""
    assert read.skipped == (Skipped("Patient.telecom", "not an email address", 1),)


def test_death_is_kept_as_far_as_it_was_said() -> None:
    assert not person().is_deceased
    assert person(deceasedBoolean=True).is_deceased
    died = person(deceasedDateTime="2020-05")
    assert died.is_deceased
    assert str(died.deceased) == "2020-05"


def test_parts_that_are_not_kept_are_counted() -> None:
    read = chart(maritalStatus=fhir.coded("M"), communication=[{"language": fhir.coded("en")}] * 2)
    assert read.skipped == (
        Skipped("Patient.maritalStatus", "not kept", 1),
        Skipped("Patient.communication", "not kept", 2),
    )
