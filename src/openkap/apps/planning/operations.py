"""The only writes of plans and visits."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.assessment import queries as assessment
from openkap.apps.assessment.operations import plan_anyway
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.operations import keep_asks_of
from openkap.apps.people import operations as people
from openkap.apps.people.models import Patient
from openkap.apps.people.stages import Indication, Stage
from openkap.apps.planning import queries
from openkap.apps.planning.chores import open_chores, settle_chores
from openkap.apps.planning.compiling import FARTHEST, Choices, check_days, columns_of, preview
from openkap.apps.planning.models import Move, Plan, Visit
from openkap.apps.planning.permissions import check_may_plan, check_may_schedule
from openkap.apps.planning.states import OVER, PlanState, VisitState, plan_after, visit_after
from openkap.apps.safety.queries import holds_dosing
from openkap.core.planning import CannotPlan, PlannedVisit, PlannedVisits
from openkap.errors import BadInput, NotAllowedNow
from openkap.knowledge.schema.protocol import Protocol, VisitKind

if TYPE_CHECKING:
    from openkap.apps.assessment.models import Episode


@transaction.atomic
def start_plan(
    *,
    by: User,
    now: datetime,
    patient: Patient,
    protocol_id: str,
    start: date,
    choices: Choices | None = None,
    override_reason: str = "",
) -> Plan:
    """Compile the protocol into dated visits and start treatment by it.

    `start` is the local date from which visits may lie. The plan rests on the signed decision that treatment
    may be planned, which must still hold, or on `override_reason`, kept as an override. Raises `Refused`;
    `NotAllowedNow` without an episode or decision, while the assessment blocks, with another plan active, or
    from a protocol not signed off; `BadInput` for a start in the past; `CannotPlan` when no dates satisfy it.
    """
    check_may_plan(by, patient)
    _check_risk(patient)
    check_days(start, choices or Choices(), _today(patient, now))
    episode = _episode(patient)
    protocol = queries.usable_protocol(patient.site, now, protocol_id)
    _check_assessed_for(episode, protocol)
    _check_decided(by, now, episode, override_reason)
    compiled = preview(protocol, patient.site, start, choices or Choices())
    try:
        with transaction.atomic():
            plan = _create_plan(episode, protocol, by=by, now=now, start=start, choices=choices or Choices())
    except IntegrityError as error:
        raise NotAllowedNow(_("This patient has an active plan. Stop it before starting another.")) from error
    _create_visits(plan, compiled)
    people.note_stage(by=by, now=now, patient=patient, stage=Stage.PREPARATION)
    details = {"protocol": protocol.id, "version": protocol.version, "visits": len(compiled.visits)}
    audit.record(by=by, now=now, action="planning.start", subject=_of_plan(plan), details=details)
    keep_asks_of(now=now, patient=patient)
    return plan


@transaction.atomic
def stop_plan(*, by: User, now: datetime, plan: Plan, reason: str) -> Plan:
    """End the plan before its time and cancel what is ahead. Raises `Refused`, `BadInput`, `NotAllowedNow`."""
    check_may_plan(by, plan.patient)
    if not reason.strip():
        raise BadInput(_("Say why the plan is stopped."), field="reason")
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    plan.state = plan_after(plan.state, "stop").value
    for visit in queries.visits_in(plan):
        if VisitState(visit.state) not in OVER:
            _close(visit, "cancel", by=by, now=now, reason=reason.strip())
    _end(plan, by=by, now=now, reason=reason.strip())
    audit.record(by=by, now=now, action="planning.stop", subject=_of_plan(plan))
    keep_asks_of(now=now, patient=plan.patient)
    return plan


@transaction.atomic
def reschedule_visit(
    *, by: User, now: datetime, visit: Visit, on: date, at: time, reason: str = ""
) -> list[Visit]:
    """Move a visit to another local date and time; a dose takes along what hangs on it. Returns all that moved.

    Raises `Refused`, `NotAllowedNow` (state, past), `CannotPlan` where the protocol's spacing forbids it.
    """
    check_may_schedule(by, visit.patient)
    visit = _locked(visit)
    visit_after(visit.state, "move")
    _check_active(visit.plan)
    if on - _today(visit.patient, now) > FARTHEST:
        raise BadInput(_("A visit lies within a year from now."), field="on")
    after = queries.after_move(visit, on, at)
    if after.visit(visit.ordinal).starts_at < now:
        raise NotAllowedNow(_("A visit cannot be moved into the past."))
    moved = [
        _move(row, after.visit(row.ordinal), visit, by=by, now=now, reason=reason.strip())
        for row in queries.visits_in(visit.plan)
        if (row.on, row.at) != (after.visit(row.ordinal).on, after.visit(row.ordinal).at)
    ]
    _check_ahead(moved, now)
    details = {"visits": [row.ordinal for row in moved], "kind": visit.kind}
    audit.record(by=by, now=now, action="planning.move", subject=_of(visit), details=details)
    open_chores(now=now, visits=moved)
    keep_asks_of(now=now, patient=visit.patient)
    return moved


@transaction.atomic
def arrive(*, by: User, now: datetime, visit: Visit) -> Visit:
    """Say that the patient is here. Raises `Refused`, `NotAllowedNow`."""
    check_may_schedule(by, visit.patient)
    visit = _locked(visit)
    visit.state = visit_after(visit.state, "arrive").value
    visit.arrived_at = now
    visit.save(update_fields=["state", "arrived_at"])
    audit.record(by=by, now=now, action="planning.arrive", subject=_of(visit), details={"kind": visit.kind})
    return visit


@transaction.atomic
def complete_visit(*, by: User, now: datetime, visit: Visit) -> Visit:
    """Say that the visit took place. Raises `Refused`, `NotAllowedNow`."""
    check_may_schedule(by, visit.patient)
    visit = _close(_locked(visit), "complete", by=by, now=now)
    if visit.kind == VisitKind.DOSING.value:
        people.note_stage(by=by, now=now, patient=visit.patient, stage=Stage.TREATMENT)
    _complete_plan_if_over(visit.plan, by=by, now=now)
    keep_asks_of(now=now, patient=visit.patient)
    return visit


@transaction.atomic
def cancel_visit(*, by: User, now: datetime, visit: Visit, reason: str) -> Visit:
    """Say that the visit will not take place. Raises `Refused`, `BadInput` (no reason), `NotAllowedNow`."""
    check_may_schedule(by, visit.patient)
    if not reason.strip():
        raise BadInput(_("Say why the visit is cancelled."), field="reason")
    visit = _close(_locked(visit), "cancel", by=by, now=now, reason=reason.strip())
    _complete_plan_if_over(visit.plan, by=by, now=now)
    keep_asks_of(now=now, patient=visit.patient)
    return visit


@transaction.atomic
def miss_visit(*, by: User, now: datetime, visit: Visit, reason: str = "") -> Visit:
    """Say that the patient did not come. Raises `Refused`, `NotAllowedNow` (also before the visit starts)."""
    check_may_schedule(by, visit.patient)
    if now < visit.starts_at:
        raise NotAllowedNow(_("This visit has not started; cancel or move it instead."))
    visit = _close(_locked(visit), "miss", by=by, now=now, reason=reason.strip())
    keep_asks_of(now=now, patient=visit.patient)
    return visit


@transaction.atomic
def open_due_tasks(*, now: datetime) -> int:
    """For the sweep: open the tasks of visits nobody has said anything about.

    Returns how many tasks these visits have; each is opened once, whatever became of it.
    """
    return open_chores(now=now, visits=queries.with_chores(now))


def _episode(patient: Patient) -> "Episode":
    episode = assessment.current_episode(patient)
    if episode is None:
        raise NotAllowedNow(_("Set the indication first: a plan belongs to an episode of care."))
    return episode


def _check_risk(patient: Patient) -> None:
    """At high suicide risk nothing is planned but where a psychiatrist decided so; no reason sets it aside."""
    if holds_dosing(patient) is not None:
        raise NotAllowedNow(_("Suicide risk holds dosing, so no doses are planned. See the Safety page."))


def _check_decided(by: User, now: datetime, episode: "Episode", override_reason: str) -> None:
    """A plan rests on a signed decision that still holds, or on somebody's recorded reason to go on without."""
    match assessment.may_be_planned(episode, now):
        case assessment.Planning.DECIDED:
            return
        case assessment.Planning.BLOCKED:
            raise NotAllowedNow(
                _("The assessment blocks treatment. Resolve its findings, or override them, before planning.")
            )
        case assessment.Planning.DECLINED:
            raise NotAllowedNow(_("The assessment was signed with the decision: no ketamine."))
        case assessment.Planning.OUTDATED if not override_reason.strip():
            raise NotAllowedNow(
                _("Something is needed since the assessment was signed. Look at it again before planning."),
                field="override_reason",
            )
        case assessment.Planning.UNDECIDED if not override_reason.strip():
            raise NotAllowedNow(
                _("Nobody has signed that treatment may be planned. Sign that first, or say why not."),
                field="override_reason",
            )
    plan_anyway(by=by, now=now, episode=episode, reason=override_reason)


