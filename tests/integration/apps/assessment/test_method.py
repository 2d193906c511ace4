"""The interview on which therapy suits, the signed choice, and what it means for therapy."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.access import a_user
from tests.factories.choosing import a_choice
from tests.factories.people import SYSTEM
from tests.factories.sites import THEN
from tests.factories.therapy import after_a_dose

from openkap.apps.access.roles import Role
from openkap.apps.assessment import matching
from openkap.apps.assessment.models import MethodChoice, MethodInterview
from openkap.apps.assessment.operations import end_episode
from openkap.apps.assessment.operations.method import choose_method, record_method_interview
from openkap.apps.assessment.queries import current_episode
from openkap.apps.audit.models import Row
from openkap.apps.chart.operations import record_answer
from openkap.apps.measures.operations import Entry, record_response
from openkap.core.assessment.method_match import Origin
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db
LATER = THEN + timedelta(hours=1)
WHY = "The accident comes back every night; she wants to work on it."


def test_an_interview_is_kept_and_superseded_as_a_whole() -> None:
    who = a_choice()
    first = record_method_interview(
        by=who.therapist, now=THEN, patient=who.patient, ratings={"adverse-memories": 9, "avoidance": 4}
    )
    assert (first.asked_on, first.table_version) == (THEN.date(), 1)
    second = record_method_interview(
        by=who.prescriber, now=LATER, patient=who.patient, ratings={"rumination": 8}
    )
    assert second.supersedes == first
    matched = matching.match_for(who.patient, LATER)
    assert matched.best is not None
    assert matched.best.method == "therapy-cbt"
    assert {one.marker.id for one in matched.rated if one.value is not None} == {"rumination"}


@pytest.mark.parametrize("ratings", [{}, {"adverse-memories": 11}, {"luck": 3}])
def test_what_is_no_rating_is_refused(ratings: dict[str, int]) -> None:
    who = a_choice()
    with pytest.raises(BadInput):
        record_method_interview(by=who.therapist, now=THEN, patient=who.patient, ratings=ratings)
    with pytest.raises(BadInput):
        record_method_interview(
            by=who.therapist,
            now=THEN,
            patient=who.patient,
            ratings={"avoidance": 3},
            asked_on=THEN.date() + timedelta(days=1),
        )
    assert not MethodInterview.objects.exists()


def test_questionnaires_hint_where_nobody_asked() -> None:
    who = a_choice()
    answers = {str(item): 3 if item in {2, 3} else 0 for item in range(1, 8)}
    entry = Entry(instrument_id="gad-7", administered_at=THEN, answers=answers)
    record_response(by=who.coordinator, now=THEN, patient=who.patient, entry=entry)
    rated = {one.marker.id: one for one in matching.match_for(who.patient, LATER).rated}
    assert (rated["rumination"].value, rated["rumination"].origin) == (10, Origin.MEASURE)
    assert rated["grim-images"].value is None
    record_method_interview(by=who.therapist, now=LATER, patient=who.patient, ratings={"rumination": 2})
    asked = {one.marker.id: one for one in matching.match_for(who.patient, LATER).rated}
    assert (asked["rumination"].value, asked["rumination"].hinted) == (2, 10)


def test_a_choice_is_signed_with_what_it_rested_on() -> None:
    who = a_choice()
    record_method_interview(by=who.therapist, now=THEN, patient=who.patient, ratings={"adverse-memories": 9})
    choice = choose_method(
        by=who.therapist, now=THEN, episode=who.episode, method_id="therapy-emdr", reason=WHY
    )
    assert choice.agreement == MethodChoice.Agreement.FIRST
    assert choice.scores[0] == {"method": "therapy-emdr", "score": 9, "unknown": ["grim-images"]}
    assert {"marker": "adverse-memories", "value": 9, "origin": "interview"} in choice.ratings
    assert any("dissociation" in words for words in choice.cautions)
    assert matching.chosen_method(who.patient) == "therapy-emdr"
    other = choose_method(
        by=who.prescriber, now=LATER, episode=who.episode, method_id="therapy-ifs", reason=WHY
    )
    assert other.agreement == MethodChoice.Agreement.OTHER
    assert matching.chosen_method(who.patient) == "therapy-ifs"
    assert [one.method_id for one in matching.choices_of(who.patient)] == ["therapy-ifs", "therapy-emdr"]
    assert Row.objects.filter(action="assessment.choose-method").count() == 2
    end_episode(by=who.prescriber, now=LATER, episode=who.episode, reason="moved away")
    assert matching.chosen_method(who.patient) is None


def test_a_choice_without_anything_known_says_so() -> None:
    who = a_choice()
    choice = choose_method(by=who.therapist, now=THEN, episode=who.episode, method_id="therapy-cbt", reason=WHY)
    assert choice.agreement == MethodChoice.Agreement.UNKNOWN


def test_who_may_not_choose_does_not() -> None:
    who = a_choice()
    monitor = a_user(Role.MONITOR, site=who.site)
    for user in (who.coordinator, monitor, a_choice().therapist):
        with pytest.raises(Refused):
            choose_method(by=user, now=THEN, episode=who.episode, method_id="therapy-cbt", reason=WHY)
    with pytest.raises(BadInput):
        choose_method(by=who.therapist, now=THEN, episode=who.episode, method_id="therapy-magic", reason=WHY)
    with pytest.raises(BadInput):
        choose_method(by=who.therapist, now=THEN, episode=who.episode, method_id="therapy-cbt", reason="ok")
    end_episode(by=who.prescriber, now=THEN, episode=who.episode, reason="moved away")
    who.episode.refresh_from_db()
    with pytest.raises(NotAllowedNow):
        choose_method(by=who.therapist, now=THEN, episode=who.episode, method_id="therapy-cbt", reason=WHY)
    assert not MethodChoice.objects.exists()


def test_cautions_say_what_the_chart_knows() -> None:
    who = a_choice()
    concepts = ("psychotic-disorder", "seizure-disorder")
    before = matching.standing_of(who.patient, THEN, concepts)
    assert set(before.values()) == {matching.Standing.UNKNOWN}
    record_answer(by=SYSTEM, now=THEN, patient=who.patient, concept="psychotic-disorder", reply="present")
    record_answer(by=SYSTEM, now=THEN, patient=who.patient, concept="seizure-disorder", reply="absent")
    after = matching.standing_of(who.patient, LATER, concepts)
    assert after == {
        "psychotic-disorder": matching.Standing.PRESENT,
        "seizure-disorder": matching.Standing.ABSENT,
    }


def test_the_page_explains_and_takes_the_interview_and_the_choice() -> None:
    who = a_choice()
    client = Client()
    client.force_login(who.therapist)
    address = reverse("assessment:method", args=[who.patient.public_id])
    html = client.get(address).content.decode()
    assert "hypothesis" in html
    assert "Cannot tell" in html
    assert "Not known: ask" in html
    interview = reverse("assessment:method-interview", args=[who.patient.public_id])
    today = THEN.date().isoformat()
    assert client.post(interview, {"grim-images": "9", "asked_on": today}).status_code == 302
    assert client.post(interview, {"grim-images": "19"}).status_code == 400
    assert client.post(interview, {}).status_code == 400
    html = client.get(address).content.decode()
    assert html.index("Accelerated Resolution Therapy") < html.index("Cognitive behavioural therapy")
    choose = reverse("assessment:choose-method", args=[who.patient.public_id])
    assert client.post(choose, {"method": "therapy-art", "reason": "short"}).status_code == 400
    assert client.post(choose, {"method": "therapy-art", "reason": WHY}).status_code == 302
    assert WHY.partition(";")[0] in client.get(address).content.decode()
    assert matching.chosen_method(who.patient) == "therapy-art"


def ticked(html: str) -> list[str]:
    """The values of the boxes that are ticked."""
    boxes = re.findall(r"<input[^>]*>", html)
    return [match[1] for box in boxes if " checked" in box and (match := re.search(r'value="([^"]+)"', box))]


def test_a_note_begins_with_the_method_that_was_chosen() -> None:
    sitting, visit = after_a_dose()
    patient, therapist = sitting.cared.patient, sitting.cared.therapist
    client = Client()
    client.force_login(therapist)
    address = reverse("therapy:write", args=[visit.public_id])
    assert ticked(client.get(address).content.decode()) == []
    episode = current_episode(patient)
    assert episode is not None
    choose_method(by=therapist, now=timezone.now(), episode=episode, method_id="therapy-ifs", reason=WHY)
    assert ticked(client.get(address).content.decode()) == ["therapy-ifs"]
