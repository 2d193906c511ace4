"""Tasks and alerts for tests, opened through the operations; a patient with a team to have them about."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.operations import SystemActor
from openkap.apps.people.details import Details
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import add_to_care_team, register_patient
from openkap.apps.sites.models import Site
from openkap.apps.tasks import operations
from openkap.apps.tasks.kinds import AlertKind, TaskKind
from openkap.apps.tasks.models import Alert, Task
from tests.factories.access import a_user
from tests.factories.sites import THEN, a_site

_serial = count(1001)  # names are of one length, and none is the beginning of another
SYSTEM = SystemActor()


@dataclass(frozen=True)
class CaredFor:
    """A patient and the people who care for them, one of each clinical role."""

    patient: Patient
    site: Site
    prescriber: User
    therapist: User
    monitor: User
    coordinator: User
    medical_director: User


def cared_for(site: Site | None = None, now: datetime = THEN) -> CaredFor:
    """A registered patient with a whole care team."""
    where = site or a_site()
    patient = a_patient(where, now)
    people = {role: a_user(role, site=where) for role in (
        Role.PRESCRIBER, Role.THERAPIST, Role.MONITOR, Role.COORDINATOR, Role.MEDICAL_DIRECTOR
    )}  # fmt: skip
    for role, user in people.items():
        add_to_care_team(by=SYSTEM, now=now, patient=patient, user=user, role=role)
    return CaredFor(patient, where, *people.values())


def a_patient(site: Site, now: datetime = THEN) -> Patient:
    """Somebody registered at the site."""
    number = next(_serial)
    details = Details(
        family_name=f"Quill{number}", given_name="Rowan", birth_date=date(1984, 3, 12), sex="female"
    )
    return register_patient(by=SYSTEM, now=now, site=site, details=details)


def a_task(cared: CaredFor, *, key: str = "", due_in: timedelta = timedelta(days=1), **more: object) -> Task:
    """An open task about the patient."""
    given: dict[str, object] = {"kind": TaskKind.MEASURE_DUE, "patient": cared.patient} | more
    return operations.open_task(
        by=SYSTEM,
        now=THEN,
        key=key or f"test:{next(_serial)}",
        site=cared.site,
        due_at=THEN + due_in,
        **given,  # type: ignore[arg-type]
    )


def an_alert(cared: CaredFor, *, key: str = "", answer_in: timedelta = timedelta(minutes=10)) -> Alert:
    """An unanswered alert about the patient."""
    return operations.raise_alert(
        by=SYSTEM,
        now=THEN,
        kind=AlertKind.SUICIDE_ITEM,
        key=key or f"test:{next(_serial)}",
        patient=cared.patient,
        severity="now",
        acknowledge_by=THEN + answer_in,
        detail="made-up words that stay out of the trail",
    )
