"""While a text is read: sections confirmed, questions asked and answered, understanding said back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.consent import queries
from openkap.apps.consent.models import Acknowledgement, Consent, Question, TeachBack
from openkap.apps.consent.operations.moving import locked, move, note
from openkap.apps.consent.operations.tasks import ask_for_answer, settle_answer
from openkap.apps.consent.permissions import check_may_offer, check_may_read, is_patient
from openkap.errors import BadInput, NotAllowedNow

LONGEST = 2000
ANSWER_WITHIN = timedelta(days=1)


@transaction.atomic
def acknowledge(*, by: User, now: datetime, consent: Consent, sections: Sequence[str]) -> Consent:
    """Confirm that sections were read; the pages confirm one at a time. Confirming twice changes nothing.

    Raises `Refused`, `BadInput`, `NotAllowedNow`.
    """
    check_may_read(by, consent)
    consent = locked(consent)
    for section in sections:
        _check_section(consent, section)
    move(consent, "read", now=now)
    known = set(consent.acknowledgements.values_list("section", flat=True))
    new = [section for section in dict.fromkeys(sections) if section not in known]
    Acknowledgement.objects.bulk_create(
        Acknowledgement(consent=consent, section=section, at=now, by=by) for section in new
    )
    if new:
        note(by, now, "acknowledge", consent, {"sections": new})
    return consent


@transaction.atomic
def ask_question(
    *, by: User, now: datetime, consent: Consent, section: str, text: str, answer: str = ""
) -> Question:
    """Keep a question of the patient, with the answer staff gave at once. An open one becomes a task."""
    check_may_read(by, consent)
    consent = locked(consent)
    _check_section(consent, section)
    move(consent, "read", now=now)
    said = "" if is_patient(by, consent.patient) else answer.strip()[:LONGEST]
    question = Question.objects.create(
        consent=consent,
        section=section,
        text=_words(text, "text", _("Write the question.")),
        asked_at=now,
        recorded_by=by,
        answer=said,
        answered_at=now if said else None,
        answered_by=by if said else None,
    )
    note(by, now, "ask", consent, {"section": section, "answered": bool(said)})
    if not said:
        ask_for_answer(question, consent, by=by, now=now, due_at=now + ANSWER_WITHIN)
    return question


@transaction.atomic
def answer_question(*, by: User, now: datetime, consent: Consent, question: Question, answer: str) -> Question:
    """Answer a question, once. Raises `Refused`, `BadInput`, `NotAllowedNow`."""
    check_may_offer(by, consent.patient)
    consent = locked(consent)
    move(consent, "read", now=now)
    question = queries.question_of(consent, question.public_id)
    if question.answered_at is not None:
        raise NotAllowedNow(_("This question was answered already. Add another one."))
    question.answer = _words(answer, "answer", _("Write the answer."))
    question.answered_at, question.answered_by = now, by
    question.save(update_fields=["answer", "answered_at", "answered_by"])
    settle_answer(question, by=by, now=now)
    note(by, now, "answer", consent, {"section": question.section})
    return question


@transaction.atomic
def say_back(*, by: User, now: datetime, consent: Consent, answers: dict[str, str]) -> Consent:
    """Keep what the patient understood, in their own words, by question. Said again, the last words count.

    Raises `Refused`; `BadInput` when one of the text's questions has no answer; `NotAllowedNow`.
    """
    check_may_read(by, consent)
    consent = locked(consent)
    move(consent, "read", now=now)
    for question in consent.document["questions"]:
        said = _words(answers.get(question["id"], ""), question["id"], _("Write it in your own words."))
        TeachBack.objects.create(consent=consent, question=question["id"], said=said, at=now, recorded_by=by)
    note(by, now, "say-back", consent, {"n": len(consent.document["questions"])})
    return consent


def _check_section(consent: Consent, section: str) -> None:
    if section not in {one["id"] for one in consent.document["sections"]}:
        raise BadInput(_("There is no such section in this text."), field="section")


def _words(text: str, field: str, ask: str) -> str:
    if not text.strip():
        raise BadInput(ask, field=field)
    if len(text.strip()) > LONGEST:
        raise BadInput(_("At most %(n)d characters.") % {"n": LONGEST}, field=field)
    return text.strip()
