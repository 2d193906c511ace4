"""Reading what was tried and asked: rows as the plain values the core judges."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.assessment.models import DifferentialDecision, PastTreatment, PresentSpell, ScreenReply
from openkap.apps.assessment.models.treatment import Ended, Known, Laterality, Role
from openkap.apps.measures.scored import scored_of
from openkap.core.assessment.differential import Replies
from openkap.core.assessment.facts import Fact
from openkap.core.assessment.history import TreatmentHistory, history_facts
from openkap.core.assessment.scores import Score, instruments_in_rules, with_scores
from openkap.core.assessment.staging import Illness
from openkap.core.assessment.trials import Benefit, Spell, Trial, TrialKind, Weeks, weeks_between
from openkap.errors import NotFound
from openkap.knowledge import KnowledgeSet
from openkap.units.partial_dates import PartialDate

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

ANSWERS: dict[str, bool | None] = {Known.YES: True, Known.NO: False, Known.UNKNOWN: None}


@once_a_page
def treatments_of(patient: "Patient") -> QuerySet[PastTreatment]:
    """What was tried as it stands, in the order it was entered."""
    rows = PastTreatment.objects.filter(patient=patient, superseded_by__isnull=True, is_withdrawn=False)
    return rows.select_related("recorded_by").order_by("id")


def treatment_of(patient: "Patient", treatment_id: UUID) -> PastTreatment:
    """One treatment tried by this patient, as it stands. Raises `NotFound`."""
    found = treatments_of(patient).filter(public_id=treatment_id).first()
    if found is None:
        raise NotFound("There is no such treatment in this history.")
    return found


def changed_treatments(patient: "Patient") -> QuerySet[PastTreatment]:
    """Rows that were corrected or withdrawn, latest first."""
    rows = PastTreatment.objects.filter(patient=patient, superseded_by__isnull=False)
    return rows.select_related("recorded_by", "superseded_by__recorded_by").order_by("-id")


@once_a_page
def present_spell(patient: "Patient") -> PresentSpell | None:
    """What was last said of the present spell of illness."""
    rows = PresentSpell.objects.filter(patient=patient, superseded_by__isnull=True)
    return rows.select_related("recorded_by").order_by("-id").first()


@once_a_page
def replies_of(patient: "Patient") -> dict[str, ScreenReply]:
    """The latest answers to each screen, by screen."""
    rows = ScreenReply.objects.filter(patient=patient, superseded_by__isnull=True).order_by("id")
    return {row.screen: row for row in rows.select_related("recorded_by")}


@once_a_page
def conclusion_of(patient: "Patient") -> DifferentialDecision | None:
    """What a clinician last concluded."""
    rows = DifferentialDecision.objects.filter(patient=patient, superseded_by__isnull=True)
    return rows.select_related("recorded_by").order_by("-id").first()


def is_older_than_replies(conclusion: DifferentialDecision) -> bool:
    """Whether a screen was answered since it was concluded, so that it no longer stands."""
    newer = ScreenReply.objects.filter(patient_id=conclusion.patient_id, recorded_at__gt=conclusion.recorded_at)
    return newer.exists()


def prior_ketamine(patient: "Patient") -> list[PastTreatment]:
    """Ketamine or esketamine given before, latest entry first: prior benefit."""
    return [row for row in reversed(treatments_of(patient)) if row.kind == TrialKind.KETAMINE.value]


@once_a_page
def history_of(patient: "Patient", on: date) -> TreatmentHistory:
    """Everything known of what was tried and asked, as of a local date."""
    rows, spell = list(treatments_of(patient)), present_spell(patient)
    replies, conclusion = replies_of(patient), conclusion_of(patient)
    said = [row.recorded_at for row in rows] + ([spell.recorded_at] if spell else [])
    if conclusion and any(row.recorded_at > conclusion.recorded_at for row in replies.values()):
        conclusion = None  # the screens were answered anew since
    return TreatmentHistory(
        trials=tuple(trial_of(row, on) for row in rows),
        illness=illness_of(spell, on),
        replies=tuple(Replies(row.screen, row.replies, row.asked_on) for row in replies.values()),
        changed_on=_day(max(said), patient) if said else None,
        is_secondary={"secondary": True, "primary": False}.get(conclusion.conclusion) if conclusion else None,
        concluded_on=conclusion.on if conclusion else None,
    )


def scored_history(patient: "Patient", on: date, knowledge: KnowledgeSet) -> TreatmentHistory:
    """The history, and the totals entered as measures as answers of the screens that ask for them."""
    scores = scored_of(patient, instruments_in_rules(knowledge), on)
    return with_scores(history_of(patient, on), scores, knowledge)


def history_facts_for(
    patient: "Patient", on: date, knowledge: KnowledgeSet, scores: Sequence[Score] = ()
) -> tuple[Fact, ...]:
    """What rules look at of the history, with what was measured; see `core.assessment.history`."""
    return history_facts(with_scores(history_of(patient, on), scores, knowledge), knowledge)


def illness_of(spell: PresentSpell | None, on: date) -> Illness:
    """The present spell as the staging methods take it."""
    if spell is None:
        return Illness(on)
    return Illness(on, spell.since, spell.severity, spell.is_complete)


def trial_of(row: PastTreatment, on: date) -> Trial:
    """One row as a value. Its duration is the one that was said, else the one the dates allow."""
    return Trial(
        ref=str(row.public_id),
        kind=TrialKind(row.kind),
        key=row.medicine or row.name.casefold(),
        drug_class=row.drug_class,
        is_augmentation=row.role == Role.AUGMENTATION,
        spell=Spell(row.spell),
        weeks=weeks_of(row, on),
        dose_adequate=ANSWERS[row.dose_adequate],
        taken_as_agreed=ANSWERS[row.taken_as_agreed],
        no_response_clear=ANSWERS[row.no_response_clear],
        percent_better=None if row.percent_better is None else float(row.percent_better),
        benefit=Benefit(row.benefit),
        full_course=ANSWERS[row.full_course],
        bilateral={Laterality.BILATERAL: True, Laterality.UNILATERAL: False}.get(Laterality(row.laterality))
        if row.laterality
        else None,
    )


def weeks_of(row: PastTreatment, on: date) -> Weeks | None:
    """How long it was taken: as said, else from its dates; what goes on lasts until today."""
    if row.weeks is not None:
        return Weeks(float(row.weeks), float(row.weeks))
    ended = PartialDate.of_day(on) if row.why_ended == Ended.ONGOING and row.ended is None else row.ended
    return weeks_between(row.began, ended, on)


def _day(at: datetime, patient: "Patient") -> date:
    return at.astimezone(ZoneInfo(patient.site.time_zone)).date()
