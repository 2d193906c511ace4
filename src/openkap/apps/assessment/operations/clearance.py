"""Results of medical clearance, what is decided on them, what is waived, and readings of blood pressure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission, Role
from openkap.apps.assessment.models import (
    ClearanceDecision,
    ClearanceResult,
    ClearanceWaiver,
    Episode,
    PressureSeries,
)
from openkap.apps.assessment.operations.chores import keep_chores
from openkap.apps.assessment.permissions import check_may_assess, check_not_ended, role_among
from openkap.apps.audit import operations as audit
from openkap.apps.chart import operations as chart
from openkap.apps.chart import queries as charts
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import operations as people
from openkap.apps.people.permissions import check_on_patient
from openkap.errors import BadInput, NotAllowedNow
from openkap.knowledge.schema.clearance_item import ClearanceItem
from openkap.units import Quantity

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

SHORTEST_REASON = 10  # letters: a reason others can weigh, not a dot
MAY_READ = (Role.PRESCRIBER, Role.MEDICAL_DIRECTOR, Role.MONITOR)
MAY_DECIDE = (Role.PRESCRIBER, Role.MEDICAL_DIRECTOR)
Choice = TypeVar("Choice", bound=models.TextChoices)


@dataclass(frozen=True)
class ResultEntry:
    """One result as it was read. `numbers` are values of the item's parts, by `chart_entries` record."""

    item_id: str
    done_on: date
    reading: str
    source: str
    value: str = ""
    total: int | None = None
    interpretation: str = ""
    numbers: Mapping[str, Quantity] = field(default_factory=dict)


@dataclass(frozen=True)
class PressureReading:
    """One reading, in mmHg."""

    at: datetime
    systolic: Quantity
    diastolic: Quantity


@transaction.atomic
def record_results(
    *, by: audit.Actor, now: datetime, patient: "Patient", entries: Sequence[ResultEntry]
) -> list[ClearanceResult]:
    """Note results a clinician has read; all of them or none. Values go to the chart.

    Raises `BadInput` (item, date, reading, total, a value's limits) and `Refused`.
    """
    _check_may_read(by, patient)
    people.lock(patient)
    rows = [_record(by, now, patient, entry) for entry in entries]
    keep_chores(by=by, now=now, patient=patient)
    return rows


@transaction.atomic
def withdraw_result(*, by: User, now: datetime, result: ClearanceResult, reason: str) -> ClearanceResult:
    """Say that a result was entered in error; it stays in the history. Raises `NotAllowedNow`, `BadInput`."""
    _check_may_read(by, result.patient)
    people.lock(result.patient)
    _check_stands(result)
    row = ClearanceResult.objects.create(
        **_copied(result),
        recorded_at=now,
        recorded_by=by,
        supersedes=result,
        is_withdrawn=True,
        withdrawn_because=_said(reason, "reason"),
    )
    _audit(by, now, "assessment.withdraw-clearance", result.patient, result.item_id)
    keep_chores(by=by, now=now, patient=result.patient)
    return row


@transaction.atomic
def decide_result(
    *, by: User, now: datetime, result: ClearanceResult, decision: str, reason: str
) -> ClearanceDecision:
    """Decide on an abnormal result: accept it, hold treatment, or refer. The latest decision counts.

    Raises `NotAllowedNow` (normal, or withdrawn), `BadInput`, `Refused`.
    """
    patient = result.patient
    check_may_assess(by, patient)
    role = role_among(by, patient, MAY_DECIDE)
    people.lock(patient)
    _check_stands(result)
    if result.reading != ClearanceResult.Reading.ABNORMAL:
        raise NotAllowedNow(_("Only an abnormal result needs a decision."))
    row = ClearanceDecision.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        result=result,
        decision=_choice(ClearanceDecision.Decision, decision, "decision"),
        reason=_said(reason, "reason"),
        role=role.value,
    )
    _audit(by, now, "assessment.decide-clearance", patient, result.item_id)
    keep_chores(by=by, now=now, patient=patient)
    return row


