"""Patients, always as far as the viewer may see them."""

from uuid import UUID

from django.db.models import Q, QuerySet

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import ROLES, SITE_WIDE, Permission, Role
from openkap.apps.people.models import Patient
from openkap.errors import NotFound


def patients_for(viewer: User, permission: Permission) -> QuerySet[Patient]:
    """Patients on whom `viewer` holds `permission`: by a site-wide role, by care team, or being the patient."""
    everywhere: set[int] = set()
    in_team: set[int] = set()
    for site, roles in access.roles_of(viewer).items():
        granting = {role for role in roles if permission in ROLES[role]}
        if granting & SITE_WIDE:
            everywhere.add(site)
        elif granting - {Role.PATIENT}:
            in_team.add(site)
    reach = Q(site__in=everywhere) | Q(
        site__in=in_team, care_team__user=viewer, care_team__ended_at__isnull=True
    )
    if permission is Permission.OWN_RECORD:
        reach |= Q(user=viewer)
    return Patient.objects.filter(reach).distinct()


def patient_for(viewer: User, patient_id: UUID, permission: Permission) -> Patient:
    """The patient, if `viewer` holds `permission` on them. Raises `NotFound`, hinting at nobody."""
    patient = patients_for(viewer, permission).filter(public_id=patient_id).select_related("site").first()
    if patient is None:
        raise NotFound("There is no such patient, or you are not on their care team.")
    return patient
