"""Scores of a patient, and what their changes mean. Callers fetch the patient as the viewer may see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openkap.adapters.postgres.reading import once_a_page
from openkap.apps.knowledge_base.queries import instrument_with_words, knowledge_for
from openkap.apps.measures.early import early_of
from openkap.apps.measures.induction import Induction, induction_of
from openkap.apps.measures.models import Response
from openkap.apps.measures.words import reason_in_words
from openkap.apps.safety.rota import said_when_unstaffed
from openkap.core import psychometrics
from openkap.core.psychometrics import Change, DatedScore, EarlyCourse, NotAnswered
from openkap.errors import NotFound
from openkap.fhir.questionnaires import Filled
from openkap.fhir.scores import Scored
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.loader import versions_of
from openkap.knowledge.schema.course_windows import CourseWindows
from openkap.knowledge.schema.criterion import CriterionKind
from openkap.knowledge.schema.instrument import Band, Domain, Instrument, Points
from openkap.knowledge.schema.record import Text

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@dataclass(frozen=True)
class PatientScore:
    """One score of one instrument. `change` is since the baseline; none for the baseline and before it."""

    response_id: UUID
    instrument_id: str
    instrument_version: int
    title: str
    administered_at: datetime
    total: Points | None
    total_reason: str
    lowest: Points
    highest: Points
    band_id: str
    band_label: str
    outcome: str  # what the form says beside its score, in words
    prorated: bool
    is_baseline: bool
    is_response_endpoint: bool
    change: Change | None


@dataclass(frozen=True)
class BandShown:
    """A severity band with the lowest total in it."""

    at_least: Points
    label: str


@dataclass(frozen=True)
class Course:
    """The scores of one instrument, oldest first. `reliable_points` is none while no figure is adopted."""

    instrument_id: str
    title: str
    abbreviation: str
    lowest: Points
    highest: Points
    has_total: bool  # false: its parts are read one by one
    higher_is_worse: bool
    bands: tuple[BandShown, ...]
    scores: tuple[PatientScore, ...]
    baseline: PatientScore | None
    baseline_is_fixed: bool  # false before the first dose: a newer score would take its place
    reliable_points: float | None
    early: EarlyCourse | None = None  # none for what is no main measure of the indication

    @property
    def latest(self) -> PatientScore:
        """The newest score; a course has one at least."""
        return self.scores[-1]


def words(text: Text) -> str:
    """The words in the reader's language, else English."""
    spanish = (get_language() or "en").startswith("es")
    return text.es if spanish and text.es else text.en


def responses_of(patient: "Patient") -> QuerySet[Response]:
    """What was filled in, oldest first; entries that were corrected are left out."""
    return (
        Response.objects.filter(patient=patient, superseded_by__isnull=True)
        .select_related("recorded_by", "rater", "supersedes")
        .order_by("administered_at", "id")
    )


def responses_among(patients: "QuerySet[Patient]", instrument_id: str) -> QuerySet[Response]:
    """What any of these patients filled in of one instrument, oldest first, each with its patient."""
    rows = Response.objects.filter(
        patient__in=patients, instrument_id=instrument_id, superseded_by__isnull=True
    )
    return rows.select_related("patient__site").order_by("administered_at", "id")


