"""Entering what was tried before, and what is known of the present spell of illness."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.assessment.models import PastTreatment, PresentSpell
from openkap.apps.assessment.models.treatment import (
    Benefit,
    Ended,
    Kind,
    Known,
    Laterality,
    Role,
    Spell,
    ToldBy,
)
from openkap.apps.assessment.permissions import check_may_enter_history
from openkap.apps.assessment.tried import weeks_of
from openkap.apps.audit import operations as audit
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import operations as people
from openkap.apps.sites.rows import new_id
from openkap.core.assessment.trials import percent_better
from openkap.errors import BadInput, NotAllowedNow
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.past_treatment import TreatmentClass
from openkap.units import canonical_unit
from openkap.units.partial_dates import PartialDate

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

LONGEST_WEEKS = Decimal(5000)  # a slip of the finger, not a treatment
LOWEST_PERCENT = Decimal(-1000)
SCORES_AGREE_WITHIN = Decimal(1)  # percent: what was typed is often rounded


@dataclass(frozen=True)
class Tried:
    """One treatment tried, as entered; the columns are explained at `PastTreatment`.

    `treatment`: an id of the `past_treatments` records, or '' with a `name` in free text and, for a medicine,
    its `drug_class`.
    """

    kind: str
    told_by: str
    treatment: str = ""
    name: str = ""
    drug_class: str = ""
    role: str = Role.MAIN
    added_to: str = ""
    dose: Decimal | None = None
    dose_unit: str = ""
    route: str = ""
    sessions: int | None = None
    laterality: str = ""
    structured: str = Known.UNKNOWN
    spell: str = Spell.UNKNOWN
    began: PartialDate | None = None
    ended: PartialDate | None = None
    weeks: Decimal | None = None
    dose_adequate: str = Known.UNKNOWN
    taken_as_agreed: str = Known.UNKNOWN
    full_course: str = Known.UNKNOWN
    no_response_clear: str = Known.UNKNOWN
    percent_better: Decimal | None = None
    measure: str = ""
    score_before: Decimal | None = None
    score_after: Decimal | None = None
    benefit: str = Benefit.UNKNOWN
    why_ended: str = Ended.UNKNOWN
    note: str = ""
    from_medication: UUID | None = None


@transaction.atomic
def record_treatment(*, by: audit.Actor, now: datetime, patient: "Patient", tried: Tried) -> PastTreatment:
    """Add one treatment to the history. Raises `BadInput` (naming the field), `Refused`."""
    check_may_enter_history(by, patient)
    people.lock(patient)
    row = _row(by, now, patient, tried)
    row.save(force_insert=True)
    _record(by, now, "assessment.record-treatment", row)
    return row


@transaction.atomic
def correct_treatment(
    *, by: audit.Actor, now: datetime, treatment: PastTreatment, tried: Tried, reason: str = ""
) -> PastTreatment:
    """Replace what was entered; the earlier row stays and is shown as corrected.

    Raises `BadInput`, `Refused`, `NotAllowedNow` when it was already corrected or withdrawn.
    """
    patient = treatment.patient
    check_may_enter_history(by, patient)
    people.lock(patient)
    _check_stands(treatment)
    row = _row(by, now, patient, tried)
    row.supersedes, row.change_reason = treatment, reason.strip()
    row.from_medication = treatment.from_medication
    row.save(force_insert=True)
    _record(by, now, "assessment.correct-treatment", row)
    return row


@transaction.atomic
def withdraw_treatment(
    *, by: audit.Actor, now: datetime, treatment: PastTreatment, reason: str
) -> PastTreatment:
    """Say that it was entered in error, and why. The row stays, superseded by one that withdraws it."""
    patient = treatment.patient
    check_may_enter_history(by, patient)
    people.lock(patient)
    _check_stands(treatment)
    if not reason.strip():
        raise BadInput(_("Say why."), field="reason")
    row = PastTreatment.objects.get(pk=treatment.pk)
    row.supersedes = PastTreatment(pk=row.pk)
    row.pk, row.public_id, row.is_withdrawn, row.change_reason = None, new_id(), True, reason.strip()
    row.recorded_at, row.recorded_by = now, by if isinstance(by, User) else None
    row.save(force_insert=True)
    _record(by, now, "assessment.withdraw-treatment", row)
    return row


@transaction.atomic
def describe_spell(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    since: PartialDate | None,
    severity: str,
    is_complete: bool,
    note: str = "",
) -> PresentSpell:
    """Say when the present spell began, how severe it was then, and whether all that was tried is entered.

    `severity` is an id of the Maudsley record, or '' when not known. Raises `BadInput`, `Refused`.
    """
    check_may_enter_history(by, patient)
    _check_date("since", since, patient, _today(patient, now))
    known = {one.id for method in _maudsley(patient, now) for one in method.severity}
    if severity and severity not in known:
        raise BadInput(_("Choose how severe it is."), field="severity")
    people.lock(patient)
    earlier = PresentSpell.objects.filter(patient=patient, superseded_by__isnull=True).order_by("-id").first()
    row = PresentSpell.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        since=since,
        severity=severity,
        is_complete=is_complete,
        note=note.strip(),
        supersedes=earlier,
    )
    subject = audit.Subject("present-spell", row.public_id, patient.public_id, patient.site_id)
    audit.record(by=by, now=now, action="assessment.describe-spell", subject=subject, details={})
    return row


def _row(by: audit.Actor, now: datetime, patient: "Patient", tried: Tried) -> PastTreatment:
    knowledge = knowledge_for(patient.site, now)
    today = _today(patient, now)
    _check_choices(tried)
    _check_date("began", tried.began, patient, today)
    _check_date("ended", tried.ended, patient, today)
    columns: dict[str, Any] = asdict(tried)
    columns |= _named(columns.pop("treatment"), tried, knowledge) | _dose(tried) | _effect(tried)
    columns["note"] = tried.note.strip()
    columns["began"], columns["ended"] = tried.began, tried.ended  # asdict takes dates apart
    row = PastTreatment(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        **columns,
    )
    _check_duration(row, today)
    return row


def _check_choices(tried: Tried) -> None:
    allowed: dict[str, Any] = {
        "kind": Kind, "told_by": ToldBy, "role": Role, "structured": Known, "spell": Spell,
        "dose_adequate": Known, "taken_as_agreed": Known, "full_course": Known, "no_response_clear": Known,
        "benefit": Benefit, "why_ended": Ended,
    }  # fmt: skip
    for field, choices in allowed.items():
        if getattr(tried, field) not in choices.values:
            raise BadInput(_("Choose one of the answers."), field=field)
    if tried.laterality and tried.laterality not in Laterality.values:
        raise BadInput(_("Choose one of the answers."), field="laterality")
    if tried.sessions is not None and tried.sessions < 0:
        raise BadInput(_("A number of sessions is not below 0."), field="sessions")


def _named(treatment: str, tried: Tried, knowledge: KnowledgeSet) -> dict[str, str]:
    """What it is called and, for a medicine, its class."""
    classes = knowledge.past_treatments.values()
    if treatment:
        found = next((c for c in classes if any(one.id == treatment for one in c.treatments)), None)
        if found is None or found.kind != tried.kind:
            raise BadInput(_("This treatment is not in the list."), field="name")
        name = next(one.name.en for one in found.treatments if one.id == treatment)
        return {"medicine": treatment, "name": name, "drug_class": found.drug_class}
    if not tried.name.strip():
        raise BadInput(_("Say what it was."), field="name")
    if tried.drug_class and tried.drug_class not in _drug_classes(classes):
        raise BadInput(_("Choose a class of the list."), field="drug_class")
    return {"name": tried.name.strip(), "drug_class": tried.drug_class}


def _drug_classes(classes: Any) -> set[str]:
    known: list[TreatmentClass] = list(classes)
    return {one.drug_class for one in known if one.kind == "drug"}


def _dose(tried: Tried) -> dict[str, Any]:
    if tried.dose is None:
        return {"dose_unit": ""}
    if tried.dose <= 0:
        raise BadInput(_("A dose is above 0."), field="dose")
    if not tried.dose_unit:
        raise BadInput(_("Say in which unit."), field="dose_unit")
    return {"dose_unit": canonical_unit(tried.dose_unit)}


def _effect(tried: Tried) -> dict[str, Any]:
    """How much better in percent: as said, else from the two scores."""
    said, before, after = tried.percent_better, tried.score_before, tried.score_after
    if said is not None and not LOWEST_PERCENT <= said <= 100:
        raise BadInput(_("Better by at most 100 %; below 0 when it got worse."), field="percent_better")
    if (before is None) != (after is None):
        raise BadInput(_("Enter both scores."), field="score_after" if after is None else "score_before")
    if before is None or after is None:
        return {"percent_better": said}
    if before <= 0 or after < 0:
        raise BadInput(_("The score before must be above 0."), field="score_before")
    computed = Decimal(str(round(percent_better(float(before), float(after)), 1)))
    if said is not None and abs(said - computed) > SCORES_AGREE_WITHIN:
        raise BadInput(
            _("The scores come to %(n)s %%. Correct one of them.") % {"n": f"{computed:f}"},
            field="percent_better",
        )
    if computed < LOWEST_PERCENT:
        raise BadInput(_("Check the scores."), field="score_after")
    return {"percent_better": computed if said is None else said}


def _check_date(field: str, day: PartialDate | None, patient: "Patient", today: date) -> None:
    if day is not None and (day.first > today or day.last < patient.birth_date):
        raise BadInput(_("The date cannot be right."), field=field)


def _check_duration(row: PastTreatment, today: date) -> None:
    if row.weeks is not None and not 0 < row.weeks <= LONGEST_WEEKS:
        raise BadInput(_("The number of weeks cannot be right."), field="weeks")
    if row.ended is not None and row.why_ended == Ended.ONGOING:
        raise BadInput(_("It has an end, so it is not still going on."), field="why_ended")
    said, row.weeks = row.weeks, None
    try:
        by_dates = weeks_of(row, today)
    except BadInput as error:
        raise BadInput(_("It cannot have ended before it began."), field="ended") from error
    finally:
        row.weeks = said
    if said is not None and by_dates is not None and float(said) > by_dates.most + 1:
        raise BadInput(_("The dates leave room for fewer weeks."), field="weeks")


def _check_stands(treatment: PastTreatment) -> None:
    if PastTreatment.objects.filter(supersedes=treatment).exists() or treatment.is_withdrawn:
        raise NotAllowedNow(_("This entry was already corrected or withdrawn. Look at the page again."))


def _maudsley(patient: "Patient", now: datetime) -> list[Any]:
    return [one.maudsley for one in knowledge_for(patient.site, now).staging.values() if one.maudsley]


def _today(patient: "Patient", now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def _record(by: audit.Actor, now: datetime, action: str, row: PastTreatment) -> None:
    subject = audit.Subject("past-treatment", row.public_id, row.patient.public_id, row.site_id)
    audit.record(by=by, now=now, action=action, subject=subject, details={"kind": row.kind})
