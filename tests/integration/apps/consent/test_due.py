"""Consents that no longer hold: found by the sweep, a task each; the gate never waits for it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.factories.assessment import an_episode
from tests.factories.consent import WORDS, offered, read_through, valid_consent
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.audit.models import Row
from openkap.apps.consent import operations, queries
from openkap.apps.consent.states import Code, ConsentState
from openkap.apps.knowledge_base import queries as knowledge_base
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.tasks.models import Task
from openkap.errors import NotAllowedNow
from openkap.knowledge import knowledge_set
from openkap.knowledge.loader import versions_of
from openkap.knowledge.schema.consent_template import ConsentTemplate

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@shared
def cared() -> CaredFor:
    made = cared_for()
    an_episode(made.patient, made.prescriber)
    return made


def code(cared: CaredFor, days: int = 0) -> Code:
    return queries.standing_of(cared.patient, "ketamine", "iv", THEN + days * DAY).code


def renewals() -> list[str]:
    return list(Task.objects.filter(kind="consent-renew").values_list("state", flat=True))


def test_a_consent_that_holds_is_left_alone(cared: CaredFor) -> None:
    valid_consent(cared)
    assert operations.renew_due(now=THEN + DAY) == 0
    assert renewals() == []


def test_before_its_end_it_is_asked_for_anew_and_after_it_expires(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    for _ in range(2):
        operations.renew_due(now=THEN + 340 * DAY)
    assert renewals() == ["open"]
    assert code(cared, 340) is Code.VALID
    assert code(cared, 366) is Code.EXPIRED  # before any sweep
    assert operations.renew_due(now=THEN + 366 * DAY) == 1
    consent.refresh_from_db()
    assert consent.state == ConsentState.EXPIRED
    assert Row.objects.filter(action="consent.expire").count() == 1
    valid_consent(cared, THEN + 367 * DAY)
    assert renewals() == ["done"]
    assert code(cared, 367) is Code.VALID


def test_words_that_matter_ask_everybody_again_and_others_do_not(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    say = {"price": {"en": "500 dollars", "es": "500"}}
    director, later = cared.medical_director, THEN + DAY
    operations.write_words(by=director, now=later, site=cared.site, words=say)
    assert code(cared, 1) is Code.VALID
    operations.write_words(by=director, now=later, site=cared.site, words=WORDS, asks_again=True)
    assert code(cared, 1) is Code.SUPERSEDED
    assert [(c.pk, why) for c, why in queries.to_sign_again(cared.site, later)] == [
        (consent.pk, Code.SUPERSEDED)
    ]
    operations.renew_due(now=later)
    consent.refresh_from_db()
    assert consent.state == ConsentState.SUPERSEDED
    assert renewals() == ["open"]
    assert [why for _c, why in queries.to_sign_again(cared.site, later)] == [Code.SUPERSEDED]
    valid_consent(cared, THEN + 2 * DAY)
    assert queries.to_sign_again(cared.site, THEN + 2 * DAY) == []


def test_what_was_offered_before_the_words_changed_is_not_signed(cared: CaredFor) -> None:
    consent = read_through(offered(cared), cared.prescriber)
    operations.write_words(
        by=cared.medical_director, now=THEN + DAY, site=cared.site, words=WORDS, asks_again=True
    )
    with pytest.raises(NotAllowedNow, match="has changed"):
        operations.sign(by=cared.prescriber, now=THEN + DAY, consent=consent, printed_name=cared.patient.name)


@pytest.fixture
def second_version(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A version 2 of the text for ketamine, in force from ten days after the first consent."""
    begin = (THEN + 10 * DAY).date()

    def with_second(directory: str, kind: type[ConsentTemplate]) -> tuple[ConsentTemplate, ...]:
        found = []
        for record in versions_of(directory, kind):
            if record.id == "consent-ketamine":
                found.append(record.model_copy(update={"effective_until": begin}))
                found.append(record.model_copy(update={"version": 2, "effective_from": begin}))
            else:
                found.append(record)
        return tuple(found)

    monkeypatch.setattr(knowledge_set, "versions_of", with_second)
    knowledge_base._kept.clear()
    yield
    knowledge_base._kept.clear()


@pytest.mark.usefixtures("second_version")
def test_a_new_version_asks_again_once_the_director_has_adopted_it(cared: CaredFor) -> None:
    consent = valid_consent(cared)
    assert code(cared, 9) is Code.VALID
    assert code(cared, 11) is Code.VALID  # not adopted: the earlier signature holds, nothing new is offered
    with pytest.raises(NotAllowedNow, match="has not adopted"):
        operations.offer(by=cared.prescriber, now=THEN + 11 * DAY, patient=cared.patient, language="en")
    sign_off(
        by=cared.medical_director,
        now=THEN + 12 * DAY,
        record_id="consent-ketamine",
        version=2,
        site=cared.site,
        adopted=True,
    )
    assert code(cared, 12) is Code.SUPERSEDED
    assert operations.renew_due(now=THEN + 12 * DAY) == 1
    consent.refresh_from_db()
    assert consent.state == ConsentState.SUPERSEDED
    newer = valid_consent(cared, THEN + 12 * DAY)
    assert newer.records["consent-ketamine"] == 2
    assert code(cared, 12) is Code.VALID
