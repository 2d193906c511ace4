"""Consents for tests, through the operations: texts adopted, words filled in, a patient who reads and signs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from openkap.apps.access.models import User
from openkap.apps.assessment.queries import current_episode
from openkap.apps.consent import operations, queries
from openkap.apps.consent.models import Consent, SiteWords
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.knowledge_base.queries import knowledge_for, waits_for_decision
from openkap.apps.sites.models import Site
from openkap.knowledge.schema.consent_template import Blank
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor

SAID = {
    Blank.PRICE: "400 dollars for a session.",
    Blank.EMERGENCY_NUMBER: "911",
    Blank.CLINIC_PHONE: "555 0100",
    Blank.CRISIS_LINE: "988",
    Blank.WHO_IS_PRESENT: "A nurse and your therapist.",
    Blank.EMERGENCY_PLAN: "A nurse stays with you and calls the doctor.",
}
WORDS = {blank.value: {"en": said, "es": f"{said} (es)"} for blank, said in SAID.items()}


def adopt_texts(director: User, site: Site, now: datetime = THEN) -> None:
    """The director adopts every consent text that waits for it."""
    known = knowledge_for(site, now)
    for record in known.consent_templates.values():
        if waits_for_decision(known, record):
            sign_off(by=director, now=now, record_id=record.id, version=record.version, site=site, adopted=True)


def site_words(director: User, site: Site, now: datetime = THEN, **more: object) -> SiteWords:
    """The site has filled in every blank."""
    return operations.write_words(by=director, now=now, site=site, words=WORDS, **more)  # type: ignore[arg-type]


def texts_ready(cared: CaredFor, now: datetime = THEN) -> None:
    """Texts adopted and blanks filled in, once a site."""
    adopt_texts(cared.medical_director, cared.site, now)
    if queries.words_of(cared.site, now) is None:
        site_words(cared.medical_director, cared.site, now)


def offered(
    cared: CaredFor, now: datetime = THEN, *, language: str = "en", addenda: Sequence[str] = (), **more: str
) -> Consent:
    """A text offered to the patient for the drug and route of their episode."""
    texts_ready(cared, now)
    return operations.offer(
        by=cared.prescriber, now=now, patient=cared.patient, language=language, addenda=addenda, **more
    )


def read_through(consent: Consent, by: User, now: datetime = THEN) -> Consent:
    """Every section confirmed, and what was understood said in the patient's own words."""
    sections = [section["id"] for section in consent.document["sections"]]
    operations.acknowledge(by=by, now=now, consent=consent, sections=sections)
    answers = {question["id"]: "In my own words." for question in consent.document["questions"]}
    return operations.say_back(by=by, now=now, consent=consent, answers=answers)


def patient_signed(cared: CaredFor, now: datetime = THEN, **asked: object) -> Consent:
    """Read together on the tablet and signed, witnessed by the prescriber."""
    consent = read_through(offered(cared, now, **asked), cared.prescriber, now)  # type: ignore[arg-type]
    return operations.sign(by=cared.prescriber, now=now, consent=consent, printed_name=cared.patient.name)


def countersigned(cared: CaredFor, consent: Consent, now: datetime = THEN) -> Consent:
    """The prescriber confirms that it was explained and understood."""
    return operations.countersign(
        by=cared.prescriber,
        now=now,
        consent=consent,
        printed_name=cared.prescriber.full_name,
        understood=[question["id"] for question in consent.document["questions"]],
    )


def valid_consent(cared: CaredFor, now: datetime = THEN, **asked: object) -> Consent:
    """Offered, read, signed and countersigned within a quarter of an hour."""
    consent = patient_signed(cared, now, **asked)
    return countersigned(cared, consent, now + timedelta(minutes=15))


def with_consent(cared: CaredFor, now: datetime = THEN) -> None:
    """A valid consent for the drug and route of the episode, unless one stands already."""
    texts_ready(cared)  # as of old, whenever it is signed: others of the site may have signed before
    episode = current_episode(cared.patient)
    assert episode is not None
    if not queries.standing_of(cared.patient, episode.drug, episode.route, now + timedelta(hours=1)).is_valid:
        valid_consent(cared, now)
