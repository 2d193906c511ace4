"""Reaching a person: who is on duty is named, sees it on the screen and is written to."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from openkap.apps.audit.operations import Actor
from openkap.apps.safety.operations.calling import call_on_duty
from openkap.apps.safety.rota import duty_at
from openkap.apps.safety.timing import ladder_of, review_due, timing_at
from openkap.apps.tasks.kinds import AlertKind, TaskKind
from openkap.apps.tasks.operations import About, add_to_alert, open_task, raise_alert
from openkap.core.assessment.risk_timing import ALERT
from openkap.knowledge import KnowledgeSet

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.tasks.models import Alert


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
    """Raise an alert that names whoever is on duty, and call them."""
    duty, timing = duty_at(patient.site, now), timing_at(patient.site, now, known)
    alert = raise_alert(
        by=by,
        now=now,
        kind=AlertKind.SUICIDE_ITEM.value,
        key=key,
        patient=patient,
        severity="now",
        acknowledge_by=now + timedelta(minutes=timing.minutes[ALERT]),
        about=about,
        detail=detail,
        owner=duty.user,
        ladder=ladder_of(timing),
    )
    call_on_duty(alert, duty, now)
    return alert


def look_at_same_day(
    *, by: Actor, now: datetime, patient: "Patient", about: About, detail: str, known: KnowledgeSet
) -> None:
    """Put it on the list that is looked at before the site's day ends."""
    open_task(
        by=by,
        now=now,
        kind=TaskKind.RISK_REVIEW.value,
        key=f"safety-answer:{about.id}",
        site=patient.site,
        due_at=review_due(patient.site, now, timing_at(patient.site, now, known)),
        patient=patient,
        about=about,
        detail=detail,
    )
