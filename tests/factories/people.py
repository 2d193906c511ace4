"""Patients for tests, registered through the operations."""

from datetime import date, datetime
from itertools import count
from typing import Any

from openkap.apps.access.models import User
from openkap.apps.audit.operations import SystemActor
from openkap.apps.people.details import Details
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import add_to_care_team, register_patient
from openkap.apps.sites.models import Site
from tests.factories.sites import THEN, a_site

_serial = count(1001)  # names are of one length, and none is the beginning of another
SYSTEM = SystemActor()


def some_details(**said: Any) -> Details:
    """Details of a person like no other."""
    usual: dict[str, Any] = {
        "family_name": f"Marsh{next(_serial)}",
        "given_name": "Elena",
        "birth_date": date(1984, 3, 12),
        "sex": "female",
    }
    return Details(**usual | said)


def a_patient(site: Site | None = None, *team: User, now: datetime = THEN, **said: Any) -> Patient:
    """Somebody registered at the site, cared for by `team`."""
    patient = register_patient(
        by=SYSTEM, now=now, site=site or a_site(), details=some_details(**said), is_another_person=True
    )
    for user in team:
        add_to_care_team(by=SYSTEM, now=now, patient=patient, user=user)
    return patient
