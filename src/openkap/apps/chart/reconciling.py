"""What an import changes: the facts of a file against those an earlier file left."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openkap.apps.access.models import User
from openkap.apps.audit.operations import Actor
from openkap.apps.chart import models
from openkap.apps.chart.rows import ImportedFact, columns_of, digest
from openkap.apps.sites.rows import new_id
from openkap.fhir.values import ChartImport, Skipped

if TYPE_CHECKING:
    from datetime import datetime

    from openkap.apps.people.models import Patient

IN_ERROR = "entered in error"
BATCH = 500

# Each kind of the file: its table, the resource type shown to people.
KINDS: tuple[tuple[str, type[models.ChartFact], str], ...] = (
    ("conditions", models.Condition, "Condition"),
    ("medications", models.MedicationUse, "MedicationRequest"),
    ("allergies", models.Allergy, "AllergyIntolerance"),
    ("observations", models.Observation, "Observation"),
    ("procedures", models.Procedure, "Procedure"),
)


@dataclass
class Tally:
    """Resources, not rows: a blood pressure is one, although it fills two rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    in_error: Counter[str] = field(default_factory=Counter)

    def skipped(self) -> list[Skipped]:
        return [Skipped(kind, IN_ERROR, n) for kind, n in sorted(self.in_error.items())]


@dataclass(frozen=True)
class Writing:
    """Whose chart, by whom, when, from where."""

    patient: "Patient"
    by: Actor
    now: "datetime"
    origin: models.Source

    @property
    def user(self) -> User | None:
        """The person who did it, if it was one."""
        return self.by if isinstance(self.by, User) else None


@dataclass(frozen=True)
class _Held:
    """The latest row of one natural key."""

    pk: int
    digest: str
    is_withdrawn: bool


def take_over(chart: ChartImport, writing: Writing) -> Tally:
    """Write what is new or changed, in the caller's transaction, and count it."""
    tally = Tally()
    for name, table, kind in KINDS:
        _reconcile(getattr(chart, name), table, kind, writing, tally)
    return tally


def _reconcile(
    facts: Sequence[ImportedFact], table: type[models.ChartFact], kind: str, writing: Writing, tally: Tally
) -> None:
    held = _held(table, writing)
    rows: list[models.ChartFact] = []
    for resource, parts in _by_resource(facts).items():
        new, outcome = _changes(resource, parts, held, table, writing)
        rows += new
        if outcome == IN_ERROR:
            tally.in_error[kind] += 1
        else:
            setattr(tally, outcome, getattr(tally, outcome) + 1)
    table.objects.bulk_create(rows, batch_size=BATCH)


def _by_resource(facts: Iterable[ImportedFact]) -> dict[str, list[ImportedFact]]:
    grouped: dict[str, list[ImportedFact]] = {}
    for fact in facts:
        grouped.setdefault(_resource_of(fact.source_id), []).append(fact)
    return grouped


def _resource_of(source_id: str) -> str:
    return source_id.partition("#")[0]


def _held(table: type[models.ChartFact], writing: Writing) -> dict[str, dict[str, _Held]]:
    """The latest rows by resource and natural key: withdrawn ones too, and those corrected here.

    What somebody corrected here stays until its source says something new.
    """
    latest = table.objects.filter(  # type: ignore[misc]  # every table has superseded_by
        patient=writing.patient, origin=writing.origin, superseded_by__isnull=True
    )
    found: dict[str, dict[str, _Held]] = {}
    for pk, source_id, content, withdrawn in latest.values_list(
        "pk", "source_id", "content_digest", "is_withdrawn"
    ):
        found.setdefault(_resource_of(source_id), {})[source_id] = _Held(pk, content, withdrawn)
    return found


def _changes(
    resource: str,
    parts: Iterable[ImportedFact],
    held: dict[str, dict[str, _Held]],
    table: type[models.ChartFact],
    writing: Writing,
) -> tuple[list[models.ChartFact], str]:
    """The rows one resource adds, and what became of it: created, updated, unchanged or entered in error."""
    before = held.get(resource, {})
    rows, seen = [], set()
    for fact in parts:
        seen.add(fact.source_id)
        known, content = before.get(fact.source_id), digest(fact)
        if known is None and fact.withdrawn:
            continue
        if known is None or known.digest != content:
            rows.append(_row(table, fact, content, known, writing))
    rows += _gone(table, [kept for name, kept in before.items() if name not in seen], writing)
    if before:
        return rows, "updated" if rows else "unchanged"
    return rows, "created" if rows else IN_ERROR


def _row(
    table: type[models.ChartFact],
    fact: ImportedFact,
    content: str,
    known: _Held | None,
    writing: Writing,
) -> models.ChartFact:
    return table(
        site_id=writing.patient.site_id,
        patient=writing.patient,
        recorded_at=writing.now,
        recorded_by=writing.user,
        provenance=models.ChartFact.Provenance.IMPORTED,
        origin=writing.origin,
        source_id=fact.source_id,
        content_digest=content,
        supersedes_id=known.pk if known else None,  # type: ignore[misc]  # every table has it
        **columns_of(fact),
    )


def _gone(table: type[models.ChartFact], kept: Iterable[_Held], writing: Writing) -> list[models.ChartFact]:
    """Rows that withdraw the parts a resource no longer has."""
    rows = []
    for old in table.objects.filter(pk__in=[held.pk for held in kept if not held.is_withdrawn]):
        old.supersedes = table(pk=old.pk)  # type: ignore[misc]  # every table has a key
        old.pk, old.public_id = None, new_id()
        old.content_digest, old.is_withdrawn = "", True
        old.recorded_at, old.recorded_by = writing.now, writing.user
        rows.append(old)
    return rows
