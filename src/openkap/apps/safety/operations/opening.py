"""Opening what a level brings with it: steps with an owner and a deadline, and the psychiatrist's decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Actor, Subject
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.safety.knowing import steps_for
from openkap.apps.safety.models import Opening
from openkap.apps.safety.rota import duty_at
from openkap.apps.safety.timing import timing_at
from openkap.apps.tasks import queries as tasks
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.operations import About, open_task, withdraw_task
from openkap.core.assessment.suicide_risk import Level
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.risk_pathway import Opens, Step

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from openkap.apps.people.models import Patient
    from openkap.apps.tasks.models import Task

BRIEF = "brief-assessment"


@dataclass(frozen=True)
class Cause:
    """What opened it: a 'screen' or a 'result', by its public id."""

    kind: str
    id: UUID


def open_pathway(
    *,
    by: Actor,
    now: datetime,
    patient: "Patient",
    cause: Cause,
    level: Level,
    sets: list[Opens],
    known: KnowledgeSet,
) -> Opening:
    """Open the steps of `sets`, each once, and the decision where one of them asks for it; twice is once.

    A step that is open already for this patient is not opened again; one that was due later gives way to it.
    """
    steps, decide_within = steps_for(known, sets, timing_at(patient.site, now, known))
    opening, is_new = Opening.objects.get_or_create(
        cause_id=cause.id,
        sets=",".join(one.value for one in sets),
        defaults={
            "site_id": patient.site_id,
            "patient": patient,
            "recorded_at": now,
            "recorded_by": by if isinstance(by, User) else None,
            "cause_kind": cause.kind,
            "level": level.value,
            "steps": [step.id for step in steps.values() if not _waits_already(patient, step, now)],
            "asks_decision": decide_within is not None,
        },
    )
    if is_new:
        _withdraw_later(by, now, opening, sets)
        subject = Subject("pathway", opening.public_id, patient.public_id, patient.site_id)
        audit.record(
            by=by, now=now, action="safety.open-pathway", subject=subject, details={"sets": opening.sets}
        )
    open_tasks(opening, by=by, known=known)
    return opening


def _waits_already(patient: "Patient", step: Step, now: datetime) -> bool:
    """Whether the same step waits for somebody, and is due no later."""
    due = now + timedelta(minutes=step.within_minutes)
    return _open_steps(patient).filter(about_code=step.id, due_at__lte=due).exists()


def _withdraw_later(by: Actor, now: datetime, opening: Opening, sets: list[Opens]) -> None:
    """What is opened sooner takes the place of what was due later; an evaluation, of a brief assessment."""
    replaced = [*opening.steps, BRIEF] if Opens.ACUTE in sets else opening.steps
    for task in _open_steps(opening.patient).filter(about_code__in=replaced):
        withdraw_task(by=by, now=now, key=task.key)


def _open_steps(patient: "Patient") -> "QuerySet[Task]":
    return tasks.open_tasks_about(patient).filter(kind=TaskKind.RISK_STEP.value)


def open_tasks(opening: Opening, *, by: Actor, known: KnowledgeSet | None = None) -> None:
    """Open the tasks of an opening, counted from when it opened; those that were opened stay as they are."""
    patient, began = opening.patient, opening.recorded_at
    known = known or knowledge_for(patient.site, began)
    sets = [Opens(one) for one in opening.sets.split(",")]
    steps, decide_within = steps_for(known, sets, timing_at(patient.site, began, known))
    called = duty_at(patient.site, began).user  # on duty, or whom the site names when nobody is
    for step in (steps[name] for name in opening.steps if name in steps):
        _open_step(opening, step, by=by, on_duty=called)
    if decide_within is not None:
        open_task(
            by=by,
            now=began,
            kind=TaskKind.RISK_DECISION.value,
            key=decision_key(opening),
            site=patient.site,
            patient=patient,
            due_at=began + timedelta(minutes=decide_within),
            about=About("risk", opening.public_id, "decision"),
        )


def _open_step(opening: Opening, step: Step, *, by: Actor, on_duty: User | None) -> None:
    open_task(
        by=by,
        now=opening.recorded_at,
        kind=TaskKind.RISK_STEP.value,
        key=f"risk-step:{opening.public_id}:{step.id}",
        site=opening.patient.site,
        patient=opening.patient,
        due_at=opening.recorded_at + timedelta(minutes=step.within_minutes),
        owner=on_duty if step.on_duty else None,
        role=Role(step.role),
        escalate_to=Role(step.escalate_to) if step.escalate_to else None,
        about=About("risk", opening.public_id, step.id),
        detail=step.words.en,
    )


def decision_key(opening: Opening) -> str:
    """The key of the task that asks for the decision on an opening."""
    return f"risk-decision:{opening.public_id}"
