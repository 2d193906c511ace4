"""Problems, medicines, allergies and procedures that staff enter, correct and take back.

Nothing is overwritten: a correction is a new row that supersedes the one it corrects and says why.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.chart.models import Allergy, ChartFact, Condition, MedicationUse, Procedure, current
from openkap.apps.chart.operations.telling import NONE_KNOWN
from openkap.apps.chart.permissions import check_may_write
from openkap.apps.chart.terms import Term, codings_of
from openkap.apps.people import operations as people
from openkap.apps.sites.rows import new_id
from openkap.errors import BadInput, NotAllowedNow
from openkap.units import parse_quantity
from openkap.units.partial_dates import PartialDate

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST = 300
SHORTEST_REASON = 3
# Where an entry comes from, by the word of the form: as told, from somebody's papers, or seen here.
SOURCES: Mapping[str, ChartFact.Provenance] = {
    "patient": ChartFact.Provenance.PATIENT,
    "record": ChartFact.Provenance.ENTERED,
    "observed": ChartFact.Provenance.MEASURED,
}
KINDS: Mapping[str, type[ChartFact]] = {
    "problem": Condition,
    "medicine": MedicationUse,
    "allergy": Allergy,
    "procedure": Procedure,
}


@dataclass(frozen=True)
class Entry:
    """What somebody entered: `kind` names the table, `said` its own columns in the words of the form.

    `text` is a term of the knowledge base, or free words. Dates are as far as they are known: '2019', or
    '2019-05'.
    """

    kind: str
    text: str
    source: str
    said: Mapping[str, str]
    term: Term | None = None


@transaction.atomic
def record_fact(*, by: audit.Actor, now: datetime, patient: "Patient", entry: Entry) -> ChartFact:
    """Add an entry to the chart. Raises `BadInput` (naming the field), `Refused`.

    An allergy replaces the statement, made here, that there is none.
    """
    check_may_write(by, patient)
    people.lock(patient)
    row = _row(patient, now, entry)
    if isinstance(row, Allergy):
        row.supersedes = _statement(patient)
    _keep(row, by, now, patient)
    _record(by, now, "chart.enter", row)
    return row


@transaction.atomic
def correct_fact(*, by: audit.Actor, now: datetime, fact: ChartFact, entry: Entry, reason: str) -> ChartFact:
    """Say what an entry should have been, or has become, and why.

    Its codes stay while its words do. Raises `BadInput`, `NotAllowedNow`, `Refused`. A correction of what was
    imported stays until its source says something new.
    """
    patient = fact.patient
    check_may_write(by, patient)
    people.lock(patient)
    _check_stands(fact)
    row = _row(patient, now, entry)
    if type(row) is not type(fact):
        raise BadInput(_("An entry stays of its kind."))
    if row.text.casefold() == fact.text.casefold() and not row.codings:
        row.codings, row.code_system, row.code = fact.codings, fact.code_system, fact.code
    row.supersedes = fact
    row.origin, row.source_id, row.content_digest = fact.origin, fact.source_id, fact.content_digest
    row.correction_reason = _why(reason)
    _keep(row, by, now, patient)
    _record(by, now, "chart.correct", row)
    return row


@transaction.atomic
def withdraw_fact(*, by: audit.Actor, now: datetime, fact: ChartFact, reason: str) -> ChartFact:
    """Say that an entry was made in error; it stays, superseded.

    Raises `NotAllowedNow`, `BadInput`, `Refused`.
    """
    patient = fact.patient
    check_may_write(by, patient)
    people.lock(patient)
    _check_stands(fact)
    why = _why(reason)
    before: Any = type(fact)
    fact.supersedes = before(pk=fact.pk)
    fact.pk, fact.public_id, fact.is_withdrawn, fact.correction_reason = None, new_id(), True, why
    fact.recorded_at, fact.recorded_by = now, by if isinstance(by, User) else None
    fact._state.adding = True  # noqa: SLF001  a copy of the row, as Django documents it
    fact.save()
    _record(by, now, "chart.withdraw", fact)
    return fact


@transaction.atomic
def state_no_allergies(*, by: audit.Actor, now: datetime, patient: "Patient", source: str) -> Allergy:
    """State that somebody looked for allergies and there is none known, with today's date and who says so.

    Raises `NotAllowedNow` while an allergy stands on record, `BadInput`, `Refused`.
    """
    check_may_write(by, patient)
    people.lock(patient)
    standing = current(Allergy.objects.filter(patient=patient)).exclude(text__iexact=NONE_KNOWN)
    if (
        standing.exclude(clinical_status__in=["resolved", "inactive"])
        .exclude(verification_status="refuted")
        .exists()
    ):
        raise NotAllowedNow(_("An allergy is on record. Correct it first if it is none."))
    row = Allergy(clinical_status="active", verification_status="confirmed", text=NONE_KNOWN)
    row.provenance, row.supersedes = _source(source), _statement(patient)
    row.noted = PartialDate.of_day(_today(patient, now))
    _keep(row, by, now, patient)
    _record(by, now, "chart.enter", row)
    return row


def _statement(patient: "Patient") -> Allergy | None:
    """The statement of no allergies that was made here and stands."""
    made_here = current(Allergy.objects.filter(patient=patient)).exclude(
        provenance=ChartFact.Provenance.IMPORTED
    )
    return made_here.filter(text__iexact=NONE_KNOWN).order_by("-id").first()


def _row(patient: "Patient", now: datetime, entry: Entry) -> ChartFact:
    """A row of the entry's kind, not saved."""
    dates = _Dates(patient.birth_date, _today(patient, now), entry.said)
    builders = {"problem": _problem, "medicine": _medicine, "allergy": _allergy, "procedure": _procedure}
    if entry.kind not in builders:
        raise BadInput(_("There is no such kind of entry."))
    row = builders[entry.kind](entry, dates)
    row.text = _words(entry.text, "text")
    if not row.text:
        raise BadInput(_("Say what it is."), field="text")
    codings = codings_of(entry.term)
    row.codings = [asdict(coding) for coding in codings]
    if codings:
        row.code_system, row.code = codings[0].system, codings[0].code
    row.provenance = _source(entry.source)
    return row


