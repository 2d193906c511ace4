"""What can be entered, and one entry in full."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.inbox.items import InboxKind
from openkap.apps.inbox.queries import seen_among
from openkap.apps.measures import queries
from openkap.apps.measures.forms import LEFT_OUT, LibraryForm, asked_in_words, offered_answers
from openkap.apps.measures.library import shelf
from openkap.apps.measures.models import Response
from openkap.apps.measures.queries import Course, PatientScore
from openkap.apps.measures.words import Meaning, meanings_of, points_in_words, reason_in_words
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import holds, patient_for
from openkap.apps.people.viewer import viewer_of
from openkap.fhir.questionnaires import questionnaire_response
from openkap.fhir.scores import score_observation
from openkap.knowledge.schema.instrument import Instrument, Item


@dataclass(frozen=True)
class Row:
    """One score in the table."""

    score: PatientScore
    points: str
    meanings: list[Meaning]


@dataclass(frozen=True)
class QuestionShown:
    """One question with what was answered, in words."""

    item: Item
    text: str
    answer: str


@requires(Permission.MEASURE_ENTER, about_patient=True)
@require_safe
def library(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Every questionnaire that can be entered, by what it is about."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.MEASURE_ENTER)
    note_read(viewer, now, patient)
    known, find = queries.instruments_for(patient, now), LibraryForm(request.GET)
    groups = shelf(known, find.cleaned_data if find.is_valid() else {})
    context = {
        "patient": patient,
        "find": find,
        "groups": groups,
        "found": sum(len(shelved) for _domain, shelved in groups),
        "total": len(known),
    }
    return render(request, "measures/library.html", context)


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def entry(request: HttpRequest, patient_id: UUID, response_id: UUID) -> HttpResponse:
    """One entry: every answer, the score, who entered it, and what it corrects."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.CHART_READ)
    response = queries.response_of(patient, response_id)
    instrument = queries.instrument_of(response)
    note_read(viewer, now, patient)
    corrected_by = getattr(response, "superseded_by", None)
    context = {
        "patient": patient,
        "response": response,
        "instrument": instrument,
        "title": queries.words(instrument.title),
        "questions": _questions(instrument, response),
        "band": queries.band_in_words(instrument, response),
        "reason": reason_in_words(response.total_reason),
        "outcome": queries.outcome_in_words(instrument, response),
        "parts": queries.subscales_in_words(instrument, response),
        "corrected_by": corrected_by,
        "may_correct": corrected_by is None and may_enter(viewer, patient),
        "seen": seen_among(InboxKind.RESULT, [response.public_id]).get(response.public_id),
        "may_mark": corrected_by is None and response.rater is None and _may_mark(viewer, patient),
        "zone": patient.site.time_zone,
    }
    return render(request, "measures/entry.html", context)


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def as_fhir(request: HttpRequest, patient_id: UUID, response_id: UUID) -> HttpResponse:
    """One entry as FHIR, for another system: a QuestionnaireResponse, or of a mere score an Observation."""
    viewer, now = viewer_of(request), timezone.now()
    patient = patient_for(viewer, patient_id, Permission.CHART_READ)
    response = queries.response_of(patient, response_id)
    note_read(viewer, now, patient)
    instrument = queries.instrument_of(response)
    if response.entered_as_total:
        kind, shown = "score", score_observation(instrument, queries.scored_of(patient, response))
    else:
        filled = queries.filled_of(patient, response)
        kind, shown = "questionnaire-response", questionnaire_response(instrument, filled)
    return JsonResponse(
        shown,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        content_type="application/fhir+json",
        headers={"Content-Disposition": f'attachment; filename="{kind}-{response_id}.json"'},
    )


@transaction.atomic
def note_read(viewer: User, now: datetime, patient: Patient) -> None:
    """One row of the trail for this request."""
    subject = Subject("patient", patient.public_id, patient.public_id, patient.site_id)
    audit.record(by=viewer, now=now, action="measures.read", subject=subject)


def may_enter(viewer: User, patient: Patient) -> bool:
    """Whether the viewer may enter answers of this patient."""
    return holds(viewer, Permission.MEASURE_ENTER, patient)


def _may_mark(viewer: User, patient: Patient) -> bool:
    """Whether the viewer may say that they looked at what came in."""
    return holds(viewer, Permission.INBOX_MARK, patient)


def zone_of(patient: Patient) -> ZoneInfo:
    """The site's time zone, in which times are entered and shown."""
    return ZoneInfo(patient.site.time_zone)


def course_rows(course: Course) -> list[Row]:
    """Every score of one instrument, the newest first, with what its change since baseline means."""
    return [
        Row(
            score,
            points_in_words(score.change) if score.change else "",
            meanings_of(score.change) if score.change else [],
        )
        for score in reversed(course.scores)
    ]


def _questions(instrument: Instrument, response: Response) -> list[QuestionShown]:
    if response.entered_as_total:
        return []
    items = (*instrument.items, *instrument.unscored_items)
    return [_question(instrument, item, response) for item in items if item.id in response.answers]


def _question(instrument: Instrument, item: Item, response: Response) -> QuestionShown:
    given = response.answers[item.id]
    offered = dict(offered_answers(instrument, item, response.language))
    words = offered.get(str(given)) or str(dict(LEFT_OUT).get(given, given))
    return QuestionShown(item, asked_in_words(item, response.language), words)
