"""Registering patients, changing their details, and who cares for them."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import CARING, Permission, Role
from openkap.apps.audit import operations as audit
from openkap.apps.people import queries
from openkap.apps.people.details import NAMES, Details, as_json, details_of
from openkap.apps.people.models import CareTeamMember, FormerDetails, Identifier, Patient
from openkap.apps.people.names import search_key, sort_key
from openkap.apps.people.permissions import check_may_register, check_on_patient
from openkap.apps.people.stages import Stage
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site


class SamePerson(BadInput):
    """Somebody of this name and birth date is registered: a person must say whether it is the same one."""

    code = "same-person"

    def __init__(self, record_numbers: list[str]) -> None:
        self.record_numbers = record_numbers
        super().__init__(
            _("There is already a patient of this name and birth date: %(numbers)s. ")
            % {"numbers": ", ".join(record_numbers)}
            + _("Open that record, or confirm that this is another person.")
        )


@transaction.atomic
def register_patient(
    *,
    by: audit.Actor,
    now: datetime,
    site: "Site",
    details: Details,
    identifiers: Iterable[tuple[str, str]] = (),
    is_another_person: bool = False,
) -> Patient:
    """Add a patient to the site under a new record number.

    `identifiers` are (system, value) pairs of other systems. Raises `Refused`, `BadInput` and, unless
    `is_another_person`, `SamePerson` when the name and birth date are already registered at the site.
    """
    check_may_register(by, site.pk)
    details = details.checked(now.date())
    if not is_another_person:
        check_not_registered(site, details)
    number = _next_record_number()
    patient = Patient.objects.create(
        site=site, record_number=number, registered_at=now, **_columns(details, number)
    )
    _add_identifiers(patient, identifiers)
    _add_registrar_to_team(by, now, patient)
    audit.record(by=by, now=now, action="people.register", subject=subject_of(patient))
    return patient


def check_not_registered(site: "Site", details: Details) -> None:
    """Raise `SamePerson` if somebody of this name and birth date is registered at the site."""
    if found := queries.namesakes(site, details):
        raise SamePerson([patient.record_number for patient in found])


@transaction.atomic
def change_details(*, by: audit.Actor, now: datetime, patient: Patient, details: Details) -> bool:
    """Replace the patient's details, keeping the former ones. Returns whether anything changed."""
    check_on_patient(by, patient, Permission.PATIENT_REGISTER)
    details = details.checked(now.date())
    current = Patient.objects.select_for_update().get(pk=patient.pk)
    former = details_of(current)
    if former == details:
        return False
    FormerDetails.objects.create(
        patient=current,
        version=current.details_version,
        details=as_json(former),
        replaced_at=now,
        replaced_by=by if isinstance(by, User) else None,
    )
    Patient.objects.filter(pk=patient.pk).update(
        details_version=current.details_version + 1, **_columns(details, current.record_number)
    )
    patient.refresh_from_db()
    changed = sorted(name for name in NAMES if getattr(former, name) != getattr(details, name))
    audit.record(
        by=by, now=now, action="people.change", subject=subject_of(patient), details={"fields": changed}
    )
    return True


@transaction.atomic
def add_identifiers(
    *, by: audit.Actor, now: datetime, patient: Patient, identifiers: Iterable[tuple[str, str]]
) -> int:
    """Note under which numbers other systems know the patient. Returns how many were new."""
    check_on_patient(by, patient, Permission.PATIENT_REGISTER)
    known = set(patient.identifiers.values_list("system", "value"))
    new = [pair for pair in dict.fromkeys(identifiers) if pair not in known]
    _add_identifiers(patient, new)
    if new:
        audit.record(
            by=by, now=now, action="people.identify", subject=subject_of(patient), details={"n": len(new)}
        )
    return len(new)


@transaction.atomic
def add_to_care_team(
    *, by: audit.Actor, now: datetime, patient: Patient, user: User, role: Role | None = None
) -> CareTeamMember:
    """Open the patient's chart to a member of staff of the patient's site, in `role` (by default their first).

    Only in a role that reads charts (`roles.CARING`) and that they hold there now. Adding somebody who is
    already there changes nothing. Raises `Refused`, `NotAllowedNow`.
    """
    check_on_patient(by, patient, Permission.CARE_TEAM_MANAGE)
    held = access.roles_of(user).get(patient.site_id, frozenset()) & set(CARING)
    if not held or (role is not None and role not in held):
        raise NotAllowedNow(_("This person has no such role in caring for patients at this site."))
    member, added = CareTeamMember.objects.get_or_create(
        patient=patient,
        user=user,
        role=(role or min(held, key=list(Role).index)).value,
        ended_at=None,
        defaults={"began_at": now},
    )
    if added:
        audit.record(
            by=by,
            now=now,
            action="people.add-to-team",
            subject=subject_of(patient),
            details={"user": str(user.public_id), "role": member.role},
        )
    return member


