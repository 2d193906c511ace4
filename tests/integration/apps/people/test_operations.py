"""Registering patients, changing details, the care team."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.factories.access import a_user
from tests.factories.people import SYSTEM, a_patient, some_details
from tests.factories.sites import THEN, a_site

from openkap.apps.access.roles import CARING, Permission, Role
from openkap.apps.audit.models import Row
from openkap.apps.people import operations, queries
from openkap.apps.people.models import CareTeamMember, FormerDetails, Identifier, Patient
from openkap.apps.people.operations import SamePerson
from openkap.apps.people.stages import Stage
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db


def acts() -> list[str]:
    return list(
        Row.objects.filter(action__startswith="people.").order_by("id").values_list("action", flat=True)
    )


def test_a_coordinator_registers_a_patient() -> None:
    site = a_site()
    coordinator = a_user(Role.COORDINATOR, site=site)
    patient = operations.register_patient(
        by=coordinator,
        now=THEN,
        site=site,
        details=some_details(family_name=" O'Connell ", given_name="Freda  Ann", email="f@example.org"),
        identifiers=[("http://hospital.example", "7")],
    )
    assert patient.record_number.startswith("OK-")
    assert (patient.family_name, patient.given_name, patient.stage) == ("O'Connell", "Freda Ann", "referred")
    assert patient.name == "Freda Ann O'Connell"
    assert queries.patient_for(coordinator, patient.public_id, Permission.CHART_READ) == patient
    assert queries.patient_numbered(coordinator, patient.record_number, Permission.CHART_READ) == patient
    assert acts() == ["people.register"]
    assert "Connell" not in str(list(Row.objects.values()))


def test_record_numbers_are_never_given_twice() -> None:
    site = a_site()
    numbers = {a_patient(site).record_number for _ in range(3)}
    assert len(numbers) == 3


def test_a_prescriber_can_open_whom_they_registered() -> None:
    site = a_site()
    prescriber = a_user(Role.PRESCRIBER, site=site)
    patient = operations.register_patient(by=prescriber, now=THEN, site=site, details=some_details())
    assert [member.user for member in queries.care_team_of(patient)] == [prescriber]


@pytest.mark.parametrize("role", [Role.MONITOR, Role.THERAPIST, Role.ADMINISTRATOR, Role.RESEARCHER])
def test_other_roles_register_nobody(role: Role) -> None:
    site = a_site()
    with pytest.raises(Refused):
        operations.register_patient(by=a_user(role, site=site), now=THEN, site=site, details=some_details())
    assert not Patient.objects.exists()


def test_a_coordinator_of_another_site_registers_nobody_here() -> None:
    with pytest.raises(Refused):
        operations.register_patient(
            by=a_user(Role.COORDINATOR), now=THEN, site=a_site("Hill"), details=some_details()
        )


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"family_name": "  "}, "family_name"),
        ({"family_name": "x" * 121}, "family_name"),
        ({"given_name": "a\x00b"}, "given_name"),
        ({"birth_date": date(2026, 9, 2)}, "birth_date"),
        ({"birth_date": date(1850, 1, 1)}, "birth_date"),
        ({"sex": "f"}, "sex"),
        ({"email": "at home"}, "email"),
        ({"contact_name": "Sam"}, "contact_phone"),
        ({"address": "x" * 1001}, "address"),
        ({"is_deceased": True, "deceased_on": "2027"}, "deceased_on"),
        ({"deceased_on": "2020"}, "deceased_on"),
        ({"is_deceased": True, "deceased_on": "in spring"}, None),
    ],
)
def test_details_that_cannot_be_right_are_refused(said: dict[str, Any], field: str | None) -> None:
    site = a_site()
    with pytest.raises(BadInput) as refused:
        operations.register_patient(by=SYSTEM, now=THEN, site=site, details=some_details(**said))
    assert refused.value.field == field
    assert not Patient.objects.exists()


def test_the_same_name_and_birth_date_ask_first() -> None:
    site = a_site()
    first = a_patient(site, family_name="O'Connell", given_name="Zoë")
    same = some_details(family_name="OCONNELL", given_name="Zoe")
    with pytest.raises(SamePerson, match=first.record_number):
        operations.register_patient(by=SYSTEM, now=THEN, site=site, details=same)
    another = operations.register_patient(by=SYSTEM, now=THEN, site=site, details=same, is_another_person=True)
    assert another != first
    elsewhere = operations.register_patient(by=SYSTEM, now=THEN, site=a_site("Hill"), details=same)
    assert elsewhere.site != site


def test_an_identifier_belongs_to_one_patient() -> None:
    site = a_site()
    operations.add_identifiers(by=SYSTEM, now=THEN, patient=a_patient(site), identifiers=[("s", "7")])
    with pytest.raises(BadInput):
        operations.register_patient(
            by=SYSTEM, now=THEN, site=site, details=some_details(), identifiers=[("s", "7")]
        )
    assert Patient.objects.count() == 1
    assert Identifier.objects.count() == 1


def test_changed_details_keep_the_former_ones() -> None:
    patient = a_patient(phone="1")
    before = operations.details_of(patient)
    changed = some_details(family_name="Quill", given_name="Rowan", phone="2")
    assert operations.change_details(by=SYSTEM, now=THEN, patient=patient, details=changed)
    assert (patient.family_name, patient.phone, patient.details_version) == ("Quill", "2", 2)
    kept = FormerDetails.objects.get()
    assert (kept.version, kept.details["family_name"]) == (1, before.family_name)
    assert list(queries.find(Patient.objects.all(), "quil")) == [patient]
    assert list(queries.find(Patient.objects.all(), before.family_name)) == []
    row = Row.objects.get(action="people.change")
    assert row.details == {"fields": ["family_name", "given_name", "phone"]}


def test_the_same_details_again_change_nothing() -> None:
    patient = a_patient()
    same = operations.details_of(patient)
    assert not operations.change_details(by=SYSTEM, now=THEN, patient=patient, details=same)
    assert not FormerDetails.objects.exists()


def test_a_therapist_does_not_change_details() -> None:
    site = a_site()
    therapist = a_user(Role.THERAPIST, site=site)
    patient = a_patient(site, therapist)
    with pytest.raises(Refused):
        operations.change_details(by=therapist, now=THEN, patient=patient, details=some_details())


def test_the_care_team_opens_and_closes_the_chart() -> None:
    site = a_site()
    coordinator, therapist = a_user(Role.COORDINATOR, site=site), a_user(Role.THERAPIST, site=site)
    patient = a_patient(site)
    with pytest.raises(NotFound):
        queries.patient_for(therapist, patient.public_id, Permission.CHART_READ)
    member = operations.add_to_care_team(by=coordinator, now=THEN, patient=patient, user=therapist)
    again = operations.add_to_care_team(by=coordinator, now=THEN, patient=patient, user=therapist)
    assert again == member
    assert queries.patient_for(therapist, patient.public_id, Permission.CHART_READ) == patient
    operations.end_in_care_team(by=coordinator, now=THEN + timedelta(days=1), member=member)
    operations.end_in_care_team(by=coordinator, now=THEN + timedelta(days=2), member=member)
    assert CareTeamMember.objects.get().ended_at == THEN + timedelta(days=1)
    with pytest.raises(NotFound):
        queries.patient_for(therapist, patient.public_id, Permission.CHART_READ)
    with pytest.raises(NotFound):
        queries.team_member(patient, member.public_id)
    assert acts() == ["people.register", "people.add-to-team", "people.end-in-team"]


def test_only_who_has_the_role_here_joins_in_it() -> None:
    site = a_site()
    patient = a_patient(site)
    with pytest.raises(NotAllowedNow):
        operations.add_to_care_team(by=SYSTEM, now=THEN, patient=patient, user=a_user(Role.THERAPIST))
    monitor = a_user(Role.MONITOR, site=site)
    with pytest.raises(NotAllowedNow):
        operations.add_to_care_team(by=SYSTEM, now=THEN, patient=patient, user=monitor, role=Role.PRESCRIBER)


@pytest.mark.parametrize("role", sorted(set(Role) - set(CARING)))
def test_who_reads_no_charts_joins_no_team(role: Role) -> None:
    site = a_site()
    patient, user = a_patient(site), a_user(role, site=site)
    for asked in (None, role):
        with pytest.raises(NotAllowedNow):
            operations.add_to_care_team(by=SYSTEM, now=THEN, patient=patient, user=user, role=asked)
    assert not CareTeamMember.objects.exists()


def test_whoever_also_cares_joins_as_that() -> None:
    site = a_site()
    user = a_user(Role.ADMINISTRATOR, Role.MONITOR, Role.THERAPIST, site=site)
    member = operations.add_to_care_team(by=SYSTEM, now=THEN, patient=a_patient(site), user=user)
    assert member.role == Role.MONITOR


def test_a_prescriber_does_not_manage_the_team() -> None:
    site = a_site()
    prescriber = a_user(Role.PRESCRIBER, site=site)
    patient = a_patient(site, prescriber)
    with pytest.raises(Refused):
        operations.add_to_care_team(
            by=prescriber, now=THEN, patient=patient, user=a_user(Role.THERAPIST, site=site)
        )


def test_the_stage_is_kept_for_lists() -> None:
    patient = a_patient()
    operations.note_stage(by=SYSTEM, now=THEN, patient=patient, stage=Stage.TREATMENT, indication="trd")
    operations.note_stage(by=SYSTEM, now=THEN, patient=patient, stage=Stage.TREATMENT)
    assert (patient.stage, patient.indication_word) == ("treatment", "Treatment-resistant depression")
    assert acts().count("people.stage") == 1


def test_for_the_command_line_a_patient_is_named_by_id_or_number() -> None:
    patient = a_patient()
    assert queries.patient_named(str(patient.public_id)) == patient
    assert queries.patient_named(patient.record_number.lower()) == patient
    with pytest.raises(NotFound):
        queries.patient_named("OK-999999")