@transaction.atomic
def waive_item(
    *, by: User, now: datetime, episode: Episode, item_id: str, reason: str, expires_on: date | None = None
) -> ClearanceWaiver:
    """Go on without an item, for at most as long as its record allows. Shown ever after.

    Raises `Refused` (not this role), `NotAllowedNow`, `BadInput`.
    """
    patient = episode.patient
    check_may_assess(by, patient)
    check_not_ended(episode)
    item = _item(patient, now, item_id)
    role = role_among(by, patient, [Role(name) for name in item.waiver.roles])
    people.lock(patient)
    row = ClearanceWaiver.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        episode=episode,
        item_id=item.id,
        item_version=item.version,
        role=role.value,
        reason=_said(reason, "reason"),
        expires_on=_expiry(item, _today(patient, now), expires_on),
    )
    _audit(by, now, "assessment.waive-clearance", patient, item.id)
    keep_chores(by=by, now=now, patient=patient)
    return row


@transaction.atomic
def end_waiver(*, by: User, now: datetime, waiver: ClearanceWaiver) -> None:
    """Take a waiver back: the item is asked for again. Taking back twice changes nothing."""
    check_may_assess(by, waiver.patient)
    if ClearanceWaiver.objects.filter(pk=waiver.pk, ended_at__isnull=True).update(ended_at=now, ended_by=by):
        _audit(by, now, "assessment.end-waiver", waiver.patient, waiver.item_id)
        keep_chores(by=by, now=now, patient=waiver.patient)


@transaction.atomic
def record_pressures(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    readings: Sequence[PressureReading],
    position: str,
    arm: str,
    rest_minutes: int,
) -> PressureSeries:
    """Note a series of blood pressures and how it was taken; each reading becomes a value of the chart.

    Raises `BadInput` (none, a limit against slips, a time ahead, longer rest than a day), `Refused`.
    """
    if not readings:
        raise BadInput(_("Enter at least one reading."))
    if not 0 <= rest_minutes <= 24 * 60:
        raise BadInput(_("Enter the minutes of rest before the first reading."), field="rest_minutes")
    panels = [_reading(by, now, patient, reading) for reading in sorted(readings, key=lambda r: r.at)]
    row = PressureSeries.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        position=_choice(PressureSeries.Position, position, "position"),
        arm=_choice(PressureSeries.Arm, arm, "arm"),
        rest_minutes=rest_minutes,
        panel_ids=panels,
    )
    keep_chores(by=by, now=now, patient=patient)
    return row


def _reading(by: audit.Actor, now: datetime, patient: "Patient", reading: PressureReading) -> str:
    values = {
        "blood-pressure-systolic": reading.systolic,
        "blood-pressure-diastolic": reading.diastolic,
    }
    rows = chart.record_observations(by=by, now=now, patient=patient, values=values, measured_at=reading.at)
    return rows[0].panel_id


def _record(by: audit.Actor, now: datetime, patient: "Patient", entry: ResultEntry) -> ClearanceResult:
    item = _item(patient, now, entry.item_id)
    if not item.needs_reading:
        raise BadInput(_("This is measured, not read: enter the values."), field="reading")
    reading = _choice(ClearanceResult.Reading, entry.reading, "reading")
    _check_day(patient, entry.done_on, _today(patient, now))
    _check_total(item, entry.total)
    _keep_numbers(by, now, patient, item, entry)
    row = ClearanceResult.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        item_id=item.id,
        item_version=item.version,
        done_on=entry.done_on,
        reading=reading,
        value=entry.value.strip(),
        total=entry.total,
        interpretation=_interpretation(entry),
        source=_choice(ClearanceResult.Source, entry.source, "source"),
    )
    _settle_question(by, now, patient, item, row)
    _audit(by, now, "assessment.record-clearance", patient, item.id)
    return row


