"""The pages of consent: the step, the tablet, the portal, the settings."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.access import a_client, a_user
from tests.factories.assessment import an_episode
from tests.factories.consent import (
    WORDS,
    adopt_texts,
    offered,
    patient_signed,
    read_through,
    site_words,
    texts_ready,
    valid_consent,
)
from tests.factories.portal import a_help, let_in
from tests.factories.sites import THEN
from tests.factories.tasks import SYSTEM, CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.models import SignIn, User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.consent import operations, queries
from openkap.apps.consent.models import Consent, Signature, SiteWords, Withdrawal
from openkap.apps.consent.states import ConsentState
from openkap.apps.portal.helping import change_help
from openkap.apps.portal.queries import HelpLine, help_at
from openkap.apps.tasks.models import Task
from openkap.errors import BadInput

pytestmark = pytest.mark.django_db


@shared
def cared() -> CaredFor:
    made = cared_for()
    an_episode(made.patient, made.prescriber)
    return made


def step_of(cared: CaredFor) -> str:
    return reverse("consent:step", args=[cared.patient.public_id])


def record_of(consent: Consent, page: str = "record") -> str:
    return reverse(f"consent:{page}", args=[consent.patient.public_id, consent.public_id])


def tablet_of(consent: Consent, page: str, *more: str) -> str:
    return reverse(f"consent:{page}", args=[consent.public_id, *more])


def read_on(client: Client, consent: Consent, prefix: str = "") -> None:
    """Press 'I have read this' until the words of understanding are asked for."""
    for section in consent.document["sections"]:
        client.post(tablet_of(consent, f"{prefix}section", section["id"]))


def test_the_step_says_how_consent_stands_and_offers_the_text(cared: CaredFor) -> None:
    client = a_client(cared.prescriber)
    page = client.get(step_of(cared)).content.decode()
    assert "No consent for this drug and route" in page
    assert "has not adopted this consent text" in page
    texts_ready(cared)
    page = client.get(step_of(cared)).content.decode()
    assert 'name="place"' in page
    assert "Addendum: intensive schedule" in page
    assert Row.objects.filter(action="consent.read").count() == 2


def test_without_an_indication_the_step_says_what_comes_first() -> None:
    cared = cared_for()
    assert "Set the indication first" in a_client(cared.prescriber).get(step_of(cared)).content.decode()


def test_what_is_treated_suggests_its_addendum(cared: CaredFor) -> None:
    an_episode(cared.patient, cared.prescriber, indication="panic")
    texts_ready(cared)
    page = a_client(cared.prescriber).get(step_of(cared)).content.decode()
    boxes = [line.split(">")[0] for line in page.split("<input") if 'name="addenda"' in line]
    assert [box for box in boxes if "checked" in box and "consent-addendum-panic" in box]
    assert len([box for box in boxes if "checked" in box]) == 1


def test_blanks_that_are_missing_are_named_on_the_form(cared: CaredFor) -> None:
    adopt_texts(cared.medical_director, cared.site)
    answer = a_client(cared.prescriber).post(
        reverse("consent:offer", args=[cared.patient.public_id]), {"language": "en", "place": "tablet"}
    )
    assert answer.status_code == 422
    assert "the emergency number" in answer.content.decode()
    assert not Consent.objects.exists()


def test_from_the_offer_to_the_countersignature_on_the_tablet(cared: CaredFor) -> None:
    texts_ready(cared)
    client = a_client(cared.prescriber)
    offer = reverse("consent:offer", args=[cared.patient.public_id])
    asked = {"language": "en", "place": "tablet", "addenda": ["consent-addendum-touch"]}
    answer = client.post(offer, asked)
    consent = Consent.objects.get()
    assert answer.headers["Location"] == tablet_of(consent, "read")
    first = client.get(answer.headers["Location"]).headers["Location"]
    page = client.get(first).content.decode()
    assert "What ketamine is" in page
    assert "FDA alert" in page
    ask = tablet_of(consent, "ask", "drug")
    client.post(ask, {"text": "Is it addictive?", "answer": "It can be."})
    read_on(client, consent)
    questions = [question["id"] for question in consent.document["questions"]]
    said = client.post(tablet_of(consent, "understood"), dict.fromkeys(questions, "My words"))
    assert said.headers["Location"] == tablet_of(consent, "sign")
    assert "witnesses your signature" in client.get(said.headers["Location"]).content.decode()
    name = {"printed_name": cared.patient.name, "drawn": "M 10 10 L 50 60"}
    client.post(tablet_of(consent, "sign"), name)
    assert Signature.objects.get().method == Signature.Method.TABLET_DRAWN
    page = client.get(record_of(consent)).content.decode()
    assert "It can be." in page
    assert "My words" in page
    assert 'd="M 10 10 L 50 60"' in page
    mine = {"understood": questions, "printed_name": cared.prescriber.full_name, "remark": "Clear throughout."}
    client.post(record_of(consent, "countersign"), mine)
    consent.refresh_from_db()
    assert consent.state == ConsentState.VALID
    page = client.get(step_of(cared)).content.decode()
    assert "Consent is valid" in page


def test_reading_goes_on_where_it_stopped_and_never_past_an_unread_section(cared: CaredFor) -> None:
    client = a_client(cared.therapist)
    consent = offered(cared)
    ids = [section["id"] for section in consent.document["sections"]]
    client.post(tablet_of(consent, "section", ids[0]))
    read = tablet_of(consent, "read")
    assert client.get(read).headers["Location"] == tablet_of(consent, "section", ids[1])
    client.post(tablet_of(consent, "section", ids[2]))
    assert client.get(read).headers["Location"] == tablet_of(consent, "section", ids[1])
    page = client.get(tablet_of(consent, "sign")).content.decode()
    assert "Read every section before signing" in page
    assert client.get(tablet_of(consent, "section", "nothing")).status_code == 302


def test_the_tablet_speaks_the_language_of_the_text(cared: CaredFor) -> None:
    consent = offered(cared, language="es")
    page = a_client(cared.prescriber).get(tablet_of(consent, "section", "drug")).content.decode()
    assert '<html lang="es"' in page
    assert "Qué es la ketamina" in page


def test_a_wrong_name_and_missing_words_are_said_at_their_field(cared: CaredFor) -> None:
    consent = read_through(offered(cared), cared.prescriber)
    client = a_client(cared.prescriber)
    answer = client.post(tablet_of(consent, "sign"), {"printed_name": "Nobody"})
    assert answer.status_code == 422
    assert cared.patient.name in answer.content.decode()
    answer = client.post(tablet_of(consent, "understood"), {"other-ways": "x"})
    assert answer.status_code == 422
    answer = client.post(tablet_of(consent, "ask", "drug"), {"text": ""})
    assert answer.status_code == 422


def test_withdrawal_told_to_staff_and_refusals_on_the_page(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    client = a_client(cared.coordinator)
    client.post(record_of(consent, "withdraw"), {"withdraw-reason": "too much"})
    assert Withdrawal.objects.get().recorded_by == cared.coordinator
    page = client.get(record_of(consent)).content.decode()
    assert "too much" in page
    again = client.post(record_of(consent, "withdraw"), {})
    assert again.status_code == 422


def test_an_offer_is_cancelled_with_a_reason(cared: CaredFor) -> None:
    consent = patient_signed(cared)
    client = a_client(cared.prescriber)
    assert client.post(record_of(consent, "cancel"), {"cancel-reason": ""}).status_code == 422
    client.post(record_of(consent, "cancel"), {"cancel-reason": "other text"})
    consent.refresh_from_db()
    assert (consent.state, consent.state_reason) == (ConsentState.CANCELLED, "other text")


def test_a_consent_of_another_patient_is_not_found_under_this_one(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    other = cared_for(cared.site)
    address = reverse("consent:record", args=[other.patient.public_id, consent.public_id])
    assert a_client(cared.medical_director).get(address).status_code == 404


def test_text_of_people_is_text_on_the_page(cared: CaredFor) -> None:
    consent = offered(cared)
    operations.ask_question(
        by=cared.monitor,
        now=consent.recorded_at,
        consent=consent,
        section="drug",
        text="<script>alert(1)</script>",
    )
    assert "<script>alert(1)" not in a_client(cared.prescriber).get(record_of(consent)).content.decode()


# ---- the site's own words


def test_the_director_fills_in_the_blanks_and_may_ask_everybody_again(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    client = a_client(cared.medical_director)
    page = reverse("consent:site", args=[cared.site.public_id])
    assert client.get(reverse("consent:sites")).headers["Location"] == page
    assert "Nobody. Every signed consent holds." in client.get(page).content.decode()
    said = {f"{blank}.{language}": text for blank, words in WORDS.items() for language, text in words.items()}
    client.post(page, said | {"price.en": "500 dollars"})
    assert SiteWords.objects.filter(asks_again=False, version=2).exists()
    assert queries.standing_of(cared.patient, "ketamine", "iv", consent.state_at).is_valid
    client.post(page, said | {"asks_again": "on"})
    shown = client.get(page).content.decode()
    assert cared.patient.name in shown
    assert "The consent text has changed" in shown
    answer = client.post(page, said | {"price.en": "x" * 700})
    assert answer.status_code == 422


def test_the_emergency_number_is_the_one_under_help_now_and_moves_there_once(cared: CaredFor) -> None:
    site_words(cared.medical_director, cared.site)
    assert queries.said_at(cared.site, timezone.now())["emergency_number"] == WORDS["emergency_number"]
    move = import_module("openkap.apps.consent.migrations.0003_one_emergency_number").move_numbers
    move(apps, None)
    assert help_at(cared.site).emergency == HelpLine("", "911", "call", "")
    page = a_client(cared.medical_director).get(reverse("consent:site", args=[cared.site.public_id]))
    assert "<dd>911</dd>" in page.content.decode()
    assert "emergency_number.en" not in page.content.decode()
    change_help(by=SYSTEM, now=timezone.now(), site=cared.site, emergency_number="112", lines=[], reads={})
    move(apps, None)
    assert queries.said_at(cared.site, timezone.now())["emergency_number"] == {"en": "112", "es": "112"}


def test_crisis_line_and_telephone_are_those_under_help_now_and_move_there_once(cared: CaredFor) -> None:
    a_help(cared.site)  # 988 and 555 0142, of which nobody has said what they are
    words = WORDS | {"clinic_phone": {"en": "555 0100, day and night.", "es": "555 0100"}}
    operations.write_words(by=cared.medical_director, now=THEN, site=cared.site, words=words)
    assert queries.said_at(cared.site, THEN)["clinic_phone"] == words["clinic_phone"]
    move = import_module("openkap.apps.consent.migrations.0004_numbers_under_help").move_numbers
    for _again in range(2):
        move(apps, None)
    lines = help_at(cared.site).lines
    assert [(line.label, line.number, line.whose) for line in lines] == [
        ("Call or text 988", "988", "crisis"),
        ("Clinic nurse", "555 0142", ""),
        ("The clinic", "555 0100", "clinic"),
    ]
    said = queries.said_at(cared.site, THEN)
    assert said["clinic_phone"]["es"] == "555 0100, day and night"
    assert said["crisis_line"]["en"].startswith("988, Suicide and Crisis Lifeline")
    page = a_client(cared.medical_director).get(reverse("consent:site", args=[cared.site.public_id]))
    assert "clinic_phone.en" not in page.content.decode()
    both = [HelpLine("A", "555 1", "call", "", "clinic"), HelpLine("B", "555 2", "call", "", "clinic")]
    with pytest.raises(BadInput, match="Only one"):
        change_help(by=SYSTEM, now=THEN, site=cared.site, emergency_number="", lines=both, reads={})


def test_others_do_not_write_the_sites_words(cared: CaredFor) -> None:
    page = reverse("consent:site", args=[cared.site.public_id])
    assert a_client(cared.prescriber).get(page).status_code == 403
    elsewhere = a_user(Role.MEDICAL_DIRECTOR)
    assert a_client(elsewhere).get(page).status_code == 404


# ---- in the portal


@pytest.fixture
def patient(cared: CaredFor) -> User:
    return let_in(cared.patient)


def test_a_patient_reads_asks_and_signs_in_the_portal(cared: CaredFor, patient: User) -> None:
    consent = offered(cared, place="portal")
    client = a_client(patient)
    assert "Read and decide about your treatment" in client.get(reverse("portal:today")).content.decode()
    assert client.get(tablet_of(consent, "own-read")).headers["Location"] == tablet_of(
        consent, "own-section", "drug"
    )
    client.post(tablet_of(consent, "own-ask", "drug"), {"text": "Will it hurt?", "answer": "No (forged)"})
    assert Task.objects.get(kind="consent-question").state == "open"
    question = consent.questions.get()
    assert question.answer == ""
    read_on(client, consent, "own-")
    words = {question["id"]: "Mine" for question in consent.document["questions"]}
    client.post(tablet_of(consent, "own-understood"), words)
    page = client.get(tablet_of(consent, "own-sign")).content.decode()
    assert "A question has no answer yet" in page
    answer = reverse("consent:answer", args=[cared.patient.public_id, consent.public_id, question.public_id])
    a_client(cared.therapist).post(answer, {"answer": "A little prick."})
    assert "A little prick." in client.get(tablet_of(consent, "own-section", "drug")).content.decode()
    client.post(tablet_of(consent, "own-sign"), {"printed_name": cared.patient.name, "drawn": "M 1 1"})
    signature = Signature.objects.get()
    assert (signature.method, signature.witness, signature.drawn) == ("portal", None, "")
    assert "Signed by the patient" in client.get(reverse("consent:own")).content.decode()


def test_a_text_for_the_tablet_is_not_signed_in_the_portal(cared: CaredFor, patient: User) -> None:
    consent = read_through(offered(cared), cared.prescriber)
    answer = a_client(patient).post(tablet_of(consent, "own-sign"), {"printed_name": cared.patient.name})
    assert answer.status_code == 422
    assert not Signature.objects.exists()


def test_signing_later_asks_for_the_code(cared: CaredFor, patient: User) -> None:
    consent = read_through(offered(cared, place="portal"), cared.prescriber)
    client = a_client(patient)
    for sign_in in SignIn.objects.filter(user=patient):
        SignIn.objects.filter(pk=sign_in.pk).update(began_at=sign_in.began_at - timedelta(hours=1))
    sign = tablet_of(consent, "own-sign")
    assert "Your code" in client.get(sign).content.decode()
    refused = client.post(sign, {"printed_name": cared.patient.name, "unlock_password": "000000"})
    assert refused.status_code == 422
    assert not Signature.objects.exists()


def test_a_patient_takes_it_back_in_the_portal(cared: CaredFor, patient: User) -> None:
    consent = valid_consent(cared)
    client = a_client(patient)
    page = client.get(reverse("consent:own")).content.decode()
    assert "Take it back" in page
    client.post(tablet_of(consent, "own-withdraw"), {"reason": ""})
    assert Withdrawal.objects.get().by_patient
    assert "By the patient" in a_client(cared.prescriber).get(record_of(consent)).content.decode()


def test_nobody_reads_the_consent_of_somebody_else_in_the_portal(cared: CaredFor, patient: User) -> None:
    other = cared_for(cared.site)
    an_episode(other.patient, other.prescriber)
    consent = valid_consent(other)
    client = a_client(patient)
    for page in ("own-read", "own-sign", "own-withdraw", "own-pdf"):
        assert client.get(tablet_of(consent, page)).status_code == 404
