"""Changing how one patient is asked, with a reason: a pause, another cadence, something left out."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.measures.cadence import Standing, active_cadences, standing_of
from openkap.apps.measures.models import AskingChange
from openkap.apps.measures.operations.asking import checked_reason, keep_asks_of, take_back_open
from openkap.apps.measures.permissions import check_may_enter
from openkap.apps.people import operations as people
from openkap.apps.people.permissions import check_on_patient
from openkap.core.planning.calendar import instant
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST_PAUSE = timedelta(days=180)  # a slip of the pen is further ahead
What = AskingChange.What


@transaction.atomic
def pause_asking(
    *, by: User, now: datetime, patient: "Patient", reason: str, until: date | None = None
) -> AskingChange:
    """Ask nothing until the end of `until` at the site, or until somebody resumes; take back what is open.

    Raises `Refused`, `BadInput` (no reason, a day that is past or too far), `NotAllowedNow` while it is paused.
    """
    check_may_enter(by, patient)
    reason = checked_reason(reason)
    ends = _end_of(until, patient, now) if until else None
    standing = _locked(patient, now)
    if standing.changes.pause_at(now):
        raise NotAllowedNow(_("Asking is paused already."))
    take_back_open(by=by, now=now, standing=standing, reason=reason)
    return _change(What.PAUSE, by=by, now=now, patient=patient, until=ends, reason=reason)


@transaction.atomic
def resume_asking(*, by: User, now: datetime, patient: "Patient", reason: str) -> AskingChange:
    """End the pause. Raises `Refused`, `BadInput` without a reason, `NotAllowedNow` when nothing is paused."""
    check_may_enter(by, patient)
    reason = checked_reason(reason)
    if _locked(patient, now).changes.pause_at(now) is None:
        raise NotAllowedNow(_("Asking is not paused."))
    change = _change(What.RESUME, by=by, now=now, patient=patient, reason=reason)
    keep_asks_of(now=now, patient=patient)
    return change


@transaction.atomic
def use_cadence(*, by: User, now: datetime, patient: "Patient", cadence_id: str, reason: str) -> AskingChange:
    """Ask this patient by another record that is signed off here; '' as the rule has it.

    Raises `Refused`; `BadInput` without a reason or for a record that may not act; `NotAllowedNow` if it is so.
    """
    check_on_patient(by, patient, Permission.PLAN_WRITE)
    reason = checked_reason(reason)
    standing = _locked(patient, now)
    if cadence_id and cadence_id not in {one.id for one in active_cadences(standing.known)}:
        raise BadInput(_("The medical director has not signed this cadence off here."), field="cadence")
    if cadence_id == standing.changes.cadence_id:
        raise NotAllowedNow(_("This patient is asked by it already."))
    change = _change(What.CADENCE, by=by, now=now, patient=patient, code=cadence_id, reason=reason)
    keep_asks_of(now=now, patient=patient)
    return change


@transaction.atomic
def leave_out(*, by: User, now: datetime, patient: "Patient", instrument_id: str, reason: str) -> AskingChange:
    """No longer ask this patient for one questionnaire, and take it back where it is open.

    Raises `Refused`, `BadInput` without a reason, `NotAllowedNow` for one that is not asked for anyway.
    """
    check_on_patient(by, patient, Permission.PLAN_WRITE)
    reason = checked_reason(reason)
    standing = _locked(patient, now)
    if not any(ask.instrument_id == instrument_id and ask.expires > now for ask in standing.wanted):
        raise NotAllowedNow(_("The cadence does not ask for this questionnaire."))
    take_back_open(by=by, now=now, standing=standing, reason=reason, instrument_id=instrument_id)
    return _change(What.LEAVE_OUT, by=by, now=now, patient=patient, code=instrument_id, reason=reason)


@transaction.atomic
def take_up(*, by: User, now: datetime, patient: "Patient", instrument_id: str, reason: str) -> AskingChange:
    """Ask again for what was left out. Raises `Refused`, `BadInput`, `NotAllowedNow` when it was not."""
    check_on_patient(by, patient, Permission.PLAN_WRITE)
    reason = checked_reason(reason)
    if instrument_id not in _locked(patient, now).changes.left_out:
        raise NotAllowedNow(_("This questionnaire is not left out."))
    change = _change(What.TAKE_UP, by=by, now=now, patient=patient, code=instrument_id, reason=reason)
    keep_asks_of(now=now, patient=patient)
    return change


@transaction.atomic
def change_asking(
    *, by: User, now: datetime, patient: "Patient", cadence_id: str, left_out: frozenset[str], reason: str
) -> int:
    """Bring record and left-out questionnaires to this; one reason for all. Returns how many changes that were.

    Raises `Refused`, `BadInput`, `NotAllowedNow`, and then changes nothing.
    """
    check_on_patient(by, patient, Permission.PLAN_WRITE)
    changes = _locked(patient, now).changes
    common: dict[str, Any] = {"by": by, "now": now, "patient": patient, "reason": reason}
    out, back = sorted(left_out - changes.left_out), sorted(changes.left_out - left_out)
    for name in out:
        leave_out(instrument_id=name, **common)
    for name in back:
        take_up(instrument_id=name, **common)
    if cadence_id != changes.cadence_id:
        use_cadence(cadence_id=cadence_id, **common)
    return len(out) + len(back) + (cadence_id != changes.cadence_id)


def _locked(patient: "Patient", now: datetime) -> Standing:
    people.lock(patient)
    return standing_of(patient, now)


def _end_of(day: date, patient: "Patient", now: datetime) -> datetime:
    zone = ZoneInfo(patient.site.time_zone)
    today = now.astimezone(zone).date()
    if not today <= day <= today + LONGEST_PAUSE:
        raise BadInput(_("Choose a day from today on, within half a year."), field="until")
    return instant(day + timedelta(days=1), time.min, zone)


def _change(
    what: AskingChange.What,
    *,
    by: User,
    now: datetime,
    patient: "Patient",
    reason: str,
    code: str = "",
    until: datetime | None = None,
) -> AskingChange:
    change = AskingChange.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        what=what,
        code=code,
        until=until,
        reason=reason,
    )
    details = {"what": what.value, "code": code}
    subject = people.subject_of(patient)
    audit.record(by=by, now=now, action="measures.change-asking", subject=subject, details=details)
    return change
