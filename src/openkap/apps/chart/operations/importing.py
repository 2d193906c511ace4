"""Taking over a chart kept elsewhere: all of a file, or nothing of it."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction

from openkap.apps.audit import operations as audit
from openkap.apps.chart.models import Import, Source
from openkap.apps.chart.operations.identifying import Arrival, patient_of
from openkap.apps.chart.permissions import check_may_write
from openkap.apps.chart.reconciling import Tally, Writing, take_over
from openkap.apps.chart.rows import digest
from openkap.apps.people import operations as people
from openkap.fhir.bundle import read_bundle
from openkap.fhir.values import ChartImport, Skipped

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site

ONE_IMPORT_AT_A_TIME = 0x4F4B4150  # key of the advisory lock: two files may be about one new patient


@dataclass(frozen=True)
class ImportResult:
    """What became of one file. Counts are of resources, the Patient among them.

    `created + updated + unchanged` and the `skipped` whose type has no dot add up to `entries`.
    """

    patient: "Patient"
    created: int
    updated: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    entries: int


@transaction.atomic
def import_bundle(
    *,
    by: audit.Actor,
    now: datetime,
    site: "Site",
    raw: bytes,
    into: "Patient | None" = None,
    is_another_person: bool = False,
) -> ImportResult:
    """Take over a FHIR R4 bundle about one patient; a second time changes nothing.

    The patient is found by an identifier another system gave them, else joined to the record `into` if birth
    date and family name agree, else registered at `site`. A fact that its source changed supersedes the older
    one; what the file no longer holds stays. Raises `BadInput` (`BadBundle`, `SamePerson`), `Refused`.
    """
    chart = read_bundle(raw)
    _wait_for_other_imports()
    origin, _is_new = Source.objects.get_or_create(system=chart.source)
    arrival = Arrival(by, now, site, chart.patient, into, is_another_person)
    patient, outcome = patient_of(arrival, origin)
    check_may_write(by, patient)
    tally = take_over(chart, Writing(patient, by, now, origin))
    setattr(tally, outcome, getattr(tally, outcome) + 1)
    result = _result(patient, chart, tally)
    if tally.created or tally.updated:
        _remember(Writing(patient, by, now, origin), chart, raw, result)
    counts = {"created": tally.created, "updated": tally.updated, "unchanged": tally.unchanged}
    audit.record(by=by, now=now, action="chart.import", subject=people.subject_of(patient), details=counts)
    return result


def _wait_for_other_imports() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_IMPORT_AT_A_TIME])


def _result(patient: "Patient", chart: ChartImport, tally: Tally) -> ImportResult:
    return ImportResult(
        patient=patient,
        created=tally.created,
        updated=tally.updated,
        unchanged=tally.unchanged,
        skipped=(*chart.skipped, *tally.skipped()),
        entries=chart.entries,
    )


def _remember(writing: Writing, chart: ChartImport, raw: bytes, result: ImportResult) -> None:
    Import.objects.create(
        site_id=writing.patient.site_id,
        patient=writing.patient,
        recorded_at=writing.now,
        recorded_by=writing.user,
        origin=writing.origin,
        file_digest=hashlib.sha256(raw).hexdigest(),
        patient_digest=digest(chart.patient),
        entries=result.entries,
        created=result.created,
        updated=result.updated,
        unchanged=result.unchanged,
        skipped=[asdict(skipped) for skipped in result.skipped],
    )
