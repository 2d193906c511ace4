"""Reaching a person: who is on duty is named, sees it on the screen and is written to."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission, Role
from openkap.apps.audit.operations import Actor, SystemActor
from openkap.apps.messages.operations import write_to_staff
from openkap.apps.people.operations import add_to_care_team
from openkap.apps.people.queries import patients_for
from openkap.apps.safety.rota import Duty, duty_at
from openkap.apps.tasks.kinds import AlertKind, TaskKind
from openkap.apps.tasks.operations import About, add_to_alert, open_task, raise_alert
from openkap.knowledge import KnowledgeSet

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.tasks.models import Alert

WORTH_SENDING = timedelta(hours=12)  # a message that arrives later tells nobody anything new


def interrupt(
    *,
    by: Actor,
    now: datetime,
    patient: "Patient",
    about: About,
    detail: str,
    keys: list[str],
    known: KnowledgeSet,
) -> str:
    """Raise one alert for all that a questionnaire says, or say more in the one nobody has answered yet.

    `keys`: of the alerts it raised before; what comes after they were answered raises another. Returns its key.
    """
    if keys and add_to_alert(by=by, now=now, key=keys[-1], detail=detail) is not None:
        return keys[-1]
    first = f"safety-answer:{about.id}"
    key = f"{first}:{len(set(keys)) + 1}" if keys else first
    raise_named(by=by, now=now, patient=patient, key=key, about=about, detail=detail, known=known)
    return key


def raise_named(
    *, by: Actor, now: datetime, patient: "Patient", key: str, about: About, detail: str, known: KnowledgeSet
) -> "Alert":
    """Raise an alert that names whoever is on duty, and write to them."""
    duty = duty_at(patient.site, now)
    patience = min(record.answer_alert_within_minutes for record in known.risk_responses.values())
    alert = raise_alert(
        by=by,
        now=now,
        kind=AlertKind.SUICIDE_ITEM.value,
        key=key,
        patient=patient,
        severity="now",
        acknowledge_by=now + timedelta(minutes=patience),
        about=about,
        detail=detail,
        owner=duty.user,
    )
    call(alert, duty, now)
    return alert


def call(alert: "Alert", duty: Duty, now: datetime) -> None:
    """Open the chart to who is named, and write to them; where the rota names nobody, to the medical directors.

    A site that keeps no rota at all is told so on its pages; its alerts go to the care team and up the ladder.
    """
    if not duty.is_set_up:
        return
    people = [duty.user] if duty.user else _directors(alert.site_id)
    for user in people:
        let_see(user, alert.patient, now)
        write_to_staff(
            by=SystemActor(),
            now=now,
            user=user,
            site=alert.site,
            wording="staff-needed",
            key=f"risk-alert:{alert.public_id}:{user.pk}",
            not_after=now + WORTH_SENDING,
        )


def let_see(user: User, patient: "Patient", now: datetime) -> None:
    """Open the chart to whoever is called: those who cannot see it yet join the care team, for all to see."""
    if not patients_for(user, Permission.CHART_READ).filter(pk=patient.pk).exists():
        add_to_care_team(by=SystemActor(), now=now, patient=patient, user=user)


def look_at_same_day(*, by: Actor, now: datetime, patient: "Patient", about: About, detail: str) -> None:
    """Put it on the list that is looked at before the site's day ends."""
    open_task(
        by=by,
        now=now,
        kind=TaskKind.RISK_REVIEW.value,
        key=f"safety-answer:{about.id}",
        site=patient.site,
        due_at=_end_of_day(patient, now),
        patient=patient,
        about=about,
        detail=detail,
    )


def _directors(site_id: int) -> list[User]:
    return [row.user for row in access.memberships_at(site_id, Role.MEDICAL_DIRECTOR).select_related("user")]


def _end_of_day(patient: "Patient", now: datetime) -> datetime:
    """The end of the site's day: 'same day' is the clinic's, not Greenwich's."""
    zone = ZoneInfo(patient.site.time_zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone)
