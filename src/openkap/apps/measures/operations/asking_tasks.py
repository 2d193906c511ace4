"""Tasks of asks that need staff: what a clinician rates, and patients without pages of their own."""

from datetime import datetime
from typing import TYPE_CHECKING

from openkap.apps.access.roles import Role
from openkap.apps.audit.operations import Actor, SystemActor
from openkap.apps.measures.models import Ask
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.operations import About, open_task, settle_task, withdraw_task

if TYPE_CHECKING:
    from openkap.apps.measures.cadence import Standing


def is_for_patient(row: Ask, standing: "Standing") -> bool:
    """Whether patients can fill it in on their own pages: not a rating, nor a form without words here."""
    return not row.by_clinician and bool(standing.known.instruments[row.instrument_id].items)


def open_task_for(row: Ask, standing: "Standing", now: datetime) -> None:
    """Open its task, if it needs one; in the name of the role the cadence gives it to."""
    if is_for_patient(row, standing) and standing.patient.user_id is not None:
        return
    open_task(
        by=SystemActor(),
        now=now,
        kind=TaskKind.MEASURE_DUE,
        key=_key(row),
        site=row.site,
        patient=row.patient,
        role=_role(row, standing),
        due_at=row.due_at,
        about=About("measure", row.public_id, row.instrument_id),
        detail=standing.known.instruments[row.instrument_id].abbreviation,
    )


def settle_task_of(row: Ask, *, by: Actor, now: datetime) -> None:
    """It was filled in."""
    settle_task(by=by, now=now, key=_key(row))


def withdraw_task_of(row: Ask, *, by: Actor, now: datetime) -> None:
    """It is no longer asked for."""
    withdraw_task(by=by, now=now, key=_key(row))


def _role(row: Ask, standing: "Standing") -> Role | None:
    lines = standing.cadence.lines if standing.cadence else ()
    named = next((line.role for line in lines if line.id == row.line_id), None)
    if named:
        return Role(named)
    return Role.PRESCRIBER if row.by_clinician else None


def _key(row: Ask) -> str:
    """A moved ask opens its task anew: when it is due is part of the key."""
    return f"measure-due:{row.public_id}:{row.due_at:%Y%m%dT%H%MZ}"
