"""Offering, reading, signing, countersigning and withdrawing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import Error, transaction
from tests.factories.access import a_user
from tests.factories.assessment import an_episode
from tests.factories.consent import (
    WORDS,
    adopt_texts,
    countersigned,
    offered,
    patient_signed,
    read_through,
    site_words,
    texts_ready,
    valid_consent,
)
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Permission, Role
from openkap.apps.assessment.operations import end_episode, set_indication
from openkap.apps.audit.models import Row
from openkap.apps.consent import operations, queries
from openkap.apps.consent.models import Consent, Question, Signature, Withdrawal
from openkap.apps.consent.states import Code, ConsentState
from openkap.apps.consent.texts import BlanksMissing
from openkap.apps.tasks.models import Alert, Task
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@shared
def cared() -> CaredFor:
    made = cared_for()
    an_episode(made.patient, made.prescriber)
    return made


def standing(cared: CaredFor, now: datetime = THEN, drug: str = "ketamine", route: str = "iv") -> Code:
    return queries.standing_of(cared.patient, drug, route, now).code


def audited(action: str) -> int:
    return Row.objects.filter(action=f"consent.{action}").count()


# ---- offering


def test_an_offer_holds_the_whole_text_with_the_sites_own_words(cared: CaredFor) -> None:
    consent = offered(cared)
    words = " ".join(p for section in consent.document["sections"] for p in section["paragraphs"])
    assert consent.state == ConsentState.OFFERED
    assert "{" not in words
    assert all(said["en"] in words for said in WORDS.values())
    assert consent.records["consent-ketamine"] == 1
    assert queries.is_bound(consent)
    assert "into a vein" in words or "vein" in consent.document["sections"][1]["title"]
    assert audited("offer") == 1


def test_the_text_is_of_the_route_and_in_the_language_asked_for(cared: CaredFor) -> None:
    set_indication(
        by=cared.prescriber, now=THEN, patient=cared.patient, indication="trd", drug="ketamine", route="im"
    )
    titles = [section["title"] for section in offered(cared, language="es").document["sections"]]
    assert "Cómo se da: con una inyección" in titles
    assert "Cómo se da: en una vena" not in titles


def test_without_the_directors_adoption_no_text_is_offered(cared: CaredFor) -> None:
    site_words(cared.medical_director, cared.site)
    with pytest.raises(NotAllowedNow, match="has not adopted"):
        operations.offer(by=cared.prescriber, now=THEN, patient=cared.patient, language="en")


def test_what_the_site_has_not_said_is_listed_and_the_text_not_used(cared: CaredFor) -> None:
    adopt_texts(cared.medical_director, cared.site)
    operations.write_words(
        by=cared.medical_director, now=THEN, site=cared.site, words={"price": {"en": "400 dollars"}}
    )
    with pytest.raises(BlanksMissing) as refused:
        operations.offer(by=cared.prescriber, now=THEN, patient=cared.patient, language="en")
    assert {blank.value for blank in refused.value.blanks} == set(WORDS) - {"price"}
    assert "the emergency number" in str(refused.value)
    assert not Consent.objects.exists()


def test_words_in_one_language_do_not_serve_another(cared: CaredFor) -> None:
    adopt_texts(cared.medical_director, cared.site)
    only_english = {blank: {"en": said["en"]} for blank, said in WORDS.items()}
    operations.write_words(by=cared.medical_director, now=THEN, site=cared.site, words=only_english)
    operations.offer(by=cared.prescriber, now=THEN, patient=cared.patient, language="en")
    with pytest.raises(BlanksMissing):
        operations.offer(by=cared.prescriber, now=THEN, patient=cared.patient, language="es")


def test_addenda_come_with_it_and_unknown_ones_are_refused(cared: CaredFor) -> None:
    consent = offered(cared, addenda=["consent-addendum-panic"])
    assert consent.document["sections"][-1]["id"] == "panic"
    assert consent.document["addenda"]
    operations.cancel(by=cared.prescriber, now=THEN, consent=consent, reason="other addenda")
    with pytest.raises(BadInput):
        offered(cared, addenda=["consent-common"])


def test_one_consent_is_open_for_a_drug_and_route(cared: CaredFor) -> None:
    offered(cared)
    with pytest.raises(NotAllowedNow, match="open already"):
        offered(cared)


def test_who_may_offer(cared: CaredFor) -> None:
    texts_ready(cared)
    stranger = a_user(Role.PRESCRIBER, site=cared.site)
    for user in (cared.coordinator, stranger):
        with pytest.raises(Refused):
            operations.offer(by=user, now=THEN, patient=cared.patient, language="en")
    for user in (cared.therapist, cared.monitor):
        consent = operations.offer(by=user, now=THEN, patient=cared.patient, language="en")
        operations.cancel(by=user, now=THEN, consent=consent, reason="a test")


def test_without_an_episode_or_a_portal_there_is_nothing_to_offer() -> None:
    cared = cared_for()
    with pytest.raises(NotAllowedNow, match="indication"):
        offered(cared)
    an_episode(cared.patient, cared.prescriber)
    with pytest.raises(NotAllowedNow, match="portal"):
        offered(cared, place="portal")
    with pytest.raises(BadInput):
        offered(cared, place="letter")


# ---- reading


def test_sections_are_confirmed_one_by_one_and_once(cared: CaredFor) -> None:
    consent = offered(cared)
    first = consent.document["sections"][0]["id"]
    for _ in range(2):
        consent = operations.acknowledge(by=cared.therapist, now=THEN, consent=consent, sections=[first])
    assert consent.state == ConsentState.READING
    assert [s.read_at is not None for s in queries.sections_of(consent)].count(True) == 1
    assert audited("acknowledge") == 1
    with pytest.raises(BadInput):
        operations.acknowledge(by=cared.therapist, now=THEN, consent=consent, sections=["nothing"])


def test_an_open_question_waits_as_a_task_and_keeps_from_signing(cared: CaredFor) -> None:
    consent = read_through(offered(cared), cared.prescriber)
    question = operations.ask_question(
        by=cared.monitor, now=THEN, consent=consent, section="drug", text="Will I sleep?"
    )
    assert Task.objects.get(kind="consent-question").state == "open"
    with pytest.raises(NotAllowedNow, match="no answer"):
        operations.sign(by=cared.prescriber, now=THEN, consent=consent, printed_name=cared.patient.name)
    operations.answer_question(
        by=cared.prescriber, now=THEN, consent=consent, question=question, answer="You may."
    )
    assert Task.objects.get(kind="consent-question").state == "done"
    assert Question.objects.get().answered_by == cared.prescriber
    with pytest.raises(NotAllowedNow, match="answered already"):
        operations.answer_question(
            by=cared.prescriber, now=THEN, consent=consent, question=question, answer="No"
        )
    operations.sign(by=cared.prescriber, now=THEN, consent=consent, printed_name=cared.patient.name)


def test_a_question_answered_at_once_opens_no_task(cared: CaredFor) -> None:
    consent = offered(cared)
    operations.ask_question(
        by=cared.monitor, now=THEN, consent=consent, section="drug", text="Will I sleep?", answer="You may."
    )
    assert not Task.objects.filter(kind="consent-question").exists()
    assert [q.answer for s in queries.sections_of(consent) for q in s.questions] == ["You may."]
    with pytest.raises(BadInput):
        operations.ask_question(by=cared.monitor, now=THEN, consent=consent, section="drug", text=" ")


def test_the_last_own_words_count_and_none_may_be_missing(cared: CaredFor) -> None:
    consent = offered(cared)
    questions = [question["id"] for question in consent.document["questions"]]
    with pytest.raises(BadInput):
        operations.say_back(by=cared.monitor, now=THEN, consent=consent, answers={questions[0]: "Something"})
    assert [said for _q, said in queries.understanding_of(consent)] == [None] * len(questions)
    for words in ("first", "second"):
        operations.say_back(
            by=cared.monitor, now=THEN, consent=consent, answers=dict.fromkeys(questions, words)
        )
    assert {said.said for _q, said in queries.understanding_of(consent) if said} == {"second"}


# ---- signing


def test_signed_and_countersigned_it_is_valid_until_the_end_of_its_year(cared: CaredFor) -> None:
    consent = patient_signed(cared)
    assert consent.state == ConsentState.SIGNED
    assert standing(cared) is Code.OPEN
    assert Task.objects.get(kind="consent-countersign").state == "open"
    consent = countersigned(cared, consent)
    assert consent.state == ConsentState.VALID
    assert standing(cared) is Code.VALID
    assert Task.objects.get(kind="consent-countersign").state == "done"
    assert standing(cared, route="im") is Code.NONE
    assert standing(cared, drug="esketamine", route="in") is Code.NONE
    assert consent.valid_until is not None
    assert standing(cared, THEN + 365 * DAY) is Code.VALID
    assert standing(cared, THEN + 366 * DAY) is Code.EXPIRED
    assert {audited("sign"), audited("countersign")} == {1}


def test_a_signature_keeps_name_time_meaning_method_and_witness(cared: CaredFor) -> None:
    consent = patient_signed(cared)
    signature = Signature.objects.get()
    assert signature.printed_name == cared.patient.name
    assert signature.signed_at == THEN
    assert signature.meaning == consent.document["agreement"]
    assert signature.method == Signature.Method.TABLET
    assert signature.witness == cared.prescriber
    assert signature.text_digest == consent.text_digest


@pytest.mark.parametrize("missing", ["sections", "own words", "name", "drawing"])
def test_nothing_is_signed_before_all_is_read_and_said(cared: CaredFor, missing: str) -> None:
    consent = offered(cared)
    if missing != "sections":
        for section in consent.document["sections"]:
            operations.acknowledge(by=cared.monitor, now=THEN, consent=consent, sections=[section["id"]])
    else:
        operations.acknowledge(by=cared.monitor, now=THEN, consent=consent, sections=["drug"])
    if missing != "own words":
        answers = dict.fromkeys((q["id"] for q in consent.document["questions"]), "words")
        operations.say_back(by=cared.monitor, now=THEN, consent=consent, answers=answers)
    name = "Somebody Else" if missing == "name" else cared.patient.name
    drawn = "M 1 1 <script>" if missing == "drawing" else ""
    with pytest.raises((NotAllowedNow, BadInput)):
        operations.sign(by=cared.monitor, now=THEN, consent=consent, printed_name=name, drawn=drawn)
    assert not Signature.objects.exists()
    assert Consent.objects.get().state == ConsentState.READING


def test_a_name_counts_without_its_accents_and_case(cared: CaredFor) -> None:
    consent = read_through(offered(cared), cared.prescriber)
    signed = operations.sign(
        by=cared.prescriber, now=THEN, consent=consent, printed_name=f"  {cared.patient.name.upper()} "
    )
    assert signed.state == ConsentState.SIGNED


def test_nothing_is_signed_within_a_day_after_a_dose(cared: CaredFor) -> None:
    dose = THEN - 23 * HOUR
    operations.note_dose(patient=cared.patient, session_id=cared.patient.public_id, at=dose)
    consent = read_through(offered(cared), cared.prescriber)
    with pytest.raises(NotAllowedNow, match="too soon after a dose"):
        operations.sign(by=cared.prescriber, now=THEN, consent=consent, printed_name=cared.patient.name)
    assert Consent.objects.get().state == ConsentState.READING
    signed = operations.sign(
        by=cared.prescriber, now=dose + DAY, consent=consent, printed_name=cared.patient.name
    )
    assert signed.state == ConsentState.SIGNED


def test_who_may_countersign_and_what_was_not_understood_is_not(cared: CaredFor) -> None:
    consent = patient_signed(cared)
    understood = [question["id"] for question in consent.document["questions"]]
    for user in (cared.therapist, cared.monitor, cared.coordinator):
        with pytest.raises(Refused):
            operations.countersign(
                by=user, now=THEN, consent=consent, printed_name=user.full_name, understood=understood
            )
    with pytest.raises(NotAllowedNow, match="Not everything was understood"):
        operations.countersign(
            by=cared.prescriber, now=THEN, consent=consent, printed_name="Dr A", understood=understood[1:]
        )
    with pytest.raises(BadInput):
        operations.countersign(
            by=cared.prescriber, now=THEN, consent=consent, printed_name=" ", understood=understood
        )
    assert Consent.objects.get().state == ConsentState.SIGNED
    operations.cancel(by=cared.prescriber, now=THEN, consent=consent, reason="explain again")
    assert Task.objects.get(kind="consent-countersign").state == "done"
    assert standing(cared) is Code.NONE


def test_a_newer_consent_replaces_the_older_one(cared: CaredFor) -> None:
    first = valid_consent(cared)
    second = patient_signed(cared, THEN + DAY)
    assert standing(cared, THEN + DAY) is Code.VALID  # the older one holds until then
    countersigned(cared, second, THEN + DAY)
    first.refresh_from_db()
    assert first.state == ConsentState.SUPERSEDED
    assert standing(cared, THEN + DAY) is Code.VALID


def test_a_consent_belongs_to_its_episode(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    end_episode(by=cared.prescriber, now=THEN, episode=consent.episode, reason="another illness")
    assert standing(cared) is Code.NONE
    an_episode(cared.patient, cared.prescriber, indication="gad")
    assert standing(cared) is Code.NONE
    assert standing_after_new(cared) is Code.VALID


def standing_after_new(cared: CaredFor) -> Code:
    valid_consent(cared, THEN + DAY)
    return standing(cared, THEN + DAY)


# ---- what is stored stays


@pytest.mark.parametrize(
    "change",
    [
        lambda c: Consent.objects.filter(pk=c.pk).update(document={"sections": []}),
        lambda c: Consent.objects.filter(pk=c.pk).update(text_digest="0" * 64),
        lambda c: Consent.objects.filter(pk=c.pk).update(route="im"),
        lambda c: Signature.objects.filter(consent=c).update(printed_name="Somebody Else"),
        lambda c: Signature.objects.filter(consent=c).delete(),
    ],
)
def test_the_database_refuses_to_change_what_was_signed(
    cared: CaredFor, change: Callable[[Consent], object]
) -> None:
    consent = valid_consent(cared)
    with pytest.raises(Error), transaction.atomic():
        change(consent)
    assert standing(cared) is Code.VALID


# ---- withdrawing


def test_withdrawal_takes_effect_at_once_and_alerts_the_prescriber(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    patient_signed(cared, THEN + HOUR)  # another one is under way
    operations.withdraw(by=cared.coordinator, now=THEN + 2 * HOUR, consent=consent, reason="changed my mind")
    assert standing(cared, THEN + 2 * HOUR) is Code.WITHDRAWN
    alert = Alert.objects.get(kind="consent-withdrawn")
    assert alert.patient == cared.patient
    assert alert.severity == "now"
    assert set(Consent.objects.values_list("state", flat=True)) == {ConsentState.WITHDRAWN}
    assert not Withdrawal.objects.filter(by_patient=True).exists()
    assert "changed my mind" not in str(list(Row.objects.values_list("details", flat=True)))
    with pytest.raises(NotAllowedNow):
        operations.withdraw(by=cared.coordinator, now=THEN + 3 * HOUR, consent=consent)


def test_an_offer_can_be_declined_and_another_made_later(cared: CaredFor) -> None:
    operations.decline(by=cared.therapist, now=THEN, consent=offered(cared))
    assert standing(cared) is Code.WITHDRAWN
    assert not Alert.objects.exists()
    valid_consent(cared, THEN + DAY)
    assert standing(cared, THEN + DAY) is Code.VALID


def test_strangers_see_and_withdraw_nothing(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    stranger = a_user(Role.PRESCRIBER, site=cared.site)
    with pytest.raises(Refused):
        operations.withdraw(by=stranger, now=THEN, consent=consent)
    with pytest.raises(NotFound):
        queries.consent_for(stranger, consent.public_id, Permission.CHART_READ)