def _keep_numbers(
    by: audit.Actor, now: datetime, patient: "Patient", item: ClearanceItem, entry: ResultEntry
) -> None:
    own = {part.entry for part in item.parts}
    if set(entry.numbers) - own:
        raise BadInput(_("These values do not belong to this item."))
    if entry.numbers:
        chart.record_results(by=by, now=now, patient=patient, values=entry.numbers, on=entry.done_on)


def _settle_question(
    by: audit.Actor, now: datetime, patient: "Patient", item: ClearanceItem, row: ClearanceResult
) -> None:
    """A test that answers a question of the chart answers it, unless somebody asked later."""
    if item.settles is None:
        return
    known = charts.answers_of(patient).get(item.settles)
    if known is None or known.asked_on <= row.done_on:
        normal = row.reading == ClearanceResult.Reading.NORMAL
        chart.record_answer(
            by=by,
            now=now,
            patient=patient,
            concept=item.settles,
            reply="absent" if normal else "present",
            asked_on=row.done_on,
            note=row.value,
        )


def _item(patient: "Patient", now: datetime, item_id: str) -> ClearanceItem:
    found = knowledge_for(patient.site, now).clearance_items.get(item_id)
    if found is None:
        raise BadInput(_("There is no such examination."), field="item")
    return found


def _check_may_read(by: audit.Actor, patient: "Patient") -> None:
    """A clinician; the system (set-up, command line) may."""
    check_on_patient(by, patient, Permission.CHART_WRITE)
    if isinstance(by, User):
        role_among(by, patient, MAY_READ)


def _check_stands(result: ClearanceResult) -> None:
    if result.is_withdrawn or ClearanceResult.objects.filter(supersedes=result).exists():
        raise NotAllowedNow(_("This result was already corrected."))


def _check_day(patient: "Patient", day: date, today: date) -> None:
    if not patient.birth_date <= day <= today:
        raise BadInput(_("The date cannot be right."), field="done_on")


def _check_total(item: ClearanceItem, total: int | None) -> None:
    limits = item.total
    if limits is None:
        if total is not None:
            raise BadInput(_("This item has no total."), field="total")
    elif total is None or not limits.least <= total <= limits.most:
        raise BadInput(
            _("Enter the total, %(least)s to %(most)s.") % {"least": limits.least, "most": limits.most},
            field="total",
        )


def _interpretation(entry: ResultEntry) -> str:
    """What is abnormal is said in words."""
    said = entry.interpretation.strip()
    if entry.reading == ClearanceResult.Reading.ABNORMAL and not said:
        raise BadInput(_("Say what is abnormal."), field="interpretation")
    return said


def _said(reason: str, name: str) -> str:
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput(_("Say why, so that others can weigh it."), field=name)
    return reason.strip()


def _choice(kind: type[Choice], given: str, name: str) -> Choice:
    try:
        return kind(given)
    except ValueError as error:
        known = ", ".join(str(label) for label in kind.labels)
        raise BadInput(_("Choose one of: %(known)s.") % {"known": known}, field=name) from error


def _expiry(item: ClearanceItem, today: date, asked: date | None) -> date:
    latest = today + timedelta(days=item.waiver.expires_after_days)
    wanted = asked or latest
    if not today <= wanted <= latest:
        raise BadInput(
            _("It can be waived until %(latest)s at the latest.") % {"latest": latest.isoformat()},
            field="expires_on",
        )
    return wanted


def _copied(result: ClearanceResult) -> dict[str, object]:
    kept = ("site_id", "patient_id", "item_id", "item_version", "done_on", "reading", "value", "total")
    return {name: getattr(result, name) for name in (*kept, "interpretation", "source")}


def _today(patient: "Patient", now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def _audit(by: audit.Actor, now: datetime, action: str, patient: "Patient", item_id: str) -> None:
    audit.record(by=by, now=now, action=action, subject=people.subject_of(patient), details={"item": item_id})
