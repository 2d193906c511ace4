"""Patients, always as far as the viewer may see them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from openkap.adapters.postgres.prepared import Given, Prepared
from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.access import queries as access
from openkap.apps.access.models import Membership, User
from openkap.apps.access.roles import CARING, ROLES, SITE_WIDE, Permission, Role
from openkap.apps.people.details import Details
from openkap.apps.people.models import CareTeamMember, Patient
from openkap.apps.people.names import search_words, sort_key
from openkap.errors import NotFound

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site


def patients_for(viewer: User, permission: Permission) -> QuerySet[Patient]:
    """Patients on whom `viewer` holds `permission`: by a site-wide role, by care team, or being the patient."""
    everywhere: set[int] = set()
    in_team: set[int] = set()
    oneself: set[int] = set()
    for site, roles in access.roles_of(viewer).items():
        granting = {role for role in roles if permission in ROLES[role]}
        if granting & SITE_WIDE:
            everywhere.add(site)
        elif granting - {Role.PATIENT}:
            in_team.add(site)
        if Role.PATIENT in granting:
            oneself.add(site)
    reach = Q(site__in=everywhere) | Q(site__in=oneself, user=viewer)
    if in_team:
        teams = CareTeamMember.objects.filter(user=viewer, ended_at__isnull=True)
        reach |= Q(site__in=in_team, pk__in=teams.values("patient"))
    return Patient.objects.filter(reach)


def holds(viewer: User, permission: Permission, patient: Patient) -> bool:
    """Whether the patient is among `patients_for(viewer, permission)`."""
    roles = access.roles_of(viewer).get(patient.site_id, frozenset())
    granting = {role for role in roles if permission in ROLES[role]}
    if granting & SITE_WIDE or (Role.PATIENT in granting and patient.user_id == viewer.pk):
        return True
    return bool(granting - {Role.PATIENT}) and _is_on_team(viewer, patient)


@once_a_page
def _is_on_team(viewer: User, patient: Patient) -> bool:
    return CareTeamMember.objects.filter(user=viewer, patient=patient, ended_at__isnull=True).exists()


def patient_for(viewer: User, patient_id: UUID, permission: Permission) -> Patient:
    """The patient, if `viewer` holds `permission` on them. Raises `NotFound`, hinting at nobody."""
    patient = patients_for(viewer, permission).filter(public_id=patient_id).select_related("site").first()
    if patient is None:
        raise NotFound("There is no such patient, or you are not on their care team.")
    return patient


def patient_numbered(viewer: User, record_number: str, permission: Permission) -> Patient:
    """The patient with this record number, if `viewer` holds `permission` on them. Raises `NotFound`."""
    found = patients_for(viewer, permission).filter(record_number=record_number).select_related("site").first()
    if found is None:
        raise NotFound("There is no such patient, or you are not on their care team.")
    return found


def find(patients: QuerySet[Patient], asked: str) -> QuerySet[Patient]:
    """Those in whose names, number or birth date every word asked for begins a word. Uses the search index."""
    wanted = search_words(asked)
    if not wanted:
        return patients
    query = " & ".join(f"'{word}':*" for word in wanted)  # words are letters and digits only
    return patients.filter(search_tokens=SearchQuery(query, search_type="raw", config="simple"))


def namesakes(site: "Site", details: Details) -> list[Patient]:
    """Patients of the site with the same folded name and the same birth date."""
    key = sort_key(details.given_name, details.family_name)
    return list(
        Patient.objects.filter(site=site, birth_date=details.birth_date, sort_key=key).order_by("id")[:5]
    )


def identified_by(pairs: Iterable[tuple[str, str]]) -> list[Patient]:
    """Patients whom other systems know by one of these (system, value) pairs, each once."""
    known = Q()
    for system, value in pairs:
        known |= Q(identifiers__system=system, identifiers__value=value)
    if not known:
        return []
    return list(Patient.objects.filter(known).distinct().select_related("site").order_by("id"))


def who_may_care(patient: Patient) -> QuerySet[Membership]:
    """Who can be taken into the patient's care team, and in which role: staff of the site who read charts."""
    return access.memberships_at(patient.site_id, *CARING)


def care_team_of(patient: Patient) -> QuerySet[CareTeamMember]:
    """Who cares for the patient now, by name."""
    members = CareTeamMember.objects.filter(patient=patient, ended_at__isnull=True)
    return members.select_related("user", "patient").order_by("user__full_name", "id")


def team_member(patient: Patient, member_id: UUID) -> CareTeamMember:
    """One member of the patient's present team. Raises `NotFound`."""
    found = care_team_of(patient).filter(public_id=member_id).first()
    if found is None:
        raise NotFound("This person is not on the care team.")
    return found


def is_on_team_as(user: User, patient: Patient, role: Role) -> bool:
    """Whether `user` is on the patient's care team now, in that role."""
    return care_team_of(patient).filter(user=user, role=role).exists()


def patients_in_team_of(user: User, patients: QuerySet[Patient], role: Role | None = None) -> QuerySet[Patient]:
    """Those of `patients` on whose care team `user` is now, in that role or in any."""
    teams = CareTeamMember.objects.filter(user=user, ended_at__isnull=True)
    if role is not None:
        teams = teams.filter(role=role)
    return patients.filter(pk__in=teams.values("patient"))


def everyone() -> QuerySet[Patient]:
    """All patients of all sites, whoever asks: for the command line and due work only."""
    return Patient.objects.select_related("site").order_by("id")


def patient_named(name: str) -> Patient:
    """The patient with this public id or record number, whoever asks: for the command line only.

    Raises `NotFound`.
    """
    try:
        known = Q(public_id=UUID(name))
    except ValueError:
        known = Q(record_number=name.upper())
    found = Patient.objects.filter(known).select_related("site").first()
    if found is None:
        raise NotFound("There is no such patient.")
    return found


def site_clock_of(patient_id: UUID) -> str | None:
    """The IANA zone of the patient's site, to read and write times by; tells nothing else of them."""
    return Patient.objects.filter(public_id=patient_id).values_list("site__time_zone", flat=True).first()


_OF_ACCOUNT = Prepared(lambda: Patient.objects.filter(user=Given("user")).select_related("site", "user"))


def own_patient(user: User) -> Patient:
    """The patient that `user` is, for pages of the portal; asked once in a request. Raises `NotFound`."""
    if isinstance(user.remembered_self, Patient):
        return user.remembered_self
    found = _OF_ACCOUNT.first(user=user.pk)
    if found is None or found.site_id not in access.sites_where(user, Permission.OWN_RECORD):
        raise NotFound(
            "Your sign-in works, but your clinic has not connected it to your record. Please call them."
        )
    if user.remembered_roles is not None:
        user.remembered_self = found
    return found


def with_account() -> QuerySet[Patient]:
    """Living patients who have an account of their own, of every site: for finding whom an address reaches."""
    found = Patient.objects.filter(user__isnull=False, user__is_active=True, is_deceased=False)
    return found.select_related("site", "user").order_by("id")
