"""Filling in on one's own telephone: every answer is kept as it is given, on whatever device.

What an answer about suicide says acts at once, not when the form is handed in.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.adapters.postgres.prepared import Given, Prepared
from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.measures import fillings, queries
from openkap.apps.measures.models import Filling, Mode, Response
from openkap.apps.measures.operations.recording import Entry, record_response
from openkap.apps.measures.permissions import check_is_asked, check_own
from openkap.apps.measures.safety import follow_up_answers
from openkap.apps.people import operations as people
from openkap.core import psychometrics
from openkap.core.psychometrics import Answer, NotAnswered
from openkap.errors import BadInput, NotAllowedNow
from openkap.knowledge.schema.instrument import Instrument, Item

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@transaction.atomic
def begin_filling(*, by: User, now: datetime, patient: "Patient", instrument_id: str, language: str) -> Filling:
    """Begin a questionnaire that is asked for, or go on with the one under way, in the language chosen.

    Raises `Refused`; `NotFound` for one that is not there; `NotAllowedNow` for one that nobody asked for;
    `BadInput` for a language it is not there in.
    """
    check_own(by, patient)
    people.lock(patient)
    instrument = queries.instrument_for_entry(patient, now, instrument_id)
    check_is_asked(patient, instrument, now)
    if language not in psychometrics.languages_of(instrument):
        raise BadInput(_("The questionnaire is not available in that language."), field="language")
    found = fillings.open_filling(patient, instrument)
    if found is None:
        found = Filling(site_id=patient.site_id, patient=patient, begun_at=now)
        found.instrument_id, found.instrument_version = instrument.id, instrument.version
    found.language = language
    found.wording_digest = psychometrics.wording_digest(instrument, language)
    found.touched_at = now
    found.save()
    audit.record(by=by, now=now, action="measures.begin", subject=_of(found))
    return found


@transaction.atomic
def keep_answer(*, by: User, now: datetime, filling: Filling, item_id: str, answer: Answer) -> Filling:
    """Keep one answer; the last one given holds, and the same one is not written twice.

    Not audited one by one: handing in is.

    Answers to questions that are no longer asked are dropped. Raises `Refused`, `BadInput`, and `NotAllowedNow`
    once it was handed in.
    """
    check_own(by, filling.patient)
    filling = _lock_open(filling)
    if fillings.answers_so_far(filling).get(item_id) == answer:
        return filling  # it was kept, and acted upon, when it was first sent
    instrument = fillings.instrument_of_filling(filling)
    item = _item(instrument, item_id)
    psychometrics.check_answer(instrument, item, answer)
    given = fillings.answers_so_far(filling) | {item.id: answer}
    asked = psychometrics.asked_items(instrument, given)
    if asked.get(item.id) is False:
        raise BadInput(_("This question is not asked after what you said before."))
    kept = {name: given[name] for name in given if asked.get(name) is not False}
    filling.answers = {name: one.value if isinstance(one, NotAnswered) else one for name, one in kept.items()}
    filling.touched_at = now
    filling.save(update_fields=["answers", "touched_at"])
    if item.safety:
        follow_up_answers(
            by=by,
            now=now,
            source=fillings.said_in_filling(filling, item),
            instrument=instrument,
        )
    return filling


@transaction.atomic
def hand_in(*, by: User, now: datetime, filling: Filling) -> Response:
    """Score it and keep it as the patient's answers; handed in twice it is kept once.

    Raises `Refused`, and `BadInput` while a question that is asked has neither an answer nor a word on it.
    """
    check_own(by, filling.patient)
    filling = _lock(filling)
    instrument = fillings.instrument_of_filling(filling)
    given = fillings.answers_so_far(filling)
    if filling.handed_in_at is None and (open_item := fillings.next_unanswered(instrument, given)):
        raise BadInput(_("One question has no answer yet."), field=open_item.id)
    entry = Entry(
        instrument_id=instrument.id,
        administered_at=filling.handed_in_at or now,
        answers={item.id: given.get(item.id, NotAnswered.SKIP) for item in instrument.items}
        | {item.id: given[item.id] for item in instrument.unscored_items if item.id in given},
        mode=Mode.OWN_DEVICE.value,
        language=filling.language,
    )
    response = record_response(by=by, now=now, patient=filling.patient, entry=entry, entry_id=filling.public_id)
    if filling.handed_in_at is None:
        filling.handed_in_at = now
        filling.save(update_fields=["handed_in_at"])
    return response


_LOCKED = Prepared(lambda: Filling.objects.select_for_update().filter(pk=Given("pk")))


def _lock(filling: Filling) -> Filling:
    """The form as it is now, for this transaction alone; not its patient or site, where others write too."""
    locked = _LOCKED.all(pk=filling.pk)[0]
    locked.patient = filling.patient
    return locked


def _lock_open(filling: Filling) -> Filling:
    filling = _lock(filling)
    if filling.handed_in_at is not None:
        raise NotAllowedNow(_("It has been handed in. Your care team can correct it with you."))
    return filling


def _item(instrument: Instrument, item_id: str) -> Item:
    for item in (*instrument.items, *instrument.unscored_items):
        if item.id == item_id:
            return item
    raise BadInput(_("There is no such question."))


def _of(filling: Filling) -> Subject:
    patient = filling.patient
    return Subject("response", filling.public_id, patient.public_id, patient.site_id)
