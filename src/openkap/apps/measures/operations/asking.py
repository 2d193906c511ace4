"""Asking: rows are opened, moved, run out and taken back as the cadence has it; people ask, skip and pause.

`keep_asks` looks at everybody and may run at any time, twice, or late. Each patient's rows are written in a
transaction of their own, after another look under the patient's lock.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Actor, Subject, SystemActor
from openkap.apps.measures.cadence import Differences, Standing, differences, standing_of, standings
from openkap.apps.measures.cadence_courses import courses_for
from openkap.apps.measures.models import CONSENT_WITHDRAWN, Ask, AskState, Response
from openkap.apps.measures.operations.asking_tasks import (
    is_for_patient,
    open_task_for,
    settle_task_of,
    withdraw_task_of,
)
from openkap.apps.measures.operations.reminding import WORDING, remind_due
from openkap.apps.measures.permissions import check_may_enter
from openkap.apps.messages.operations import withdraw_waiting
from openkap.apps.people import operations as people
from openkap.apps.people.queries import everyone
from openkap.apps.sites.rows import new_id
from openkap.core.planning import asking as core
from openkap.core.planning.calendar import instant
from openkap.errors import BadInput, NotAllowedNow
from openkap.knowledge.schema.instrument import Respondent

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

ONE_DAY = timedelta(days=1)
FARTHEST = timedelta(days=60)  # by hand one asks for now, not for some day
LONGEST_REASON = 300


def keep_asks(*, now: datetime) -> int:
    """For the sweep: open, move and close what is due by `now` for everybody, then remind. Returns how many."""
    running = set(courses_for(None, now)) | set(
        Ask.objects.filter(state=AskState.ASKED).values_list("patient_id", flat=True)
    )
    patients = list(everyone().filter(pk__in=running).select_related("user"))
    due = [one.patient for one in standings(patients, now) if differences(one, now)]
    return sum(keep_asks_of(now=now, patient=patient) for patient in due) + remind_due(now)


@transaction.atomic
def keep_asks_of(*, now: datetime, patient: "Patient") -> int:
    """The same for one patient, such as after a visit has moved. Returns how many asks changed."""
    people.lock(patient)
    standing = standing_of(patient, now)
    found = differences(standing, now)
    system = SystemActor()
    why = CONSENT_WITHDRAWN if standing.is_withdrawn(now) else ""
    for row in found.expire:
        withdraw_task_of(row, by=system, now=now)
        _close(row, AskState.EXPIRED, now=now)
    for row in found.withdraw:
        withdraw_task_of(row, by=system, now=now)
        row.reason = why
        _close(row, AskState.WITHDRAWN, now=now)
    for row, ask in found.move:
        withdraw_task_of(row, by=system, now=now)
        _move(row, ask)
    opened = Ask.objects.bulk_create(_opened(ask, standing, now) for ask in found.open)
    for row in (*opened, *(row for row, _ask in found.move)):
        open_task_for(row, standing, now)
    if found.withdraw:
        _hold_messages(patient, now)
    _note(standing, found, now)
    return len(found.expire) + len(found.withdraw) + len(found.move) + len(opened)


@transaction.atomic
def close_answered(*, by: Actor, now: datetime, response: Response) -> None:
    """What was filled in answers whatever asks for it, wherever it was filled in.

    An entry of days before the asking, such as from an old record, answers nothing.
    """
    zone = ZoneInfo(response.patient.site.time_zone)
    waiting = Ask.objects.filter(
        patient_id=response.patient_id, instrument_id=response.instrument_id, state=AskState.ASKED
    )
    for row in waiting:
        if response.administered_at.astimezone(zone).date() < row.opens_at.astimezone(zone).date():
            continue
        row.response = response
        settle_task_of(row, by=by, now=now)
        _close(row, AskState.ANSWERED, now=now, by=by)
    _hold_messages(response.patient, now)


@transaction.atomic
def ask_now(
    *, by: Actor, now: datetime, patient: "Patient", instrument_id: str, until: date, reason: str
) -> Ask:
    """Ask for one questionnaire besides the cadence, open now and up to the end of `until` at the site.

    Raises `Refused`; `BadInput` for an unknown one, a day that is past or far ahead, or no reason;
    `NotAllowedNow` while it is asked for already.
    """
    check_may_enter(by, patient)
    people.lock(patient)
    standing = standing_of(patient, now)
    instrument = standing.known.instruments.get(instrument_id)
    if instrument is None:
        raise BadInput(_("There is no questionnaire of that name."), field="instrument")
    if any(row.instrument_id == instrument_id for row in standing.open_rows):
        raise NotAllowedNow(_("This questionnaire is asked for already."))
    zone = ZoneInfo(patient.site.time_zone)
    today = now.astimezone(zone).date()
    if not today <= until <= today + FARTHEST:
        raise BadInput(_("Choose a day from today on, within two months."), field="until")
    end = instant(until + ONE_DAY, time.min, zone)
    row = Ask.objects.create(
        site_id=patient.site_id,
        patient=patient,
        key=f"by-hand:{new_id()}",
        day=until,
        instrument_id=instrument_id,
        by_clinician=instrument.respondent is Respondent.CLINICIAN,
        opens_at=now,
        due_at=end,
        expires_at=end,
        asked_at=now,
        asked_by=by if isinstance(by, User) else None,
        reason=checked_reason(reason),
    )
    audit.record(by=by, now=now, action="measures.ask", subject=_of(row), details={"instrument": instrument_id})
    open_task_for(row, standing, now)
    return row


@transaction.atomic
def skip_ask(*, by: User, now: datetime, patient: "Patient", key: str, day: date, reason: str) -> Ask:
    """Not ask this once, whether it is open or still to come.

    Raises `Refused`, `BadInput` without a reason, `NotAllowedNow` when it is over or no longer planned.
    """
    check_may_enter(by, patient)
    reason = checked_reason(reason)
    people.lock(patient)
    standing = standing_of(patient, now)
    row = next((one for one in standing.open_rows if one.key == key), None)
    if row is None:
        ask = next((one for one in standing.wanted if one.key == key and one.day == day), None)
        if ask is None or ask.expires <= now or standing.settled(ask):
            raise NotAllowedNow(_("This questionnaire is not asked for any more."))
        row = _opened(ask, standing, now)
        row.save()
    row.reason = reason
    _close(row, AskState.WITHDRAWN, now=now, by=by)
    withdraw_task_of(row, by=by, now=now)
    details = {"instrument": row.instrument_id}
    audit.record(by=by, now=now, action="measures.skip-ask", subject=_of(row), details=details)
    return row


@transaction.atomic
def skip_asks(
    *, by: User, now: datetime, patient: "Patient", days: Mapping[str, date], reason: str
) -> list[Ask]:
    """The same for several, by key and day: all or none."""
    return [
        skip_ask(by=by, now=now, patient=patient, key=key, day=day, reason=reason) for key, day in days.items()
    ]


def checked_reason(reason: str) -> str:
    """The reason as it is kept. Raises `BadInput` where there is none."""
    reason = " ".join(reason.split())
    if not reason:
        raise BadInput(_("Say why."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST_REASON}, field="reason")
    return reason


def take_back_open(
    *, by: User, now: datetime, standing: Standing, reason: str, instrument_id: str = ""
) -> None:
    """Take back what is open now, all of it or one instrument's."""
    for row in standing.open_rows:
        if instrument_id in {"", row.instrument_id}:
            row.reason = reason
            _close(row, AskState.WITHDRAWN, now=now, by=by)
            withdraw_task_of(row, by=by, now=now)


