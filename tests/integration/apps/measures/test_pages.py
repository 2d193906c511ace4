"""The pages: fast to fill in, clear when refused, only for whom they are meant."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from tests.factories.access import a_client, a_user
from tests.factories.measures import CALM, a_phq_9, a_total
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.measures.models import Response
from openkap.apps.tasks.models import Alert

pytestmark = pytest.mark.django_db


@shared
def care() -> CaredFor:
    return cared_for()


def address(care: CaredFor, name: str, *more: object) -> str:
    return reverse(f"measures:{name}", args=[care.patient.public_id, *more])


def overview(care: CaredFor) -> str:
    return reverse("web:measures", args=[care.patient.public_id])


def filled(answers: str = CALM, **more: object) -> dict[str, object]:
    given = {f"item_{n}": answer for n, answer in enumerate(answers.split(","), 1)}
    at = {"administered_at": "2026-09-01T10:30", "mode": "paper", "entry_id": str(uuid4())}
    return {**given, **at, "language": "en", "by": "answers", **more}


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_an_empty_page_says_what_to_do(care: CaredFor) -> None:
    page = text(a_client(care.therapist).get(overview(care)))
    assert "Nothing has been filled in yet" in page
    assert address(care, "enter", "phq-9") in page


def test_the_form_asks_every_question_in_its_exact_words(care: CaredFor) -> None:
    page = text(a_client(care.therapist).get(address(care, "enter", "phq-9")))
    assert "Little interest or pleasure in doing things" in page
    assert "9. Thoughts that you would be better off dead or of hurting yourself in some way" in page
    assert page.count('type="radio"') == 9 * 6 + 4
    assert "No permission required to reproduce" in page
    assert "Say or show this first" in page
    assert "Say or show this first" not in text(a_client(care.therapist).get(address(care, "enter", "gad-7")))
    assert f'data-draft="measures-{care.patient.public_id}-phq-9"' in page


def test_the_spanish_form_is_whole(care: CaredFor) -> None:
    page = text(a_client(care.therapist).get(address(care, "enter", "phq-9") + "?language=es"))
    assert "Poco interés o placer en hacer cosas" in page
    assert "Not at all" not in page


def test_a_language_that_is_not_whole_is_not_offered(care: CaredFor) -> None:
    page = text(a_client(care.therapist).get(address(care, "enter", "gad-7") + "?language=es"))
    assert "Trouble relaxing" in page
    assert "Español" not in page


def test_answers_are_kept_and_the_course_is_shown(care: CaredFor) -> None:
    client = a_client(care.therapist)
    sent = client.post(
        address(care, "enter", "phq-9"), filled("2,2,2,2,2,0,0,0,1", item_difficulty="1"), follow=True
    )
    kept = Response.objects.get()
    assert sent.redirect_chain[-1][0] == overview(care)
    assert "The total is 11" in text(sent)
    assert "Moderate" in text(sent)
    assert (kept.total, kept.answers["difficulty"]) == (11, 1)
    # half past ten in Los Angeles
    assert kept.administered_at == datetime(2026, 9, 1, 17, 30, tzinfo=UTC)
    assert Alert.objects.filter(patient=care.patient).count() == 1


def test_an_unanswered_question_is_named_and_nothing_is_kept(care: CaredFor) -> None:
    answers = filled()
    del answers["item_4"]
    refused = a_client(care.therapist).post(address(care, "enter", "phq-9"), answers)
    assert refused.status_code == 400
    assert "Choose an answer, or say that there is none." in text(refused)
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"item_1": "7"},
        {"item_1": "<script>"},
        {"administered_at": "yesterday"},
        {"administered_at": "2999-01-01T00:00"},
        {"administered_at": ""},
        {"mode": "telepathy"},
        {"entry_id": "1"},
        {"item_difficulty": "9"},
    ],
)
def test_what_cannot_be_is_refused_with_the_form(care: CaredFor, wrong: dict[str, str]) -> None:
    refused = a_client(care.therapist).post(address(care, "enter", "phq-9"), filled(**wrong))
    assert refused.status_code == 400
    assert not Response.objects.exists()


def test_the_same_form_sent_twice_is_kept_once(care: CaredFor) -> None:
    client, answers = a_client(care.therapist), filled()
    for _time in range(2):
        assert client.post(address(care, "enter", "phq-9"), answers).status_code == 302
    assert Response.objects.count() == 1


def test_only_the_total_can_be_entered_and_says_what_is_hidden(care: CaredFor) -> None:
    client = a_client(care.therapist)
    where = address(care, "enter", "phq-9")
    assert "hides the answer about suicide" in text(client.get(where + "?by=total"))
    sent = {"total": "12", "administered_at": "2026-09-01T10:30", "mode": "elsewhere", "entry_id": str(uuid4())}
    assert client.post(where, {**sent, "by": "total"}).status_code == 302
    assert Response.objects.get().total == 12
    refused = client.post(where, {**sent, "by": "total", "total": "28", "entry_id": str(uuid4())})
    assert (refused.status_code, "A whole number from 0 to 27." in text(refused)) == (400, True)


def test_an_unknown_questionnaire_is_not_found(care: CaredFor) -> None:
    assert a_client(care.therapist).get(address(care, "enter", "hads")).status_code == 404


def test_an_entry_shows_answers_score_and_who(care: CaredFor) -> None:
    response = a_phq_9(care.patient, THEN, "1,1,1,1,0,0,0,SKIP,0", by=care.therapist)
    page = text(a_client(care.prescriber).get(address(care, "entry", response.public_id)))
    assert "1 · Several days" in page
    assert "Left blank" in page
    assert "estimated: 1 answer is missing" in page
    assert care.therapist.full_name in page


def test_a_correction_starts_from_the_wrong_entry_and_keeps_it(care: CaredFor) -> None:
    wrong = a_phq_9(care.patient, THEN, "3,0,0,0,0,0,0,0,0")
    client = a_client(care.coordinator)
    where = address(care, "correct", wrong.public_id)
    assert 'value="3" id="id_item_1_3" required checked' in text(client.get(where)).replace(
        ' class="form-check-input"', ""
    )
    assert client.post(where, filled()).status_code == 400  # no reason
    assert client.post(where, filled(reason="Read the wrong line")).status_code == 302
    page = text(client.get(address(care, "entry", wrong.public_id)))
    assert "This entry was wrong" in page
    assert "Read the wrong line" in page
    again = client.post(where, filled(reason="again"))
    assert (again.status_code, "corrected already" in text(again)) == (400, True)


def test_who_may_read_but_not_enter_sees_no_button(care: CaredFor) -> None:
    outsider = a_client(a_user(Role.THERAPIST, site=care.site))
    assert outsider.get(overview(care)).status_code == 404
    assert outsider.post(address(care, "enter", "phq-9"), filled()).status_code == 404


def test_another_patients_entry_is_not_found(care: CaredFor) -> None:
    response = a_total(care.patient, THEN, 3)
    other = cared_for(care.site)
    page = a_client(care.medical_director).get(address(other, "entry", response.public_id))
    assert page.status_code == 404


def test_reading_is_in_the_trail(care: CaredFor) -> None:
    a_client(care.therapist).get(overview(care))
    row = Row.objects.get(action="measures.read")
    assert (row.actor_id, row.patient_id) == (care.therapist.public_id, care.patient.public_id)


@pytest.mark.parametrize(("days", "overlaps"), [(3, True), (13, True), (14, False), (None, False)])
def test_a_repeat_within_the_recalled_days_says_so(care: CaredFor, days: int | None, overlaps: bool) -> None:
    if days is not None:
        a_total(care.patient, timezone.now() - timedelta(days=days), 12)
    page = text(a_client(care.therapist).get(address(care, "enter", "phq-9")))
    assert ("asks about the same days again" in page) == overlaps
    assert (f"filled in {days} days ago" in page) == overlaps


def test_the_library_has_every_questionnaire_by_what_it_is_about(care: CaredFor) -> None:
    page = text(a_client(care.therapist).get(address(care, "library")))
    assert page.index("Depression") < page.index("Suicidal thoughts") < page.index("The week")
    for instrument in ("phq-9", "madrs", "asq", "the-week", "wai-sr"):
        assert address(care, "enter", instrument) in page
    assert page.count("Score only") > 40
    assert a_client(a_user(Role.PROGRAMME_DIRECTOR)).get(address(care, "library")).status_code in {403, 404}


def test_questions_that_the_answers_rule_out_need_no_answer(care: CaredFor) -> None:
    client = a_client(care.therapist)
    sent = {key: value for key, value in filled("0").items() if key != "item_2"}
    assert client.post(address(care, "enter", "padis"), sent).status_code == 302
    kept = Response.objects.get(instrument_id="padis")
    assert (kept.total, kept.answers) == (0, {"1": 0, "2": "SKIP", "3": "SKIP", "4": "SKIP"})


def test_a_question_that_was_ruled_out_and_answered_is_refused(care: CaredFor) -> None:
    page = a_client(care.therapist).post(address(care, "enter", "padis"), filled("0,1"))
    assert page.status_code == 400
    assert "is not asked after the answers before it" in text(page)
    assert not Response.objects.exists()


def test_parts_are_entered_where_a_form_has_no_total(care: CaredFor) -> None:
    client = a_client(care.therapist)
    form = text(client.get(address(care, "enter", "wai-sr")))
    assert 'name="part_task"' in form
    assert 'name="total"' not in form
    at = {"administered_at": "2026-09-01T10:30", "mode": "paper", "entry_id": str(uuid4()), "by": "total"}
    sent = {**at, "language": "en", "part_task": "12", "part_bond": "18", "part_goal": "9"}
    assert client.post(address(care, "enter", "wai-sr"), {**sent, "part_goal": "21"}).status_code == 400
    assert client.post(address(care, "enter", "wai-sr"), sent).status_code == 302
    kept = Response.objects.get(instrument_id="wai-sr")
    assert (kept.total, kept.subscales) == (None, {"task": 12, "bond": 18, "goal": 9})
    assert "18 of 20" in text(client.get(address(care, "entry", kept.public_id)))


def test_a_mean_keeps_its_decimals_and_a_whole_number_has_none(care: CaredFor) -> None:
    client = a_client(care.therapist)
    at = {"administered_at": "2026-09-01T10:30", "mode": "paper", "by": "total", "language": "en"}
    for instrument, total in (("mobility-inventory", "2.35"), ("madrs", "28")):
        sent = {**at, "entry_id": str(uuid4()), "total": total}
        assert client.post(address(care, "enter", instrument), sent).status_code == 302
    assert Response.objects.get(instrument_id="mobility-inventory").total == 2.35
    assert repr(Response.objects.get(instrument_id="madrs").total) == "28"


def test_what_a_screen_says_is_shown_with_the_entry(care: CaredFor) -> None:
    client = a_client(care.therapist)
    assert client.post(address(care, "enter", "sophs"), filled("2,1,0,1,1")).status_code == 302
    kept = Response.objects.get(instrument_id="sophs")
    assert kept.outcome_id == "positive"
    assert "Possible social phobia" in text(client.get(address(care, "entry", kept.public_id)))


def test_an_entry_goes_to_another_system_as_fhir(care: CaredFor) -> None:
    response = a_phq_9(care.patient, THEN, "1,1,1,1,1,1,1,1,0")
    got = a_client(care.therapist).get(address(care, "fhir", response.public_id))
    assert got["Content-Type"] == "application/fhir+json"
    assert got.json()["subject"]["reference"] == f"Patient/{care.patient.public_id}"
    assert len(got.json()["item"]) == 9
    only_total = a_total(care.patient, THEN, 8)
    score = json.loads(a_client(care.therapist).get(address(care, "fhir", only_total.public_id)).content)
    assert (score["resourceType"], score["valueQuantity"]["value"]) == ("Observation", only_total.total)


def test_who_rated_is_chosen_among_the_clinicians_of_the_site(care: CaredFor) -> None:
    rater = a_user(Role.PRESCRIBER, site=care.patient.site)
    stranger = a_user(Role.PRESCRIBER)
    client, where = a_client(care.therapist), address(care, "enter", "madrs")
    sent = {"total": "24", "administered_at": "2026-09-01T10:30", "mode": "interview", "by": "total"}
    assert str(rater) in text(client.get(where))
    refused = client.post(where, {**sent, "rater": str(stranger.public_id), "entry_id": str(uuid4())})
    assert refused.status_code == 400
    for chosen, expected in ((str(rater.public_id), rater), ("", care.therapist)):
        assert client.post(where, {**sent, "rater": chosen, "entry_id": str(uuid4())}).status_code == 302
        assert Response.objects.latest("id").rater == expected
    wrong = Response.objects.get(rater=rater)
    corrected = {**sent, "total": "20", "reason": "A slip of the pen", "entry_id": str(uuid4())}
    assert client.post(address(care, "correct", wrong.public_id), corrected).status_code == 302
    assert Response.objects.get(supersedes=wrong).rater == rater


def test_a_score_there_is_not_is_refused_where_it_stands(care: CaredFor) -> None:
    client = a_client(care.therapist)
    parts = {"part_well-being": "1", "part_conflict": "1", "part_depression": "1"}
    for instrument, wrong in (
        ("madrs", {"total": "61"}),
        ("madrs", {"total": "-1"}),
        ("madrs", {"total": "12.5"}),
        ("madrs", {"total": ""}),
        ("iss", {"part_activation": "501", **parts}),
        ("mobility-inventory", {"total": "5.01"}),
    ):
        sent = {"administered_at": "2026-09-01T10:30", "mode": "paper", "by": "total", "entry_id": str(uuid4())}
        page = client.post(address(care, "enter", instrument), {**sent, **wrong})
        assert page.status_code == 400
        assert list(page.context["form"].errors) == [next(iter(wrong))]
    assert not Response.objects.exists()


def test_what_has_no_total_is_kept_without_a_warning(care: CaredFor) -> None:
    client, where = a_client(care.therapist), address(care, "enter", "the-week")
    answers = {f"item_{n}": "2" for n in range(1, 8)}
    sent = {**answers, "administered_at": "2026-09-01T10:30", "mode": "paper", "entry_id": str(uuid4())}
    kept = text(client.post(where, {**sent, "language": "en"}, follow=True))
    assert "Kept. It has no total" in kept
    assert "too much is missing" not in kept
    left_out = {**filled("SKIP,SKIP,SKIP,1,1,1,1,1,1"), "entry_id": str(uuid4())}
    again = text(client.post(address(care, "enter", "phq-9"), left_out, follow=True))
    assert "There is no total: 3 answers are missing; at most 2 may be." in again