@transaction.atomic
def end_in_care_team(*, by: audit.Actor, now: datetime, member: CareTeamMember) -> None:
    """Close the chart to a member of the team from now on. Ending twice changes nothing."""
    check_on_patient(by, member.patient, Permission.CARE_TEAM_MANAGE)
    if not CareTeamMember.objects.filter(pk=member.pk, ended_at__isnull=True).update(ended_at=now):
        return
    audit.record(
        by=by,
        now=now,
        action="people.end-in-team",
        subject=subject_of(member.patient),
        details={"user": str(member.user.public_id), "role": member.role},
    )


@transaction.atomic
def note_stage(
    *,
    by: audit.Actor,
    now: datetime,
    patient: Patient,
    stage: Stage | None = None,
    indication: str | None = None,
) -> None:
    """Keep where the patient is on the path, for lists. Called by the operation that moves them there.

    Permission is that operation's. None leaves the value as it is.
    """
    new = {"stage": stage.value if stage else None, "indication": indication}
    changed = {name: value for name, value in new.items() if value not in {None, getattr(patient, name)}}
    if not changed:
        return
    Patient.objects.filter(pk=patient.pk).update(**changed)
    patient.refresh_from_db(fields=list(changed))
    audit.record(by=by, now=now, action="people.stage", subject=subject_of(patient), details=changed)


def subject_of(patient: Patient) -> audit.Subject:
    """The patient as the subject of an audit row."""
    return audit.Subject("patient", patient.public_id, patient.public_id, patient.site_id)


def _columns(details: Details, record_number: str) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(details, name) for name in NAMES}
    values["search_key"] = search_key(
        details.given_name, details.family_name, record_number, details.birth_date
    )
    values["sort_key"] = sort_key(details.given_name, details.family_name)
    return values


def _next_record_number() -> str:
    """From a sequence: never given twice; a registration that fails leaves a gap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('people_record_number')")
        return f"OK-{cursor.fetchone()[0]:06d}"


def _add_identifiers(patient: Patient, identifiers: Iterable[tuple[str, str]]) -> None:
    try:
        with transaction.atomic():
            Identifier.objects.bulk_create(
                Identifier(patient=patient, system=system, value=value)
                for system, value in dict.fromkeys(identifiers)
            )
    except IntegrityError as error:
        raise BadInput(_("Another patient already has one of these identifiers.")) from error


def _add_registrar_to_team(by: audit.Actor, now: datetime, patient: Patient) -> None:
    """Whoever registers a patient can open the record, also without a site-wide role."""
    if (
        isinstance(by, User)
        and not queries.patients_for(by, Permission.CHART_READ).filter(pk=patient.pk).exists()
    ):
        roles = access.roles_of(by)[patient.site_id]
        role = min(roles, key=list(Role).index)
        CareTeamMember.objects.create(patient=patient, user=by, role=role.value, began_at=now)


def lock(patient: Patient) -> None:
    """Let others who change this patient's record wait until this transaction ends."""
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)


@transaction.atomic
def link_account(*, by: audit.Actor, now: datetime, patient: Patient, user: User) -> None:
    """Let `user` be this patient: one account for one person. Raises `Refused`, `NotAllowedNow`."""
    check_on_patient(by, patient, Permission.PATIENT_INVITE)
    lock(patient)
    patient.refresh_from_db(fields=["user"])
    if patient.user_id is not None:
        raise NotAllowedNow(_("This patient has an account already."))
    if not access.is_patient(user) or Patient.objects.filter(user=user).exists():
        raise NotAllowedNow(_("This account cannot be this patient's."))
    Patient.objects.filter(pk=patient.pk).update(user=user)
    patient.refresh_from_db(fields=["user"])
    audit.record(by=by, now=now, action="people.link-account", subject=subject_of(patient))


@transaction.atomic
def unlink_account(*, by: audit.Actor, now: datetime, patient: Patient) -> None:
    """The patient's account is theirs no more. Raises `Refused`; without one nothing happens."""
    check_on_patient(by, patient, Permission.PATIENT_INVITE)
    if Patient.objects.filter(pk=patient.pk, user__isnull=False).update(user=None):
        patient.refresh_from_db(fields=["user"])
        audit.record(by=by, now=now, action="people.unlink-account", subject=subject_of(patient))