def _check_assessed_for(episode: "Episode", protocol: Protocol) -> None:
    """An assessment for one treatment says nothing about another; acute danger has protocols of its own."""
    if episode.indication == Indication.MDD_SI and Indication.MDD_SI.value not in protocol.indications:
        raise NotAllowedNow(
            _("Depression with acute suicidal thoughts has protocols of its own. Choose one described for it.")
        )
    if (episode.drug, episode.route) != (protocol.drug.value, protocol.route.value):
        raise NotAllowedNow(
            _("The assessment was made for %(drug)s, %(route)s. Change it before planning with this protocol.")
            % {"drug": episode.get_drug_display(), "route": episode.get_route_display()}
        )


def _today(patient: Patient, now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def _create_plan(
    episode: "Episode", protocol: Protocol, *, by: User, now: datetime, start: date, choices: Choices
) -> Plan:
    patient = episode.patient
    knowledge = knowledge_for(patient.site, now)
    return Plan.objects.create(
        site=patient.site,
        patient=patient,
        episode=episode,
        protocol_id=protocol.id,
        protocol_version=protocol.version,
        knowledge_versions={
            protocol.id: protocol.version,
            protocol.monitoring: knowledge.monitoring[protocol.monitoring].version,
        },
        started_on=start,
        time_zone=patient.site.time_zone,
        calendar=choices.as_json(),
        created_at=now,
        created_by=by,
    )


def _create_visits(plan: Plan, compiled: PlannedVisits) -> None:
    Visit.objects.bulk_create(
        Visit(
            plan=plan,
            site_id=plan.site_id,
            patient_id=plan.patient_id,
            ordinal=visit.ordinal,
            kind=visit.kind.value,
            around=visit.around,
            dose_number=visit.dose_number,
            time_zone=plan.time_zone,
            measures=list(visit.measures),
            at_a_distance=visit.at_a_distance,
            **columns_of(visit),
        )
        for visit in compiled.visits
    )


def _move(row: Visit, to: PlannedVisit, because_of: Visit, *, by: User, now: datetime, reason: str) -> Visit:
    settle_chores(row, by=by, now=now)  # before it moves: its tasks are found by its old time
    Move.objects.create(
        visit=row,
        from_on=row.on,
        from_at=row.at,
        to_on=to.on,
        to_at=to.at,
        because_of=None if row.pk == because_of.pk else because_of,
        reason=reason,
        moved_at=now,
        moved_by=by,
    )
    for name, value in columns_of(to).items():
        setattr(row, name, value)
    row.state, row.closed_at, row.closed_by = visit_after(row.state, "move").value, None, None
    row.save(update_fields=[*columns_of(to), "state", "closed_at", "closed_by"])
    return row


def _check_ahead(moved: list[Visit], now: datetime) -> None:
    if any(row.starts_at < now for row in moved):
        raise CannotPlan(_("This would put a visit that hangs on it into the past. Choose a later time."))


def _check_active(plan: Plan) -> None:
    if plan.state != PlanState.ACTIVE.value:
        raise NotAllowedNow(_("This plan has ended; its visits stay where they were."))


def _locked(visit: Visit) -> Visit:
    Plan.objects.select_for_update().get(pk=visit.plan_id)
    return queries.visit_by_id(visit.pk)


def _close(visit: Visit, verb: str, *, by: User, now: datetime, reason: str = "") -> Visit:
    visit.state = visit_after(visit.state, verb).value
    visit.closed_at, visit.closed_by, visit.close_reason = now, by, reason
    visit.save(update_fields=["state", "closed_at", "closed_by", "close_reason"])
    details = {"kind": visit.kind, "dose": visit.dose_number}
    audit.record(by=by, now=now, action=f"planning.{verb}-visit", subject=_of(visit), details=details)
    settle_chores(visit, by=by, now=now)
    return visit


def _complete_plan_if_over(plan: Plan, *, by: User, now: datetime) -> None:
    ahead = Visit.objects.filter(plan=plan).exclude(state__in=[state.value for state in OVER])
    if plan.state != PlanState.ACTIVE.value or ahead.exists():
        return
    plan.state = plan_after(plan.state, "complete").value
    _end(plan, by=by, now=now)
    people.note_stage(by=by, now=now, patient=plan.patient, stage=Stage.FOLLOW_UP)
    audit.record(by=by, now=now, action="planning.complete", subject=_of_plan(plan))


def _end(plan: Plan, *, by: User, now: datetime, reason: str = "") -> None:
    plan.ended_at, plan.ended_by, plan.end_reason = now, by, reason
    plan.save(update_fields=["state", "ended_at", "ended_by", "end_reason"])


def _of(visit: Visit) -> Subject:
    return Subject("visit", visit.public_id, visit.patient.public_id, visit.site_id)


def _of_plan(plan: Plan) -> Subject:
    return Subject("plan", plan.public_id, plan.patient.public_id, plan.site_id)
