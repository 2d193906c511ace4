"""Consents of made-up people: read together on the tablet, said back in own words, signed, countersigned."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from openkap.apps.consent import operations, queries
from openkap.apps.consent.models import Consent
from openkap.apps.people.models import Patient
from openkap.apps.tasks import operations as tasks
from openkap.apps.tasks import queries as tasks_queries
from openkap.jobs.demo import texts
from openkap.jobs.demo.staff import House
from openkap.knowledge.schema.consent_template import Blank

MINUTE = timedelta(minutes=1)
BEFORE_PLAN = 60 * MINUTE
INTENSIVE = "consent-addendum-intensive"
TOUCH = "consent-addendum-touch"
SITE_WORDS: dict[str, dict[str, str]] = {
    Blank.PRICE.value: {
        "en": "480 for an infusion session and 160 for a therapy visit; the assessment is free.",
        "es": "480 por una sesión de infusión y 160 por una visita de terapia; la evaluación es gratuita.",
    },
    Blank.CLINIC_PHONE.value: {"en": "555 0142, day and night.", "es": "555 0142, día y noche."},
    Blank.CRISIS_LINE.value: {"en": "988", "es": "988"},
    Blank.WHO_IS_PRESENT.value: {
        "en": "a session monitor who never leaves the room, and a prescriber in the house. "
        "Your therapist comes when you wish.",
        "es": "una persona que vigila la sesión y no sale de la sala, y quien receta, en la casa. Su terapeuta "
        "viene si usted lo desea.",
    },
    Blank.EMERGENCY_PLAN.value: {
        "en": "the monitor stops the dose, stays with you and calls the prescriber. Oxygen and a defibrillator "
        "are in the room, and an ambulance is called.",
        "es": "quien vigila detiene la dosis, se queda con usted y llama a quien receta. "
        "En la sala hay oxígeno y un desfibrilador, y se llama a una ambulancia.",
    },
}


class Until(StrEnum):
    """How far it went."""

    READING = "reading"
    SIGNED = "signed"
    VALID = "valid"


def fill_in_words(house: House, at: datetime) -> None:
    """The director says what stands in the blanks of the house's texts."""
    operations.write_words(by=house.director, now=at, site=house.site, words=SITE_WORDS)


def consenting(
    house: House, patient: Patient, begin: datetime, random: Random, *, intensive: bool, until: Until
) -> Iterator[datetime]:
    """One conversation of three quarters of an hour, from the offer to the countersignature."""
    by = house.prescriber
    addenda = [INTENSIVE] if intensive else [TOUCH] if random.random() < 0.3 else []
    consent = operations.offer(by=by, now=begin, patient=patient, language="en", addenda=addenda)
    sections = [section["id"] for section in consent.document["sections"]]
    read = begin + 20 * MINUTE
    yield read
    some = sections if until is not Until.READING else sections[: len(sections) // 3]
    operations.acknowledge(by=by, now=read, consent=consent, sections=some)
    asked, answered = random.choice(texts.CONSENT_QUESTIONS)
    operations.ask_question(
        by=by, now=read, consent=consent, section=random.choice(sections[:5]), text=asked, answer=answered
    )
    if until is not Until.READING:
        yield from _sign(house, consent, read + 10 * MINUTE, until)


def _sign(house: House, consent: Consent, at: datetime, until: Until) -> Iterator[datetime]:
    yield at
    by = house.prescriber
    questions = [question["id"] for question in consent.document["questions"]]
    said = dict(zip(questions, texts.SAID_BACK, strict=True))
    operations.say_back(by=by, now=at, consent=consent, answers=said)
    operations.sign(by=by, now=at, consent=consent, printed_name=consent.patient.name)
    if until is Until.VALID:
        yield at + 5 * MINUTE
        operations.countersign(
            by=by, now=at + 5 * MINUTE, consent=consent, printed_name=by.full_name, understood=questions
        )


def take_back(house: House, patient: Patient, at: datetime) -> Iterator[datetime]:
    """The patient tells the coordinator that they want no more doses; the prescriber calls them."""
    consent = next(c for c in queries.consents_of(patient) if c.state == "valid")
    operations.withdraw(by=house.coordinator, now=at, consent=consent, reason=texts.TAKEN_BACK)
    called = at + 10 * MINUTE
    yield called
    for alert in tasks_queries.alerts_of(patient).filter(
        kind="consent-withdrawn", acknowledged_at__isnull=True
    ):
        tasks.acknowledge_alert(by=house.prescriber, now=called, alert=alert, what_was_done=texts.CALLED)
