"""Patients fill in their questionnaires: kept as they answer, on any device, and nobody else's."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.measures import an_ask
from tests.factories.people import a_patient
from tests.factories.portal import a_help, a_telephone, let_in
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.measures import fillings
from openkap.apps.measures.models import Ask, Filling, Response
from openkap.apps.measures.operations import begin_filling, hand_in, keep_answer
from openkap.apps.people.models import Patient
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.models import Alert, Task
from openkap.core.psychometrics import NotAnswered
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@shared
def care() -> CaredFor:
    return cared_for()


@pytest.fixture
def patient(care: CaredFor) -> Patient:
    a_help(care.patient.site)
    return care.patient


@pytest.fixture
def phone(patient: Patient) -> Client:
    return a_telephone(patient)


def ask(patient: Patient, instrument: str = "phq-9") -> Ask:
    return an_ask(patient, instrument, NOW)


def owner(patient: Patient) -> User:
    if patient.user is None:
        return let_in(patient)
    return patient.user


def begun(patient: Patient, instrument: str = "phq-9") -> Filling:
    ask(patient, instrument)
    by = owner(patient)
    return begin_filling(by=by, now=NOW, patient=patient, instrument_id=instrument, language="en")


def keep(filling: Filling, item: str, answer: Any) -> Filling:
    return keep_answer(by=owner(filling.patient), now=NOW, filling=filling, item_id=item, answer=answer)


def question(number: int, instrument: str = "phq-9") -> str:
    return reverse("measures:own-question", args=[instrument, number])


def test_what_is_asked_waits_on_the_patients_pages(phone: Client, patient: Patient) -> None:
    ask(patient)
    today = phone.get(reverse("portal:today")).content.decode()
    assert "How has your mood been?" in today
    assert "about 2 min" in phone.get(reverse("measures:own-start", args=["phq-9"])).content.decode()
    assert "PHQ" not in today


def test_what_nobody_asks_for_cannot_be_begun(phone: Client, patient: Patient) -> None:
    assert "Nothing to answer now" in phone.get(reverse("measures:own-start", args=["gad-7"])).content.decode()
    with pytest.raises(NotAllowedNow):
        begin_filling(by=owner(patient), now=NOW, patient=patient, instrument_id="gad-7", language="en")
    ask(patient, "madrs")
    with pytest.raises(NotAllowedNow):
        begin_filling(by=owner(patient), now=NOW, patient=patient, instrument_id="madrs", language="en")


def test_from_the_first_question_to_the_score(phone: Client, patient: Patient) -> None:
    asked = ask(patient)
    onward = phone.post(reverse("measures:own-start", args=["phq-9"]), {"language": "es"})
    assert onward.url == question(1)  # type: ignore[attr-defined]
    page = phone.get(question(1)).content.decode()
    assert "Poco interés o placer en hacer cosas" in page
    assert "1 of 10" in page
    for number in range(1, 10):
        phone.post(question(number), {"answer": "1"} if number < 9 else {"answer": "0"})
    assert phone.post(question(10), {}).url == reverse("measures:own-check", args=["phq-9"])  # type: ignore[attr-defined]
    checked = phone.get(reverse("measures:own-check", args=["phq-9"])).content.decode()
    assert "Is this right?" in checked
    done = phone.post(reverse("measures:own-check", args=["phq-9"]))
    response = Response.objects.get()
    assert (response.total, response.mode, response.language) == (8, "own-device", "es")
    assert response.rater is None
    assert response.recorded_by == patient.user
    asked.refresh_from_db()
    assert (asked.state, asked.response) == ("answered", response)
    assert "not wanting to live" not in phone.get(done.url).content.decode()  # type: ignore[attr-defined]
    assert phone.post(reverse("measures:own-check", args=["phq-9"])).url == done.url  # type: ignore[attr-defined]
    for back in (reverse("measures:own-check", args=["phq-9"]), question(3), sheet()):
        assert phone.get(back).url == done.url  # type: ignore[attr-defined]
    late = phone.put(question(3), json.dumps({"answer": ["3"]}), content_type="application/json")
    assert late.status_code == 404
    assert Response.objects.count() == 1
    ask(patient)
    assert phone.get(question(3)).url == reverse("measures:own-start", args=["phq-9"])  # type: ignore[attr-defined]


def test_every_tap_is_kept_and_another_device_goes_on(phone: Client, patient: Patient) -> None:
    filling = begun(patient)
    kept = phone.put(question(1), b'{"answer": ["3"]}', content_type="application/json")
    assert kept.json() == {"kept": ["answer"]}
    filling.refresh_from_db()
    assert filling.answers == {"1": 3}
    other = a_telephone(patient)
    assert other.post(reverse("measures:own-start", args=["phq-9"]), {"language": "en"}).url == question(2)  # type: ignore[attr-defined]
    assert Filling.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"answer": []}',
        b'{"answer": ["9"]}',
        b'{"answer": ["x"]}',
        b'{"answer": [null]}',
        b"{" * 9,
    ],
)
def test_what_is_no_answer_is_refused_and_nothing_is_kept(phone: Client, patient: Patient, body: bytes) -> None:
    filling = begun(patient)
    assert phone.put(question(1), body, content_type="application/json").status_code == 400
    filling.refresh_from_db()
    assert filling.answers == {}


def test_not_saying_is_an_answer_and_nothing_is_handed_in_half(patient: Patient) -> None:
    filling = begun(patient, "gad-7")
    for number in range(1, 7):
        keep(filling, str(number), 2)
    with pytest.raises(BadInput, match="no answer yet"):
        hand_in(by=owner(patient), now=NOW, filling=filling)
    assert not Response.objects.exists()
    keep(filling, "7", NotAnswered.REFUSED)
    response = hand_in(by=owner(patient), now=NOW, filling=filling)
    assert (response.total, response.prorated) == (14, True)


def test_handed_in_twice_it_is_kept_once_and_not_changed(patient: Patient) -> None:
    filling = begun(patient, "gad-2")
    keep(filling, "1", 1)
    keep(filling, "2", 1)
    first = hand_in(by=owner(patient), now=NOW, filling=filling)
    again = hand_in(by=owner(patient), now=NOW + timedelta(minutes=1), filling=filling)
    assert first == again
    assert Response.objects.count() == 1
    with pytest.raises(NotAllowedNow):
        keep(filling, "1", 3)


def test_an_answer_about_suicide_is_heard_when_it_is_given(patient: Patient) -> None:
    filling = begun(patient)
    keep(filling, "9", 2)
    assert Alert.objects.filter(patient=patient, kind="suicide-item").count() == 1
    for number in range(1, 9):
        keep(filling, str(number), 0)
    hand_in(by=owner(patient), now=NOW, filling=filling)
    assert Alert.objects.filter(patient=patient, kind="suicide-item").count() == 1
    assert not Task.objects.filter(patient=patient, kind=TaskKind.RISK_REVIEW).exists()


def test_who_says_so_reads_at_once_who_is_there(phone: Client, patient: Patient) -> None:
    filling = begun(patient)
    for number in range(1, 10):
        keep(filling, str(number), 1)
    done = phone.post(reverse("measures:own-check", args=["phq-9"]))
    page = phone.get(done.url).content.decode()  # type: ignore[attr-defined]
    assert "Someone of your care team hears of it" in page
    assert "988" in page


def test_a_question_that_is_ruled_out_is_not_put_and_its_answer_goes(phone: Client, patient: Patient) -> None:
    filling = begun(patient, "padis")
    assert "1 of 4" in phone.get(question(1, "padis")).content.decode()
    keep(filling, "1", 2)
    keep(filling, "2", 3)
    filling = keep(filling, "1", 0)
    assert filling.answers == {"1": 0}
    assert phone.get(question(2, "padis")).status_code == 404
    with pytest.raises(BadInput):
        keep(filling, "2", 1)
    assert hand_in(by=owner(patient), now=NOW, filling=filling).total == 0


def test_nobody_sees_or_answers_anothers_questionnaire(phone: Client, patient: Patient, care: CaredFor) -> None:
    stranger = a_patient(site=patient.site)
    theirs = begun(stranger)
    assert phone.get(question(1)).url == reverse("measures:own-start", args=["phq-9"])  # type: ignore[attr-defined]
    tap = phone.put(question(1), json.dumps({"answer": ["3"]}), content_type="application/json")
    assert tap.status_code == 404
    for by in (owner(patient), care.therapist):
        with pytest.raises(Refused):
            keep_answer(by=by, now=NOW, filling=theirs, item_id="1", answer=1)
        with pytest.raises(Refused):
            hand_in(by=by, now=NOW, filling=theirs)
    for number in range(1, 10):
        keep(theirs, str(number), 0)
    hand_in(by=owner(stranger), now=NOW, filling=theirs)
    assert phone.get(reverse("measures:own-done", args=[theirs.public_id])).status_code == 404


def test_who_reads_it_stands_there_before_the_first_question(phone: Client, patient: Patient) -> None:
    ask(patient)
    page = phone.get(reverse("measures:own-start", args=["phq-9"])).content.decode()
    assert "Before you answer" in page
    assert "on weekdays from 8 to 18" in page
    assert "At night and at weekends nobody does" in page
    assert page.index("Before you answer") < page.index(">Start")


def test_what_is_asked_is_listed_once_and_by_when_it_is_due(patient: Patient) -> None:
    ask(patient, "gad-7")
    ask(patient, "phq-9")
    ask(patient, "cgi-s")
    assert [one.instrument.id for one in fillings.asked_of(patient, NOW)] == ["gad-7", "phq-9"]


def sheet(instrument: str = "phq-9") -> str:
    return reverse("measures:own-sheet", args=[instrument])


def send(
    phone: Client, fields: dict[str, list[str]], held: dict[str, list[str]], instrument: str = "phq-9"
) -> Any:
    body = json.dumps({"fields": fields, "held": held})
    return phone.put(sheet(instrument), body, content_type="application/json")


def test_all_questions_come_at_once_and_answers_follow_as_the_line_allows(
    phone: Client, patient: Patient
) -> None:
    ask(patient)
    onward = phone.post(reverse("measures:own-start", args=["phq-9"]), {"language": "es", "at_once": "1"})
    assert onward.url == sheet()  # type: ignore[attr-defined]
    page = phone.get(sheet()).content.decode()
    assert page.count("data-question=") == 10
    assert "Poco interés o placer en hacer cosas" in page
    told = send(phone, {"q-1": ["2"], "q-2": ["REFUSED"]}, {}).json()
    assert told["kept"] == ["q-1", "q-2"]
    assert told["there"] == {"q-1": "2", "q-2": "REFUSED"}
    assert told["elsewhere"] == {}
    again = send(phone, {"q-1": ["2"]}, {"q-1": []}).json()  # its answer was lost on the way: sent once more
    assert (again["there"], again["elsewhere"]) == (told["there"], {})
    rest = {f"q-{n}": "0" for n in range(3, 10)}
    assert phone.post(sheet(), rest).url == reverse("measures:own-check", args=["phq-9"])  # type: ignore[attr-defined]
    assert len(Filling.objects.get().answers) == 9


def test_what_another_device_answered_is_told_and_offered(phone: Client, patient: Patient) -> None:
    filling = begun(patient)
    keep(filling, "1", 3)
    told = send(phone, {"q-1": ["0"], "q-2": ["1"]}, {"q-1": [], "q-2": []}).json()
    assert told["elsewhere"] == {"q-1": {"value": "3", "words": "Nearly every day"}}
    assert told["there"]["q-1"] == "0"
    keep(filling, "3", 2)
    assert send(phone, {}, {}).json()["there"] == {"q-1": "0", "q-2": "1", "q-3": "2"}


def test_the_page_is_told_which_questions_an_answer_opens_and_closes(phone: Client, patient: Patient) -> None:
    begun(patient, "asq")
    assert send(phone, {}, {}, "asq").json()["open"] == ["q-5"]
    told = send(phone, {f"q-{n}": ["0"] for n in range(1, 5)}, {}, "asq").json()
    assert (told["open"], "q-5" in told["asked"], told["concern"]) == ([], False, "")
    late = send(phone, {"q-5": ["1"]}, {}, "asq").json()
    assert list(late["refused"]) == ["q-5"]
    told = send(phone, {"q-4": ["REFUSED"]}, {"q-4": ["0"]}, "asq").json()
    assert ("q-5" in told["asked"], told["concern"]) == (True, "unsaid")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"fields": []}', b'{"fields": {"q-1": 2}, "held": {}}', b"{" * 9, b"x" * 40_000],
)
def test_what_is_no_sheet_is_refused_and_nothing_is_kept(phone: Client, patient: Patient, body: bytes) -> None:
    filling = begun(patient)
    assert phone.put(sheet(), body, content_type="application/json").status_code == 400
    told = send(phone, {"q-1": ["9"], "q-2": ["x"], "q-77": ["1"], "answer": ["1"]}, {}).json()
    assert (told["kept"], sorted(told["refused"])) == ([], ["q-1", "q-2"])
    filling.refresh_from_db()
    assert filling.answers == {}


def test_help_stands_on_the_very_next_page_also_for_who_would_rather_not_say(
    phone: Client, patient: Patient
) -> None:
    filling = begun(patient, "asq")
    phone.post(question(1, "asq"), {"answer": "0"})
    assert "tel:911" not in phone.get(question(2, "asq")).content.decode()
    onward = phone.post(question(2, "asq"), {"rather_not": "1"})
    page = phone.get(onward.url).content.decode()  # type: ignore[attr-defined]
    assert "You need not say more" in page
    assert "tel:911" in page
    for item, answer in (("3", 0), ("4", 0), ("5", NotAnswered.REFUSED)):
        keep(filling, item, answer)
    assert "You need not say more" in phone.get(reverse("measures:own-check", args=["asq"])).content.decode()
    done = phone.post(reverse("measures:own-check", args=["asq"]))
    page = phone.get(done.url).content.decode()  # type: ignore[attr-defined]
    assert "There was something you would rather not say" in page
    assert "tel:911" in page