@dataclass(frozen=True)
class _Dates:
    """Reads partial dates that can be so: lived, not ahead."""

    born: date
    today: date
    said: Mapping[str, str]

    def one(self, field: str) -> PartialDate | None:
        text = self.said.get(field, "").strip()
        if not text:
            return None
        try:
            found = PartialDate.parse(text)
        except BadInput as error:
            raise BadInput(str(error), field=field) from error
        if found.first > self.today or found.last < self.born:
            raise BadInput(_("The date cannot be right."), field=field)
        return found

    def span(self, began: str, ended: str) -> tuple[PartialDate | None, PartialDate | None]:
        first, last = self.one(began), self.one(ended)
        if first and last and last.last < first.first:
            raise BadInput(_("It cannot end before it began."), field=ended)
        return first, last


def _problem(entry: Entry, dates: _Dates) -> ChartFact:
    """A problem: active, resolved, or ruled out."""
    status = _one_of(entry.said.get("status", ""), ("active", "resolved", "refuted"))
    onset, abatement = dates.span("began", "ended")
    if abatement and status == "active":
        raise BadInput(_("What is active has not ended."), field="ended")
    return Condition(
        clinical_status="inactive" if status == "refuted" else status,
        verification_status="refuted" if status == "refuted" else "confirmed",
        onset=onset,
        abatement=abatement,
        noted=PartialDate.of_day(dates.today),
    )


def _medicine(entry: Entry, dates: _Dates) -> ChartFact:
    """A medicine said to be taken. The dose is kept in the units of the house where it can be read."""
    status = _one_of(entry.said.get("status", ""), ("active", "on-hold", "stopped", "unknown"))
    began, ended = dates.span("began", "ended")
    if ended and status == "active":
        raise BadInput(_("What is active has not ended."), field="ended")
    often = _words(entry.said.get("often", ""), "often")
    return MedicationUse(
        kind=MedicationUse.Kind.STATEMENT,
        status=status,
        authored=PartialDate.of_day(dates.today),
        began=began,
        ended=ended,
        dosage=", ".join(part for part in (dose_read(entry.said.get("dose", "")), often) if part),
    )


def dose_read(text: str) -> str:
    """'100mg' as '100 mg'; words that are no single amount stay as they are. Raises `BadInput` if too long."""
    words = _words(text, "dose")
    try:
        return str(parse_quantity(words)) if words else ""
    except BadInput:
        return words


def _allergy(entry: Entry, dates: _Dates) -> ChartFact:
    """An allergy or intolerance; how bad it could get in FHIR's words."""
    status = _one_of(entry.said.get("status", ""), ("active", "resolved", "refuted"))
    severity = entry.said.get("severity", "")
    if severity not in {"", "low", "high", "unable-to-assess"}:
        raise BadInput(_("Choose how severe it is."), field="severity")
    return Allergy(
        clinical_status="inactive" if status == "refuted" else status,
        verification_status="refuted" if status == "refuted" else "confirmed",
        criticality=severity,
        onset=dates.one("began"),
        noted=PartialDate.of_day(dates.today),
        reactions=_words(entry.said.get("reaction", ""), "reaction"),
    )


def _procedure(_entry: Entry, dates: _Dates) -> ChartFact:
    """Something that was done."""
    return Procedure(status="completed", performed=dates.one("began"))


def _one_of(given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise BadInput(_("Choose a status."), field="status")
    return given


def _source(word: str) -> ChartFact.Provenance:
    if word not in SOURCES:
        raise BadInput(_("Say where this comes from."), field="source")
    return SOURCES[word]


def _words(text: str, field: str) -> str:
    clean = " ".join(text.split())
    if "\x00" in clean:
        raise BadInput(_("This holds a character that cannot be stored."), field=field)
    if len(clean) > LONGEST:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST}, field=field)
    return clean


def _why(reason: str) -> str:
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput(_("Say why."), field="reason")
    return reason.strip()


def _check_stands(fact: ChartFact) -> None:
    rows: Any = type(fact).objects.filter(pk=fact.pk)
    if not current(rows).exists():
        raise NotAllowedNow(_("This entry was already corrected."))


def _keep(row: ChartFact, by: audit.Actor, now: datetime, patient: "Patient") -> None:
    row.site_id, row.patient = patient.site_id, patient
    row.recorded_at, row.recorded_by = now, by if isinstance(by, User) else None
    row.save()


def _today(patient: "Patient", now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def _record(by: audit.Actor, now: datetime, action: str, row: ChartFact) -> None:
    details: dict[str, object] = {"kind": type(row).__name__, "row": str(row.public_id)}
    subject = people.subject_of(row.patient)
    audit.record(by=by, now=now, action=action, subject=subject, details=details)
