"""Calling people: the chart is opened to them, and they are written to in every way they can be reached.

A call belongs to a wave of its alert: 0 is whoever is on duty, n the n-th role it went on to, and after the
last 'again-n'. What was written is known by the keys of the messages, so that calling twice writes once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import CARING, Permission, Role
from openkap.apps.audit.operations import SystemActor
from openkap.apps.messages.operations import call_staff
from openkap.apps.people.operations import add_to_care_team
from openkap.apps.people.queries import care_team_of, patients_for

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.safety.rota import Duty
    from openkap.apps.sites.models import Site
    from openkap.apps.tasks.models import Alert, Task

WORTH_SENDING = timedelta(hours=12)  # a message that arrives later tells nobody anything new


def call_on_duty(alert: "Alert", duty: "Duty", now: datetime) -> None:
    """Call who is named; where nobody is, who stands for the site."""
    call(alert, [duty.user] if duty.user else who_stands_for(alert.site), "0", now)


def call(alert: "Alert", people: Iterable[User], wave: str, now: datetime) -> None:
    """Open the chart to these people and write to them, each once in a wave."""
    for user in people:
        let_see(user, alert.patient, now)
        call_staff(
            by=SystemActor(),
            now=now,
            user=user,
            site=alert.site,
            wording="staff-needed",
            key=f"{prefix_of(alert, wave)}{user.pk}",
            not_after=now + WORTH_SENDING,
        )


def call_for_missed(task: "Task", role: Role, now: datetime) -> None:
    """Call those of a role because a step was missed and has come to them."""
    assert task.patient is not None  # noqa: S101  every step of the pathway is about a patient
    for user in people_of_role(task.patient, role):
        let_see(user, task.patient, now)
        call_staff(
            by=SystemActor(),
            now=now,
            user=user,
            site=task.site,
            wording="staff-overdue",
            key=f"{prefix_of_missed(task, role)}{user.pk}",
            not_after=now + WORTH_SENDING,
        )


def prefix_of(alert: "Alert", wave: str) -> str:
    """How the keys of all messages of a wave begin."""
    return f"{prefix_of_all(alert)}{wave}:"


def prefix_of_all(alert: "Alert") -> str:
    """How the keys of all messages about an alert begin."""
    return f"risk-alert:{alert.public_id}:"


def prefix_of_missed(task: "Task", role: Role) -> str:
    """How the keys of the messages about a missed step begin."""
    return f"risk-task:{task.public_id}:{role.value}:"


def let_see(user: User, patient: "Patient", now: datetime) -> None:
    """Open the chart to whoever is called: those who cannot see it yet join the care team, for all to see."""
    if not patients_for(user, Permission.CHART_READ).filter(pk=patient.pk).exists():
        add_to_care_team(by=SystemActor(), now=now, patient=patient, user=user)


def who_stands_for(site: "Site") -> list[User]:
    """Who is called where the rota names nobody: the medical directors; else prescribers; else anyone."""
    for roles in ((Role.MEDICAL_DIRECTOR,), (Role.PRESCRIBER,), CARING):
        if people := _holding(site.pk, *roles):
            return people
    return []


def people_of_role(patient: "Patient", role: Role) -> list[User]:
    """Those who hold the role: of the patient's care team if any do, else of the site."""
    holding = _holding(patient.site_id, role)
    team = {member.user_id for member in care_team_of(patient)}
    return [user for user in holding if user.pk in team] or holding


def _holding(site_id: int, *roles: Role) -> list[User]:
    return list({row.user_id: row.user for row in access.memberships_at(site_id, *roles)}.values())
