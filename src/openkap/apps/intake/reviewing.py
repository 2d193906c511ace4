"""Taking an intake into the record: each thing is accepted, changed or refused by a person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.chart import operations as chart
from openkap.apps.intake import queries
from openkap.apps.intake.models import Decision, Intake, IntakeState
from openkap.apps.intake.permissions import check_may_review
from openkap.apps.intake.queries import Point
from openkap.apps.intake.topics import Goes
from openkap.apps.people import operations as people
from openkap.apps.people.details import details_of
from openkap.apps.tasks.operations import settle_task
from openkap.errors import BadInput, NotAllowedNow

LONGEST_DETAIL = 1000


@dataclass(frozen=True)
class Verdict:
    """What the reviewer says about one point: `text` as it shall stand in the record, `more` what goes with it.

    `more` is since when (conditions), how much and how often (medicines), or what happens (allergies).
    """

    take: bool
    text: str = ""
    more: str = ""


@transaction.atomic
def decide(*, by: User, now: datetime, intake: Intake, verdicts: Mapping[str, Verdict]) -> int:
    """Decide on points by their keys; what is left out waits. Returns how many still wait.

    Details are changed in one version, facts enter the chart as told by the patient, own words are kept. With
    the last decision the intake is reviewed and its task done. Raises `Refused`, `BadInput` (nothing is taken
    then), `NotAllowedNow` when it was not handed in, or a point was decided already.
    """
    check_may_review(by, intake)
    locked = Intake.objects.select_for_update().get(pk=intake.pk)
    if locked.state != IntakeState.SENT:
        raise NotAllowedNow(_("Only what was handed in can be reviewed, and only once."))
    points = {point.key: point for _topic, found in queries.points_of(intake) for point in found}
    chosen = [(_open_point(points, key), verdict) for key, verdict in verdicts.items()]
    _change_details(by, now, intake, chosen)
    for point, verdict in chosen:
        _decide_one(by, now, intake, point, verdict)
    waiting = sum(point.decision is None for point in points.values()) - len(chosen)
    if not waiting:
        _close(by, now, locked)
    return waiting


def _open_point(points: Mapping[str, Point], key: str) -> Point:
    point = points.get(key)
    if point is None:
        raise BadInput(_("There is no such answer in this intake."))
    if point.decision is not None:
        raise NotAllowedNow(_("Somebody decided on this already. Look again before you go on."))
    return point


def _change_details(by: User, now: datetime, intake: Intake, chosen: list[tuple[Point, Verdict]]) -> None:
    new = {
        point.field.name: verdict.text.strip()
        for point, verdict in chosen
        if point.field.goes is Goes.DETAILS and verdict.take
    }
    if any(len(text) > LONGEST_DETAIL for text in new.values()):
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST_DETAIL})
    if new:
        details = replace(details_of(intake.patient), **new)  # type: ignore[arg-type]
        people.change_details(by=by, now=now, patient=intake.patient, details=details)


def _decide_one(by: User, now: datetime, intake: Intake, point: Point, verdict: Verdict) -> None:
    row_id = _into_chart(by, now, intake, point, verdict) if verdict.take else None
    taken = verdict.text.strip() if verdict.take else ""
    is_changed = taken != point.said or bool(verdict.more)
    outcomes = Decision.Outcome
    outcome = outcomes.REFUSED
    if verdict.take:
        outcome = outcomes.CHANGED if is_changed else outcomes.ACCEPTED
    Decision.objects.create(
        site_id=intake.site_id,
        patient=intake.patient,
        recorded_at=now,
        recorded_by=by,
        intake=intake,
        field=point.field.name,
        line=point.line,
        outcome=outcome,
        said=point.said,
        taken=taken,
        row_id=row_id,
    )
    audit.record(
        by=by,
        now=now,
        action="intake.decide",
        subject=audit.Subject("intake", intake.public_id, intake.patient.public_id, intake.site_id),
        details={"field": point.field.name, "outcome": outcome.value},
    )


def _into_chart(by: User, now: datetime, intake: Intake, point: Point, verdict: Verdict) -> UUID | None:
    """The new fact of the chart, where the answer goes there."""
    patient, text, more = intake.patient, verdict.text, verdict.more
    match point.field.goes:
        case Goes.CONDITIONS:
            return chart.take_condition(by=by, now=now, patient=patient, text=text, since=more).public_id
        case Goes.MEDICINES:
            return chart.take_medication(by=by, now=now, patient=patient, text=text, dosage=more).public_id
        case Goes.ALLERGIES:
            return chart.take_allergy(by=by, now=now, patient=patient, text=text, reactions=more).public_id
        case Goes.NO_ALLERGIES:
            return chart.take_no_allergies(by=by, now=now, patient=patient).public_id
        case _:
            return None


def _close(by: User, now: datetime, intake: Intake) -> None:
    intake.state, intake.closed_at, intake.closed_by = IntakeState.REVIEWED, now, by
    intake.save(update_fields=["state", "closed_at", "closed_by"])
    subject = audit.Subject("intake", intake.public_id, intake.patient.public_id, intake.site_id)
    audit.record(by=by, now=now, action="intake.review", subject=subject)
    settle_task(by=by, now=now, key=f"intake-{intake.public_id}")
