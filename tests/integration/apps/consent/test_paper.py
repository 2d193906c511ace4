"""The PDF says exactly what was signed, and the blank form what would be signed."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.access import a_client
from tests.factories.assessment import an_episode
from tests.factories.consent import WORDS, countersigned, offered, read_through, texts_ready, valid_consent
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.pdf import Pdf
from tests.sharing import shared

from openkap.apps.assessment.queries import current_episode
from openkap.apps.audit.models import Row
from openkap.apps.consent import operations, paper, queries
from openkap.apps.consent.models import Consent
from openkap.apps.consent.operations.offering import text_for
from openkap.errors import NotAllowedNow

pytestmark = pytest.mark.django_db


@shared
def cared() -> CaredFor:
    made = cared_for()
    an_episode(made.patient, made.prescriber)
    return made


def without_feet(text: str, consent: Consent) -> str:
    """The words without the line at the foot of each page, which parts a paragraph that goes on."""
    patient = consent.patient
    who = f"{consent.document['title']}. {patient.name}, {patient.record_number}."
    foot = f"{who} SHA-256 {consent.text_digest[:16]}"
    parted = re.sub(re.escape(foot) + r" \d+ of \d+", "", text)
    return re.sub(r"\s+", " ", parted)


def test_the_pdf_has_every_word_both_signatures_and_the_digest(cared: CaredFor) -> None:
    consent = read_through(offered(cared), cared.prescriber)
    operations.ask_question(
        by=cared.monitor, now=THEN, consent=consent, section="drug", text="Will it help?", answer="It may."
    )
    operations.sign(
        by=cared.prescriber, now=THEN, consent=consent, printed_name=cared.patient.name, drawn="M 1 1 L 90 80"
    )
    consent = countersigned(cared, consent, THEN + timedelta(minutes=5))
    text = without_feet(Pdf(paper.signed_pdf(consent, THEN)).text, consent)
    for section in consent.document["sections"]:
        assert section["title"] in text
        for paragraph in section["paragraphs"]:
            assert " ".join(paragraph.split()) in text
    for words in (
        consent.document["agreement"],
        consent.document["explained"],
        cared.patient.name,
        cared.prescriber.full_name,
        consent.text_digest,
        "Will it help?",
        "It may.",
        "In my own words.",
        "Witness",
    ):
        assert words in text
    for signature in consent.signatures.all():
        assert signature.seal in text


def test_in_spanish_it_is_spanish_throughout(cared: CaredFor) -> None:
    consent = valid_consent(cared, language="es")
    made = paper.signed_pdf(consent, THEN)
    text = Pdf(made).text
    assert "Qué es la ketamina" in text
    assert "What ketamine is" not in text
    assert b"/Lang (es)" in made or b"/Lang(es)" in made or "es" in str(Pdf(made).objects)


def test_the_same_consent_makes_the_same_file(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    assert paper.signed_pdf(consent, THEN) == paper.signed_pdf(consent, THEN)


def test_a_text_that_is_not_the_signed_one_is_never_printed_as_signed(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    consent.document["sections"][0]["paragraphs"][0] += " "
    with pytest.raises(NotAllowedNow, match="not the one that was signed"):
        paper.signed_pdf(consent, THEN)


def test_the_blank_form_has_the_words_and_no_name_under_the_lines(cared: CaredFor) -> None:
    texts_ready(cared)
    episode = current_episode(cared.patient)
    assert episode is not None
    text, _version = text_for(cared.patient, episode, "en", ["consent-addendum-touch"], THEN)
    words = Pdf(paper.blank_pdf(cared.patient, text, THEN)).text
    assert "not signed" in words
    assert "A hand to hold" in words
    assert WORDS["price"]["en"] in words
    assert "name and signature" in words


def download(client: Client, consent: Consent) -> bytes:
    answer = client.get(reverse("consent:pdf", args=[consent.patient.public_id, consent.public_id]))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert cared_name(consent) not in answer.headers["Content-Disposition"]
    return bytes(answer.content)


def cared_name(consent: Consent) -> str:
    return consent.patient.family_name


def test_a_download_leaves_a_trace(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    assert download(a_client(cared.therapist), consent).startswith(b"%PDF-")
    assert Row.objects.filter(action="consent.download", patient_id=cared.patient.public_id).count() == 1


def test_the_blank_form_is_printed_by_who_may_offer(cared: CaredFor) -> None:
    texts_ready(cared)
    address = reverse("consent:blank", args=[cared.patient.public_id])
    assert a_client(cared.therapist).get(address + "?language=es").content.startswith(b"%PDF-")
    assert a_client(cared.coordinator).get(address).status_code == 403
    assert a_client(cared.therapist).get(address + "?language=xx").status_code == 400
    assert Row.objects.filter(action="consent.print-blank").count() == 1


def test_a_broken_binding_is_not_shown_as_signed(cared: CaredFor) -> None:
    consent = queries.consents_of(cared.patient).filter(pk=valid_consent(cared).pk)[0]
    assert queries.is_bound(consent)
    consent.signatures.all()[0].printed_name = "x"
    consent._prefetched_objects_cache["signatures"][0].printed_name = "Somebody Else"  # type: ignore[attr-defined]
    assert not queries.is_bound(consent)