def response_of(patient: "Patient", response_id: UUID) -> Response:
    """One entry of the patient, a corrected one included. Raises `NotFound`."""
    found = (
        Response.objects.filter(patient=patient, public_id=response_id)
        .select_related("recorded_by", "rater", "supersedes", "superseded_by", "patient__site")
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such entry."))
    return found


def instrument_of(response: Response) -> Instrument:
    """The instrument in the version, and in the words, that were filled in. Raises `NotFound`."""
    packaged = packaged_instrument(response.instrument_id, response.instrument_version)
    if not response.answers or packaged.items:
        return packaged
    licensed = instrument_with_words(response.site_id, response.instrument_id, response.wording_digest)
    return licensed or packaged


def packaged_instrument(instrument_id: str, version: int) -> Instrument:
    """The instrument of the package in that version. Raises `NotFound`."""
    for instrument in versions_of("instruments", Instrument):
        if (instrument.id, instrument.version) == (instrument_id, version):
            return instrument
    raise NotFound(_("This version of the questionnaire is not known here."))


def main_instruments() -> tuple[str, ...]:
    """The ids of those by which the course of any indication is judged."""
    return tuple({one.id for one in versions_of("instruments", Instrument) if one.main_for})


def instruments_for(patient: "Patient", now: datetime) -> tuple[Instrument, ...]:
    """The instruments that can be entered today, by what they are about, then by name."""
    order = list(Domain)
    known = knowledge_for(patient.site, now).instruments.values()
    return tuple(sorted(known, key=lambda one: (order.index(one.domain), one.abbreviation)))


def instruments_at_hand(patient: "Patient", now: datetime) -> tuple[Instrument, ...]:
    """Those that are filled in most: the main ones of any indication, and those used with this patient."""
    used = set(responses_of(patient).values_list("instrument_id", flat=True))
    return tuple(one for one in instruments_for(patient, now) if one.id in used or one.main_for)


def instrument_for_entry(patient: "Patient", now: datetime, instrument_id: str) -> Instrument:
    """The instrument as it is today. Raises `NotFound`."""
    found = knowledge_for(patient.site, now).instruments.get(instrument_id)
    if found is None:
        raise NotFound(_("There is no questionnaire of that name."))
    return found


def overlapping_days(patient: "Patient", now: datetime, instrument: Instrument) -> int | None:
    """Days since the last one, when that lies within the time the questions ask about; else None."""
    last = responses_of(patient).filter(instrument_id=instrument.id).last()
    if last is None:
        return None
    zone = ZoneInfo(patient.site.time_zone)
    days = (now.astimezone(zone).date() - last.administered_at.astimezone(zone).date()).days
    return days if days < instrument.recall_days else None


def said_before(patient: "Patient", now: datetime, instrument: Instrument, language: str) -> str:
    """What a person reads before a form with a safety question: who looks, when, and if nobody does now."""
    if not any(item.safety for item in instrument.items):
        return ""
    responses = knowledge_for(patient.site, now).risk_responses.values()
    said = [psychometrics.in_language(record.tell_the_person, language) or "" for record in responses]
    return " ".join([*said, said_when_unstaffed(patient.site, now)]).strip()


def band_in_words(instrument: Instrument, response: Response) -> str:
    """The severity band of an entry, as people call it; '' without one."""
    band = _band(instrument, response.band_id)
    return words(band.label) if band else ""


def outcome_in_words(instrument: Instrument, response: Response) -> str:
    """What the form says beside its score; '' without such a thing."""
    if response.outcome_open:
        return _("It cannot be told: answers are missing.")
    return outcome_words(instrument, response.outcome_id)


def outcome_words(instrument: Instrument, outcome_id: str) -> str:
    """An outcome of the form, as people call it; '' for none."""
    found = instrument.outcomes.of if instrument.outcomes else ()
    outcome = next((outcome for outcome in found if outcome.id == outcome_id), None)
    return words(outcome.label) if outcome else ""


def subscales_in_words(instrument: Instrument, response: Response) -> list[tuple[str, Points | None, Points]]:
    """The parts of the score: name, points (none when not known) and the highest there is."""
    return [
        (words(part.title), response.subscales.get(part.id), part.range.highest)
        for part in instrument.subscales
    ]


def filled_of(patient: "Patient", response: Response) -> Filled:
    """An entry's answers as they go to another system."""
    answers = {
        item: given if isinstance(given, int) else NotAnswered(given)
        for item, given in response.answers.items()
    }
    return Filled(response.public_id, patient.public_id, response.administered_at, response.language, answers)


def scored_of(patient: "Patient", response: Response) -> Scored:
    """An entry's score as it goes to another system."""
    return Scored(
        response.public_id, patient.public_id, response.administered_at, response.total, response.subscales
    )


@once_a_page
def courses_of(patient: "Patient", now: datetime) -> tuple[Course, ...]:
    """The course of every instrument that was filled in, by name.

    Before the first dose the newest score is the baseline to be, and nothing is judged against it.
    """
    known = knowledge_for(patient.site, now)
    induction = induction_of(patient)
    by_instrument: dict[str, list[Response]] = {}
    for response in responses_of(patient):
        by_instrument.setdefault(response.instrument_id, []).append(response)
    zone = ZoneInfo(patient.site.time_zone)
    courses = [_course(responses, known, zone, induction) for responses in by_instrument.values()]
    return tuple(sorted(courses, key=lambda course: course.abbreviation))


def scores_of(patient: "Patient", now: datetime) -> tuple[PatientScore, ...]:
    """Every score of the patient, oldest first, with what the change since baseline means."""
    scores = [score for course in courses_of(patient, now) for score in course.scores]
    return tuple(sorted(scores, key=lambda score: (score.administered_at, score.instrument_id)))


def _course(
    responses: list[Response], known: KnowledgeSet, zone: ZoneInfo, induction: Induction | None
) -> Course:
    instrument = instrument_of(responses[-1])
    dated = [dated_score(response, zone) for response in responses]
    start = _baseline(dated, known, zone, induction)
    endpoint = _endpoint(dated, start, known, zone, induction)
    scores = tuple(_score(response, start, endpoint, known) for response in responses)
    return Course(
        instrument_id=instrument.id,
        title=words(instrument.title),
        abbreviation=short_name(instrument),
        lowest=instrument.range.lowest,
        highest=instrument.range.highest,
        has_total=instrument.has_total,
        higher_is_worse=instrument.higher_is_worse,
        bands=_bands(instrument),
        scores=scores,
        baseline=next((score for score in scores if score.is_baseline), None),
        baseline_is_fixed=induction is not None,
        reliable_points=_reliable_points(instrument, known),
        early=early_of(instrument, dated, known, zone, induction),
    )


def short_name(instrument: Instrument) -> str:
    """The abbreviation a form is known by; its name in the reader's language where it has none."""
    named = instrument.abbreviation == instrument.title.en
    return words(instrument.title) if named else instrument.abbreviation


def dated_score(response: Response, zone: ZoneInfo) -> DatedScore:
    """A score as far as choosing among scores needs it, on the site's clock."""
    return DatedScore(
        response.instrument_id,
        response.instrument_version,
        response.administered_at.astimezone(zone),
        response.total,
        response.pk,
    )


def _baseline(
    dated: Iterable[DatedScore], known: KnowledgeSet, zone: ZoneInfo, induction: Induction | None
) -> DatedScore | None:
    first_dose = induction.first_dose_at.astimezone(zone) if induction else None
    return psychometrics.baseline(dated, first_dose, _windows(known))


def _windows(known: KnowledgeSet) -> CourseWindows:
    return next(iter(known.course_windows.values()))


def _endpoint(
    dated: Iterable[DatedScore],
    start: DatedScore | None,
    known: KnowledgeSet,
    zone: ZoneInfo,
    induction: Induction | None,
) -> DatedScore | None:
    if start is None or induction is None:
        return None
    last_dose = induction.last_dose_at.astimezone(zone)
    return psychometrics.response_endpoint(dated, start, last_dose, _windows(known))


def _score(
    response: Response, start: DatedScore | None, endpoint: DatedScore | None, known: KnowledgeSet
) -> PatientScore:
    instrument = instrument_of(response)
    band = _band(instrument, response.band_id)
    return PatientScore(
        response_id=response.public_id,
        instrument_id=response.instrument_id,
        instrument_version=response.instrument_version,
        title=words(instrument.title),
        administered_at=response.administered_at,
        total=response.total,
        total_reason=reason_in_words(response.total_reason),
        lowest=instrument.range.lowest,
        highest=instrument.range.highest,
        band_id=response.band_id,
        band_label=words(band.label) if band else "",
        outcome=outcome_in_words(instrument, response),
        prorated=response.prorated,
        is_baseline=start is not None and start.ref == response.pk,
        is_response_endpoint=endpoint is not None and endpoint.ref == response.pk,
        change=_change(response, instrument, start, known),
    )


def _change(
    response: Response, instrument: Instrument, start: DatedScore | None, known: KnowledgeSet
) -> Change | None:
    """The change since baseline; none across versions, without a total, or up to the baseline itself."""
    if start is None or start.total is None or response.total is None:
        return None
    if start.ref == response.pk or response.administered_at <= start.at:
        return None
    if start.instrument_version != response.instrument_version:
        return None
    return psychometrics.change(instrument, start.total, response.total, known.criteria_for(instrument.id))


def _bands(instrument: Instrument) -> tuple[BandShown, ...]:
    found = instrument.bands.of if instrument.bands else ()
    return tuple(BandShown(band.at_least, words(band.label)) for band in found)


def _band(instrument: Instrument, band_id: str) -> Band | None:
    found = instrument.bands.of if instrument.bands else ()
    return next((band for band in found if band.id == band_id), None)


def _reliable_points(instrument: Instrument, known: KnowledgeSet) -> float | None:
    return max(
        (
            psychometrics.reliable_change_points(criterion)
            for criterion in known.criteria_for(instrument.id)
            if criterion.kind is CriterionKind.RELIABLE_CHANGE
        ),
        default=None,
    )