def _hold_messages(patient: "Patient", now: datetime) -> None:
    """Send no reminder that still waits to go out, once nothing is asked any more."""
    if not Ask.objects.filter(patient=patient, state=AskState.ASKED).exists():
        withdraw_waiting(now=now, patient=patient, wording=WORDING)


def _opened(ask: core.Ask, standing: Standing, now: datetime) -> Ask:
    cadence = standing.cadence if ask.line_id else None
    row = Ask(
        site_id=standing.patient.site_id,
        patient=standing.patient,
        key=ask.key,
        instrument_id=ask.instrument_id,
        cadence_id=cadence.id if cadence else "",
        cadence_version=cadence.version if cadence else None,
        line_id=ask.line_id,
        stage=ask.stage.value,
        by_clinician=ask.by is Respondent.CLINICIAN,
        overlaps=ask.overlaps,
        asked_at=now,
    )
    _lay(row, ask)
    if not is_for_patient(row, standing):
        row.reminders, row.next_reminder_at = [], None
    return row


def _move(row: Ask, ask: core.Ask) -> None:
    _lay(row, ask)
    row.save(update_fields=["day", "opens_at", "due_at", "expires_at", "reminders", "next_reminder_at"])


def _lay(row: Ask, ask: core.Ask) -> None:
    """The times of the ask; reminders that were sent count against those to come."""
    row.day, row.opens_at, row.due_at, row.expires_at = ask.day, ask.opens, ask.due, ask.expires
    to_come = ask.reminders[row.reminded :]
    row.reminders = [at.isoformat() for at in to_come]
    row.next_reminder_at = to_come[0] if to_come else None


def _close(row: Ask, state: AskState, *, now: datetime, by: Actor | None = None) -> None:
    row.state, row.closed_at, row.next_reminder_at = state, now, None
    row.closed_by = by if isinstance(by, User) else None
    row.save(update_fields=["state", "closed_at", "closed_by", "next_reminder_at", "reason", "response"])


def _note(standing: Standing, found: Differences, now: datetime) -> None:
    """One row of the trail for each kind of change, however many questionnaires it is about."""
    patient, system = standing.patient, SystemActor()
    changes = {
        "measures.ask": [ask.instrument_id for ask in found.open],
        "measures.move-ask": [row.instrument_id for row, _ask in found.move],
        "measures.expire-ask": [row.instrument_id for row in found.expire],
        "measures.withdraw-ask": [row.instrument_id for row in found.withdraw],
    }
    for action, instruments in changes.items():
        if instruments:
            subject = people.subject_of(patient)
            audit.record(
                by=system, now=now, action=action, subject=subject, details={"instruments": instruments}
            )


def _of(row: Ask) -> Subject:
    return Subject("ask", row.public_id, row.patient.public_id, row.site_id)
