"""Taking over charts: all of a file or nothing; twice changes nothing; a changed fact supersedes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from tests.factories import chart as fhir
from tests.factories.access import a_user
from tests.factories.chart import imported
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import THEN, a_site

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.chart import models, queries, reconciling
from openkap.apps.chart.operations import import_bundle
from openkap.apps.people.models import FormerDetails, Identifier, Patient
from openkap.apps.people.operations import SamePerson
from openkap.errors import BadInput, Refused

pytestmark = pytest.mark.django_db
TABLES = (models.Condition, models.MedicationUse, models.Allergy, models.Observation, models.Procedure)
LATER = THEN + timedelta(days=1)


def rows() -> int:
    return sum(table.objects.count() for table in TABLES)


def nothing_is_there() -> bool:
    others = (Patient, Identifier, models.Import, models.Source)
    trail = Row.objects.exclude(action__startswith="sites.")
    return rows() == 0 and not trail.exists() and not any(model.objects.exists() for model in others)


@pytest.mark.parametrize("name", fhir.NAMES)
def test_a_second_import_changes_nothing(name: str) -> None:
    site = a_site()
    first = imported(fhir.synthea(name), site)
    held, imports = rows(), models.Import.objects.count()
    again = imported(fhir.synthea(name), site, now=LATER)
    assert again.patient == first.patient
    assert (again.created, again.updated, again.unchanged) == (0, 0, first.created)
    assert again.skipped == first.skipped
    assert (rows(), models.Import.objects.count(), Patient.objects.count()) == (held, imports, 1)


@pytest.mark.parametrize("name", fhir.NAMES)
def test_every_entry_is_counted(name: str) -> None:
    result = imported(fhir.synthea(name))
    left_out = sum(part.n for part in result.skipped if "." not in part.type)
    assert result.created + result.updated + result.unchanged + left_out == result.entries
    assert models.Import.objects.get().entries == result.entries


def test_a_real_chart_can_be_read_back() -> None:
    patient = imported(fhir.synthea("freda-oconnell")).patient
    assert (patient.name, str(patient.birth_date), patient.sex) == ("Freda O'Connell", "1969-12-06", "female")
    assert patient.phone == "555-599-6046"
    assert patient.address == "808 Miller Station, Fall River, Massachusetts, 02720, US"
    cystitis = queries.conditions_of(patient).get(text="Cystitis")
    assert (cystitis.clinical_status, str(cystitis.onset)[:4]) == ("resolved", "2019")
    assert queries.conditions_of(patient).count() == 4
    assert queries.medications_of(patient).count() == 3
    assert queries.observations_of(patient).count() == 65
    heights = queries.observations_of(patient, "8302-2")
    assert heights[0].unit_code == "cm"
    assert heights[0].measured_at > heights[1].measured_at
    assert "999-76-5725" not in str(list(Identifier.objects.values()))


def test_whoever_imports_is_named_and_the_trail_holds_no_clinical_text() -> None:
    site = a_site()
    coordinator = a_user(Role.COORDINATOR, site=site)
    result = import_bundle(by=coordinator, now=THEN, site=site, raw=fhir.bundle(fhir.condition()))
    assert models.Condition.objects.get().recorded_by == coordinator
    trail = Row.objects.get(action="chart.import")
    assert trail.patient_id == result.patient.public_id
    assert trail.details == {"created": 2, "updated": 0, "unchanged": 0}
    assert "Hypertension" not in str(list(Row.objects.values()))
    assert "Quill" not in str(list(Row.objects.values()))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        fhir.bundle(fhir.condition())[:-40],
        b'{"resourceType": "Patient"}',
        fhir.bundle(fhir.patient(id="p2", identifier=[])),
        fhir.bundle(fhir.condition(), fhir.weight(subject={"reference": "Patient/other"})),
        fhir.bundle(who=fhir.patient(birthDate="1984")),
        fhir.bundle(who=fhir.patient(birthDate="2100-01-01")),
        fhir.bundle(who=fhir.patient(name=[{"family": "x" * 121}])),
        fhir.bundle(fhir.condition(clinicalStatus="active")),
    ],
)
def test_a_refused_file_leaves_nothing(raw: bytes) -> None:
    site = a_site()
    with pytest.raises(BadInput):
        imported(raw, site)
    assert nothing_is_there()


def test_a_failure_midway_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    site = a_site()
    columns_of = reconciling.columns_of

    def fails(fact: Any) -> dict[str, Any]:
        if "procedure" in type(fact).__name__.lower():
            raise IntegrityError("the disk is full")
        return columns_of(fact)

    monkeypatch.setattr(reconciling, "columns_of", fails)
    with pytest.raises(IntegrityError):
        imported(fhir.bundle(fhir.condition(), fhir.weight(), fhir.procedure()), site)
    assert nothing_is_there()


def test_a_changed_fact_supersedes_and_the_old_one_stays() -> None:
    site = a_site()
    patient = imported(fhir.bundle(fhir.condition(), fhir.weight()), site).patient
    over = fhir.condition(clinicalStatus=fhir.status("resolved"), abatementDateTime="2026-08")
    result = imported(fhir.bundle(over, fhir.weight()), site, now=LATER)
    assert (result.created, result.updated, result.unchanged) == (0, 1, 2)
    old, new = models.Condition.objects.order_by("id")
    assert (old.clinical_status, new.clinical_status, new.supersedes) == ("active", "resolved", old)
    assert list(queries.conditions_of(patient)) == [new]
    back = imported(fhir.bundle(fhir.condition(), fhir.weight()), site, now=LATER)
    assert back.updated == 1
    assert queries.conditions_of(patient).get().clinical_status == "active"


def test_what_a_later_file_does_not_hold_stays() -> None:
    site = a_site()
    patient = imported(fhir.bundle(fhir.condition("c1"), fhir.condition("c2")), site).patient
    imported(fhir.bundle(fhir.condition("c3")), site)
    assert queries.conditions_of(patient).count() == 3


def test_narrative_and_versions_are_no_change() -> None:
    site = a_site()
    imported(fhir.bundle(fhir.condition()), site)
    dressed = fhir.condition(meta={"versionId": "7"}, text={"status": "generated", "div": "<div>x</div>"})
    assert imported(fhir.bundle(dressed), site).unchanged == 2


def test_an_entry_in_error_is_withdrawn_and_can_come_back() -> None:
    site = a_site()
    wrong = fhir.weight(status="entered-in-error")
    patient = imported(fhir.bundle(fhir.weight()), site).patient
    assert imported(fhir.bundle(wrong), site).updated == 1
    assert not queries.observations_of(patient).exists()
    assert imported(fhir.bundle(wrong), site).unchanged == 2
    assert imported(fhir.bundle(fhir.weight()), site).updated == 1
    assert queries.observations_of(patient).count() == 1
    assert models.Observation.objects.count() == 3


def test_an_entry_that_was_always_in_error_is_left_out() -> None:
    result = imported(fhir.bundle(fhir.weight(status="entered-in-error")))
    assert [(part.type, part.reason, part.n) for part in result.skipped] == [
        ("Observation", "entered in error", 1)
    ]
    assert not models.Observation.objects.exists()


def test_a_part_that_is_gone_is_withdrawn() -> None:
    site = a_site()
    both = fhir.pressure()
    patient = imported(fhir.bundle(both), site).patient
    only_systolic = both | {"component": both["component"][:1]}
    assert imported(fhir.bundle(only_systolic), site).updated == 1
    assert [row.code for row in queries.observations_of(patient)] == ["8480-6"]
    assert imported(fhir.bundle(only_systolic), site).unchanged == 2
    assert imported(fhir.bundle(both), site).updated == 1
    assert queries.observations_of(patient).count() == 2


def test_the_same_id_at_two_hospitals_is_two_facts() -> None:
    site = a_site()
    here, there = ({"system": f"http://{name}.example", "value": "7"} for name in ("north", "south"))
    patient = imported(fhir.bundle(fhir.condition(), who=fhir.patient(identifier=[here])), site).patient
    both = fhir.patient(identifier=[there, here])
    result = imported(fhir.bundle(fhir.condition(code=fhir.coded("Asthma")), who=both), site)
    assert result.patient == patient
    assert {row.text for row in queries.conditions_of(patient)} == {"Hypertension", "Asthma"}


def test_changed_details_are_taken_over_but_corrections_here_stay() -> None:
    site = a_site()
    patient = imported(fhir.bundle(), site).patient
    Patient.objects.filter(pk=patient.pk).update(phone="corrected here")
    assert imported(fhir.bundle(), site).unchanged == 1
    patient.refresh_from_db()
    assert patient.phone == "corrected here"
    moved = fhir.patient(telecom=[{"system": "phone", "value": "2"}], gender="unknown")
    assert imported(fhir.bundle(who=moved), site).updated == 1
    patient.refresh_from_db()
    assert (patient.phone, patient.sex) == ("2", "female")
    assert FormerDetails.objects.count() == 1


def test_a_namesake_without_a_common_number_asks_first() -> None:
    site = a_site()
    imported(fhir.bundle(), site)
    other = fhir.patient(identifier=[{"system": "http://other.example", "value": "9"}])
    with pytest.raises(SamePerson):
        imported(fhir.bundle(who=other), site)
    assert imported(fhir.bundle(who=other), site, is_another_person=True).created == 1
    assert Patient.objects.count() == 2


def test_a_file_joins_the_record_of_somebody_registered_by_hand() -> None:
    site = a_site()
    patient = a_patient(site, family_name="Quill", given_name="Rowan")
    result = imported(fhir.bundle(fhir.condition()), site, into=patient)
    assert (result.patient, result.created) == (patient, 1)
    assert imported(fhir.bundle(fhir.condition()), site).unchanged == 2


@pytest.mark.parametrize(
    "said", [{"family_name": "Quell"}, {"family_name": "Quill", "birth_date": THEN.date()}]
)
def test_a_file_does_not_join_another_persons_record(said: dict[str, Any]) -> None:
    site = a_site()
    patient = a_patient(site, **said)
    with pytest.raises(BadInput, match="differ from those of OK-"):
        imported(fhir.bundle(fhir.condition()), site, into=patient)
    assert rows() == 0


def test_a_known_patient_is_not_joined_to_another_record() -> None:
    site = a_site()
    imported(fhir.bundle(), site)
    with pytest.raises(BadInput, match="another patient than the record"):
        imported(fhir.bundle(), site, into=a_patient(site))


def test_numbers_of_two_patients_in_one_file_are_refused() -> None:
    site = a_site()
    one, two = ({"system": "http://h.example", "value": value} for value in ("1", "2"))
    imported(fhir.bundle(who=fhir.patient(identifier=[one])), site)
    imported(fhir.bundle(who=fhir.patient(identifier=[two])), site, is_another_person=True)
    with pytest.raises(BadInput, match="more than one patient"):
        imported(fhir.bundle(who=fhir.patient(identifier=[one, two])), site)


def test_a_patient_of_another_site_is_refused() -> None:
    imported(fhir.bundle(), a_site())
    with pytest.raises(BadInput, match="registered at another site"):
        imported(fhir.bundle(), a_site("Hill"))


@pytest.mark.parametrize("role", [Role.MONITOR, Role.THERAPIST, Role.ADMINISTRATOR])
def test_who_may_not_register_imports_nothing(role: Role) -> None:
    site = a_site()
    with pytest.raises(Refused):
        import_bundle(by=a_user(role, site=site), now=THEN, site=site, raw=fhir.bundle())
    assert not Patient.objects.exists()


def test_a_prescriber_does_not_import_into_a_strangers_chart() -> None:
    site = a_site()
    patient = imported(fhir.bundle(), site).patient
    with pytest.raises(Refused):
        import_bundle(
            by=a_user(Role.PRESCRIBER, site=site), now=THEN, site=site, raw=fhir.bundle(fhir.condition())
        )
    assert not queries.conditions_of(patient).exists()


def test_what_was_left_out_can_be_read_later() -> None:
    patient = imported(fhir.synthea("edward-gulgowski"), a_site()).patient
    parts = {part["type"]: part for part in queries.left_out(patient)}
    assert parts["Encounter"]["reason"] == "visits elsewhere are not kept"
    assert SYSTEM.audit_id is None
