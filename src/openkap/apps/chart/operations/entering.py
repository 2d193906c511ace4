"""Values and answers that staff enter here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.chart.entries import ENTRIES
from openkap.apps.chart.models import Answer, ChartFact, Observation, current
from openkap.apps.chart.permissions import check_may_write
from openkap.apps.chart.rows import instant_of
from openkap.apps.people import operations as people
from openkap.apps.sites.rows import new_id
from openkap.errors import BadInput, NotAllowedNow
from openkap.fhir.values import LOINC
from openkap.knowledge.schema.chart_entry import ChartEntry
from openkap.units import Quantity
from openkap.units.partial_dates import PartialDate

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def record_observation(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    entry: str,
    value: Quantity,
    measured_at: datetime | None = None,
) -> Observation:
    """Note one value measured here; `entry` is a `chart_entries` record such as 'body-weight'.

    See `record_observations`.
    """
    values = {entry: value}
    return record_observations(by=by, now=now, patient=patient, values=values, measured_at=measured_at)[0]


@transaction.atomic
def record_observations(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    values: Mapping[str, Quantity],
    measured_at: datetime | None = None,
    provenance: ChartFact.Provenance = ChartFact.Provenance.MEASURED,
) -> list[Observation]:
    """Note values taken at one time (default now), each in its record's unit.

    `provenance` ENTERED is for results from elsewhere, such as a laboratory's letter: such a weight never sets
    a dose. Raises `BadInput` (unit, limits against slips, one pressure without the other, a time ahead) and
    `Refused`.
    """
    check_may_write(by, patient)
    at = measured_at or now
    if at > now:
        raise BadInput(_("The time lies ahead."), field="measured_at")
    moment = PartialDate.parse(at.isoformat(timespec="seconds"))
    return _write(by, now, patient, values, _Taken(moment, at, provenance))


@transaction.atomic
def record_results(
    *, by: audit.Actor, now: datetime, patient: "Patient", values: Mapping[str, Quantity], on: date
) -> list[Observation]:
    """Note results that came from elsewhere, known by their local day only, each in its record's unit.

    Such a weight never sets a dose. Raises as `record_observations` does.
    """
    check_may_write(by, patient)
    if on > now.astimezone(ZoneInfo(patient.site.time_zone)).date():
        raise BadInput(_("The time lies ahead."), field="done_on")
    day = PartialDate.of_day(on)
    return _write(by, now, patient, values, _Taken(day, instant_of(day) or now, ChartFact.Provenance.ENTERED))


@transaction.atomic
def withdraw_observation(*, by: audit.Actor, now: datetime, observation: Observation) -> Observation:
    """Say that a value was entered in error; both parts of a blood pressure go together.

    The rows stay, superseded by rows that withdraw them. Raises `NotAllowedNow` if that was done already.
    """
    patient = observation.patient
    check_may_write(by, patient)
    people.lock(patient)
    held = current(Observation.objects.filter(patient=patient))
    panel = observation.panel_id
    rows = list(held.filter(panel_id=panel) if panel else held.filter(pk=observation.pk))
    if observation.pk not in {row.pk for row in rows}:
        raise NotAllowedNow(_("This value was already corrected."))
    for row in rows:
        row.supersedes = Observation(pk=row.pk)
        row.pk, row.public_id, row.is_withdrawn = None, new_id(), True
        row.recorded_at, row.recorded_by = now, by if isinstance(by, User) else None
    Observation.objects.bulk_create(rows)
    details = {"observation": str(observation.public_id)}
    audit.record(by=by, now=now, action="chart.withdraw", subject=people.subject_of(patient), details=details)
    return rows[0]


@transaction.atomic
def record_answer(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    concept: str,
    reply: str,
    asked_on: date | None = None,
    note: str = "",
) -> Answer:
    """Note what was said when asked about one concept (a `concept_maps` id) on a local date, by default today.

    The latest answer counts; earlier ones stay. Raises `BadInput`, `Refused`.
    """
    check_may_write(by, patient)
    if reply not in Answer.Reply.values:
        raise BadInput(_("Answer yes, no or not known."), field=concept)
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    day = asked_on or today
    if not patient.birth_date <= day <= today:
        raise BadInput(_("The date cannot be right."), field="asked_on")
    people.lock(patient)
    earlier = Answer.objects.filter(patient=patient, concept=concept, superseded_by__isnull=True).first()
    answer = Answer.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        concept=concept,
        reply=reply,
        asked_on=day,
        note=note.strip(),
        supersedes=earlier,
    )
    audit.record(
        by=by, now=now, action="chart.answer", subject=people.subject_of(patient), details={"concept": concept}
    )
    return answer


def _entry(name: str) -> ChartEntry:
    if name not in ENTRIES:
        raise BadInput(_("There is no such value to enter: %(name)s.") % {"name": name})
    return ENTRIES[name]


def _checked(name: str, value: Quantity) -> Quantity:
    entry = _entry(name)
    number = value.to(entry.unit)
    if not entry.least <= number.magnitude <= entry.most:
        raise BadInput(
            _("%(what)s must be between %(least)s and %(most)s %(unit)s. Check what was typed.")
            % {"what": entry.title.en, "least": entry.least, "most": entry.most, "unit": entry.unit_shown},
            field=name,
        )
    return number


def _check_pairs(values: Mapping[str, Quantity]) -> None:
    for name in values:
        pair = ENTRIES[name].pair
        if pair is not None and pair not in values:
            raise BadInput(_("Enter both pressures."), field=pair)
    upper, lower = values.get("blood-pressure-systolic"), values.get("blood-pressure-diastolic")
    if upper is not None and lower is not None and upper <= lower:
        raise BadInput(
            _("The diastolic pressure must be below the systolic."), field="blood-pressure-diastolic"
        )


@dataclass(frozen=True)
class _Taken:
    """When and where values were taken; `at` sorts them."""

    moment: PartialDate
    at: datetime
    provenance: ChartFact.Provenance


def _write(
    by: audit.Actor, now: datetime, patient: "Patient", values: Mapping[str, Quantity], taken: _Taken
) -> list[Observation]:
    checked = {name: _checked(name, value) for name, value in values.items()}
    _check_pairs(checked)
    panel = str(new_id())
    rows = [_row(name, value, panel, taken) for name, value in checked.items()]
    for row in rows:
        row.site_id, row.patient = patient.site_id, patient
        row.recorded_at, row.recorded_by = now, by if isinstance(by, User) else None
    Observation.objects.bulk_create(rows)
    details = {"entries": sorted(values), "provenance": str(taken.provenance)}
    audit.record(by=by, now=now, action="chart.observe", subject=people.subject_of(patient), details=details)
    return rows


def _row(name: str, value: Quantity, panel: str, taken: _Taken) -> Observation:
    entry = ENTRIES[name]
    return Observation(
        provenance=taken.provenance,
        text=entry.display,
        code_system=LOINC if entry.loinc else "",
        code=entry.loinc,
        codings=[{"system": LOINC, "code": entry.loinc, "display": entry.display}] if entry.loinc else [],
        category=entry.category,
        status="final",
        panel_id=panel if entry.panel else "",
        panel_text=entry.panel.en if entry.panel else "",
        measured=taken.moment,
        measured_at=taken.at,
        value=value.magnitude,
        unit=entry.unit_shown,
        unit_code=entry.unit,
    )
