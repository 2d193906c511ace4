"""Filling in an intake. Taking it into the record is in `reviewing`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.intake import queries
from openkap.apps.intake.models import Answer, Intake, IntakeState
from openkap.apps.intake.permissions import check_may_fill_in
from openkap.apps.intake.topics import FIELDS, LONGEST, MOST_LINES, Field
from openkap.apps.messages.channels import Channel
from openkap.apps.people import operations as people
from openkap.apps.people.permissions import check_on_patient
from openkap.apps.portal import operations as portal
from openkap.apps.portal.models import PortalLink
from openkap.apps.tasks.operations import About, open_task
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

REVIEWED_WITHIN = timedelta(days=2)  # a convention: a task, not a rule about care


@transaction.atomic
def begin_intake(*, by: audit.Actor, now: datetime, patient: "Patient") -> Intake:
    """Begin an intake, or return the one that is under way. Raises `Refused`."""
    check_on_patient(by, patient, Permission.PATIENT_REGISTER)
    people.lock(patient)
    found = queries.current_intake(patient)
    if found is not None:
        return found
    intake = Intake.objects.create(
        site_id=patient.site_id, patient=patient, begun_at=now, begun_by=by if isinstance(by, User) else None
    )
    audit.record(by=by, now=now, action="intake.begin", subject=_subject(intake))
    return intake


@transaction.atomic
def invite_to_intake(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    channel: Channel,
    language: str,
    is_demonstration: bool = False,
) -> PortalLink:
    """Invite the patient to their own pages, where an intake waits. Both or neither; raises as they do."""
    begin_intake(by=by, now=now, patient=patient)
    return portal.invite(
        by=by, now=now, patient=patient, channel=channel, language=language, is_demonstration=is_demonstration
    )


@transaction.atomic
def keep_answers(*, by: User, now: datetime, intake: Intake, answers: Mapping[str, str]) -> None:
    """Keep what was typed, field by field; others stay as they are. Not audited one by one: sending is.

    Raises `Refused`, `BadInput`, `NotAllowedNow` once it was sent.
    """
    check_may_fill_in(by, intake)
    checked = {name: _checked(name, value) for name, value in answers.items()}
    _lock_open(intake)
    for name, value in checked.items():
        Answer.objects.update_or_create(
            intake=intake, field=name, defaults={"value": value, "saved_at": now, "saved_by": by}
        )


@transaction.atomic
def send_intake(*, by: User, now: datetime, intake: Intake) -> Intake:
    """Hand it in: a coordinator is asked to review it. Twice is once. Raises `Refused`, `BadInput`."""
    check_may_fill_in(by, intake)
    locked = Intake.objects.select_for_update().get(pk=intake.pk)
    if locked.state == IntakeState.SENT:
        return locked
    if locked.state != IntakeState.OPEN:
        raise NotAllowedNow(_("This was handed in already."))
    if not any(queries.answers_of(intake).values()):
        raise BadInput(_("Nothing was written yet. Answer what you can, then hand it in."))
    locked.state, locked.sent_at, locked.sent_by = IntakeState.SENT, now, by
    locked.save(update_fields=["state", "sent_at", "sent_by"])
    audit.record(by=by, now=now, action="intake.send", subject=_subject(intake))
    open_task(
        by=by,
        now=now,
        kind="intake-review",
        key=f"intake-{intake.public_id}",
        site=intake.patient.site,
        patient=intake.patient,
        due_at=now + REVIEWED_WITHIN,
        about=About("intake", intake.public_id),
    )
    return locked


@transaction.atomic
def withdraw_intake(*, by: audit.Actor, now: datetime, intake: Intake) -> None:
    """No longer wanted, before it was handed in. Raises `Refused`, `NotAllowedNow`."""
    check_on_patient(by, intake.patient, Permission.PATIENT_REGISTER)
    locked = _lock_open(intake)
    locked.state, locked.closed_at = IntakeState.WITHDRAWN, now
    locked.closed_by = by if isinstance(by, User) else None
    locked.save(update_fields=["state", "closed_at", "closed_by"])
    audit.record(by=by, now=now, action="intake.withdraw", subject=_subject(intake))


def _subject(intake: Intake) -> audit.Subject:
    return audit.Subject("intake", intake.public_id, intake.patient.public_id, intake.site_id)


def _lock_open(intake: Intake) -> Intake:
    locked = Intake.objects.select_for_update().get(pk=intake.pk)
    if locked.state != IntakeState.OPEN:
        raise NotAllowedNow(_("This was handed in already, so it cannot be changed here. Tell your care team."))
    return locked


def _checked(name: str, value: str) -> str:
    field = FIELDS.get(name)
    if field is None:
        raise BadInput(_("There is no such question."), field=name)
    if "\x00" in value or len(value) > LONGEST:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST}, field=name)
    _check_kind(field, value)
    return value


def _check_kind(field: Field, value: str) -> None:
    if field.kind == "lines" and len(queries.lines_in(value)) > MOST_LINES:
        raise BadInput(_("At most %(n)d lines fit here.") % {"n": MOST_LINES}, field=field.name)
    if field.kind == "tick" and value not in {"", "yes"}:
        raise BadInput(_("A box is ticked or not."), field=field.name)
    if field.kind == "choice" and value not in {"", *(code for code, _words in field.choices)}:
        raise BadInput(_("Choose one of the answers."), field=field.name)
