"""Item 9: who is interrupted, and what is looked at the same day."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.factories.measures import a_phq_9, a_total, an_ask, answers_of, begun
from tests.factories.portal import let_in
from tests.factories.sites import THEN
from tests.factories.tasks import SYSTEM, CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.measures import hearing
from openkap.apps.measures.hearing import keep_answers_heard
from openkap.apps.measures.models import Filling
from openkap.apps.measures.operations import Entry, correct_response, filling, recording
from openkap.apps.tasks.models import Alert, Task
from openkap.apps.tasks.queries import open_alerts_for

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@shared
def care() -> CaredFor:
    return cared_for()


def phq(care: CaredFor, at: datetime, item_9: int | str) -> None:
    a_phq_9(care.patient, at, f"0,0,0,0,0,0,0,0,{item_9}")


def consequences() -> tuple[int, int]:
    return Alert.objects.count(), Task.objects.filter(kind="risk-review").count()


@pytest.mark.parametrize(
    ("answers", "alerts", "reviews"),
    [
        ([0], 0, 0),
        ([1], 1, 0),
        ([0, 1], 1, 0),
        ([1, 1], 1, 1),
        ([1, 2], 2, 0),
        ([2, 1], 1, 1),
        ([1, 0], 1, 0),
        ([1, 0, 1], 2, 0),
        (["SKIP"], 0, 1),
        (["REFUSED"], 0, 1),
        ([2, "NA", 2], 1, 2),
        ([1, "SKIP", 2], 2, 1),
        ([1, 1, 1], 1, 2),
    ],
)
def test_new_and_risen_interrupt_while_unchanged_and_unanswered_are_reviewed(
    care: CaredFor, answers: list[int | str], alerts: int, reviews: int
) -> None:
    for week, answer in enumerate(answers):
        phq(care, THEN + week * WEEK, answer)
    assert consequences() == (alerts, reviews)


def test_a_total_alone_hides_the_answer_so_it_is_reviewed(care: CaredFor) -> None:
    a_total(care.patient, THEN, 3)
    assert consequences() == (0, 1)


def test_a_form_without_a_safety_item_has_no_consequence(care: CaredFor) -> None:
    a_total(care.patient, THEN, 21, "gad-7")
    assert consequences() == (0, 0)


def test_the_alert_reaches_the_care_team_with_its_words_and_deadline(care: CaredFor) -> None:
    phq(care, THEN, 2)
    alert = open_alerts_for(care.prescriber).get()
    assert (alert.kind, alert.severity) == ("suicide-item", "now")
    assert alert.detail == "PHQ-9 question 9: 2 (More than half the days), new"
    assert alert.acknowledge_by == THEN + timedelta(minutes=15)
    assert (alert.about_kind, alert.about_code) == ("risk", "phq-9")


def test_the_review_is_due_at_the_end_of_the_clinics_day(care: CaredFor) -> None:
    late = datetime(2026, 9, 2, 4, 0, tzinfo=UTC)  # nine in the evening before, in Los Angeles
    phq(care, late, "SKIP")
    assert Task.objects.get(kind="risk-review").due_at == datetime(2026, 9, 2, 7, 0, tzinfo=UTC)


def test_a_missing_total_does_not_keep_the_answer_from_acting(care: CaredFor) -> None:
    a_phq_9(care.patient, THEN, "NA,NA,NA,NA,0,0,0,0,3")
    assert consequences() == (1, 0)


def test_an_answer_typed_wrong_does_not_count_as_the_one_before(care: CaredFor) -> None:
    wrong = a_phq_9(care.patient, THEN, "0,0,0,0,0,0,0,0,3")
    entry = Entry("phq-9", THEN, answers_of("0,0,0,0,0,0,0,0,0"))
    correct_response(by=SYSTEM, now=THEN + WEEK, response=wrong, entry=entry, reason="wrong line")
    phq(care, THEN + WEEK, 1)
    details = list(Alert.objects.order_by("id").values_list("detail", flat=True))
    assert details == ["PHQ-9 question 9: 3 (Nearly every day), new", "PHQ-9 question 9: 1 (Several days), new"]


def test_an_older_form_entered_late_is_compared_with_what_came_before_it(care: CaredFor) -> None:
    phq(care, THEN + 2 * WEEK, 1)
    phq(care, THEN, 2)
    details = list(Alert.objects.order_by("id").values_list("detail", flat=True))
    assert details == [
        "PHQ-9 question 9: 1 (Several days), new",
        "PHQ-9 question 9: 2 (More than half the days), new",
    ]


def test_another_patients_answers_do_not_count(care: CaredFor) -> None:
    a_phq_9(cared_for().patient, THEN, "0,0,0,0,0,0,0,0,3")
    phq(care, THEN + WEEK, 1)
    assert Alert.objects.get(patient=care.patient).detail.endswith("new")


# --- what never reached anybody ---------------------------------------------------------------------------


def test_the_sweep_hands_on_what_never_reached_safety_and_only_once(
    care: CaredFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lost:
        lost.setattr(recording, "follow_up_answers", lambda **_said: False)
        lost.setattr(filling, "follow_up_answers", lambda **_said: False)
        phq(care, THEN, 2)
        a_total(care.patient, THEN, 21, "gad-7")
        form = begin_filling_of(care, "asq")
        for item, answer in (("1", 0), ("2", 0), ("3", 1)):
            form = filling.keep_answer(by=own(care), now=THEN, filling=form, item_id=item, answer=answer)
        for hours in range(1, 6):  # more than one slice lies between the two
            a_total(care.patient, THEN + timedelta(hours=hours), 12, "gad-7")
        phq(care, THEN + timedelta(hours=6), 3)
        monkeypatch.setattr(hearing, "AT_ONCE", 2)
    assert consequences() == (0, 0)
    assert keep_answers_heard(now=THEN + WEEK) == 3
    details = set(Alert.objects.values_list("detail", flat=True))
    assert details == {
        "PHQ-9 question 9: 2 (More than half the days), new",
        "PHQ-9 question 9: 3 (Nearly every day), up from 2 (More than half the days)",
        "ASQ question 3: yes, new",
    }
    assert keep_answers_heard(now=THEN + WEEK) == 0
    assert consequences() == (3, 0)
    filling.keep_answer(by=own(care), now=THEN, filling=form, item_id="4", answer=0)
    assert keep_answers_heard(now=THEN + WEEK) == 0


def test_the_sweep_leaves_what_is_older_alone(care: CaredFor, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as lost:
        lost.setattr(recording, "follow_up_answers", lambda **_said: False)
        phq(care, THEN, 2)
    assert keep_answers_heard(now=THEN + WEEK + timedelta(seconds=1)) == 0


def own(care: CaredFor) -> User:
    return care.patient.user or let_in(care.patient)


def begin_filling_of(care: CaredFor, instrument: str) -> Filling:
    own(care)
    an_ask(care.patient, instrument, THEN)
    return begun(care.patient, instrument, THEN)
