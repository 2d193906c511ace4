"""The only writes of answers to instruments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Actor, Subject
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.models import Mode, Response
from openkap.apps.measures.operations.asking import close_answered
from openkap.apps.measures.permissions import check_may_enter
from openkap.apps.measures.safety import follow_up_answers, said_in
from openkap.apps.sites.rows import new_id
from openkap.core import psychometrics
from openkap.core.psychometrics import Answer, NotAnswered, Score
from openkap.errors import BadInput, NotAllowedNow
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.instrument import Instrument, Points, Respondent

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@dataclass(frozen=True)
class Entry:
    """What was filled in: `answers` by item id, or a `total` from a form scored elsewhere; one of the two.

    `answers` name every scored item; unscored items may be left out. `subscales` go with a total, or stand for
    it where there is none. `rater` is the clinician who rated, for instruments that a clinician fills in.
    """

    instrument_id: str
    administered_at: datetime
    answers: Mapping[str, Answer] = field(default_factory=dict)
    total: Points | None = None
    subscales: Mapping[str, Points] = field(default_factory=dict)
    mode: str = Mode.SCREEN.value
    language: str = "en"
    rater: User | None = None


@transaction.atomic
def record_response(
    *, by: Actor, now: datetime, patient: "Patient", entry: Entry, entry_id: UUID | None = None
) -> Response:
    """Score and keep what was filled in, and act on its safety answers.

    `entry_id` is made by the form: the same entry sent twice is kept once. Raises `Refused`, `BadInput`.
    """
    check_may_enter(by, patient)
    if earlier := _already(patient, entry_id):
        return earlier
    response = _keep(by, now, patient, entry, entry_id)
    audit.record(by=by, now=now, action="measures.record", subject=_of(response), details=_details(response))
    close_answered(by=by, now=now, response=response)
    return response


@transaction.atomic
def correct_response(
    *,
    by: Actor,
    now: datetime,
    response: Response,
    entry: Entry,
    reason: str,
    entry_id: UUID | None = None,
) -> Response:
    """Put a corrected entry in the place of one that was wrong; the wrong one stays readable.

    Raises `Refused`, `BadInput`, and `NotAllowedNow` when it has been corrected already.
    """
    check_may_enter(by, response.patient)
    if earlier := _already(response.patient, entry_id):
        return earlier
    response = Response.objects.select_for_update().get(pk=response.pk)
    if Response.objects.filter(supersedes=response).exists():
        raise NotAllowedNow(_("This entry has been corrected already. Correct the newer one."))
    if entry.instrument_id != response.instrument_id:
        raise BadInput(_("A correction is of the same questionnaire."))
    if not reason.strip():
        raise BadInput(_("Say what was wrong."), field="reason")
    corrected = _keep(by, now, response.patient, entry, entry_id, corrects=response, reason=reason.strip())
    details = _details(corrected) | {"supersedes": str(response.public_id)}
    audit.record(by=by, now=now, action="measures.correct", subject=_of(corrected), details=details)
    return corrected


def _already(patient: "Patient", entry_id: UUID | None) -> Response | None:
    if entry_id is None:
        return None
    found = Response.objects.filter(public_id=entry_id).first()
    if found is not None and found.patient_id != patient.pk:
        raise BadInput(_("This entry belongs to another form. Open a new one."))
    return found


def _keep(
    by: Actor,
    now: datetime,
    patient: "Patient",
    entry: Entry,
    entry_id: UUID | None,
    *,
    corrects: Response | None = None,
    reason: str = "",
) -> Response:
    known = knowledge_for(patient.site, now)
    instrument = _instrument(known, entry.instrument_id)
    _check_circumstances(instrument, patient, entry, now)
    scored = _score(instrument, entry)
    response = Response.objects.create(
        public_id=entry_id or new_id(),
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        wording_digest=psychometrics.wording_digest(instrument, entry.language) if entry.answers else "",
        language=entry.language,
        mode=entry.mode,
        administered_at=entry.administered_at,
        rater=entry.rater,
        answers={
            item: answer.value if isinstance(answer, NotAnswered) else answer
            for item, answer in entry.answers.items()
        },
        total=scored.total,
        total_reason=scored.reason or "",
        subscales={part.id: part.total for part in scored.subscales},
        band_id=scored.band.id if scored.band else "",
        outcome_id=scored.outcome.id if scored.outcome else "",
        outcome_open=scored.undecided,
        n_missing=scored.n_missing,
        prorated=scored.prorated,
        supersedes=corrects,
        correction_reason=reason,
    )
    follow_up_answers(by=by, now=now, source=said_in(response), instrument=instrument)
    return response


def _instrument(known: KnowledgeSet, instrument_id: str) -> Instrument:
    found = known.instruments.get(instrument_id)
    if found is None:
        raise BadInput(_("There is no questionnaire of that name."), field="instrument")
    return found


def _check_circumstances(instrument: Instrument, patient: "Patient", entry: Entry, now: datetime) -> None:
    if entry.administered_at.tzinfo is None:
        raise BadInput(_("Say in which time zone it was filled in."), field="administered_at")
    if entry.administered_at > now:
        raise BadInput(_("It cannot have been filled in later than now."), field="administered_at")
    if entry.administered_at.date() < patient.birth_date:
        raise BadInput(_("It cannot have been filled in before birth."), field="administered_at")
    if entry.mode not in Mode.values:
        raise BadInput(_("Choose how it was filled in."), field="mode")
    if entry.answers and entry.language not in psychometrics.languages_of(instrument):
        raise BadInput(_("The questionnaire is not available in that language."), field="language")
    if instrument.respondent is Respondent.CLINICIAN and entry.rater is None:
        raise BadInput(_("Say who rated."), field="rater")


def _score(instrument: Instrument, entry: Entry) -> Score:
    if entry.total is not None or entry.subscales:
        if entry.answers:
            raise BadInput(_("Enter either the answers or the total."))
        return psychometrics.score_total(instrument, entry.total, entry.subscales)
    unscored = {item.id: item for item in instrument.unscored_items}
    scored = {item.id for item in instrument.items}
    if set(entry.answers) - set(unscored) != scored:
        raise BadInput(_("Every question needs an answer, or a word on why there is none."))
    for item_id, answer in entry.answers.items():
        if item_id in unscored:
            psychometrics.check_answer(instrument, unscored[item_id], answer)
    return psychometrics.score(instrument, [entry.answers[item.id] for item in instrument.items])


def _of(response: Response) -> Subject:
    patient = response.patient
    return Subject("response", response.public_id, patient.public_id, patient.site_id)


def _details(response: Response) -> dict[str, object]:
    return {"instrument": response.instrument_id, "version": response.instrument_version}
