"""A patient's measures as clinicians read them: side by side, one large, question by question, what changed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from tests.factories.access import a_client
from tests.factories.measures import a_course, a_phq_9, a_total
from tests.factories.sites import THEN
from tests.factories.tasks import SYSTEM, CaredFor, a_task, cared_for
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.chart.operations import Entry as ChartEntry
from openkap.apps.chart.operations import record_fact
from openkap.apps.measures import induction
from openkap.apps.measures.induction import Induction
from openkap.apps.tasks.operations import complete_task
from openkap.web.changes import changes_since, since_when
from openkap.web.course_of import Reader

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = THEN + 30 * DAY


@shared
def care() -> CaredFor:
    return cared_for()


@pytest.fixture
def dosed() -> Iterator[Induction]:
    """Six doses for panic disorder, three days apart from day 10."""
    doses = tuple(THEN + (10 + 3 * n) * DAY for n in range(6))
    found = Induction(doses[0], doses[-1], doses, "panic")
    before = list(induction._finders)
    induction.find_by(lambda _patient: found)
    yield found
    induction._finders[:] = before


def page(user: User, care: CaredFor, tail: str = "") -> str:
    with time_machine.travel(NOW, tick=False):
        response = a_client(user).get(f"/patients/{care.patient.public_id}/measures/{tail}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_each_measure_has_a_row_by_what_it_is_about_and_says_how_it_stands(
    care: CaredFor, dosed: Induction
) -> None:
    a_course(care.patient, [(THEN + 9 * DAY, 18), (THEN + 20 * DAY, 16)])
    a_course(care.patient, [(THEN + 9 * DAY, 21), (THEN + 20 * DAY, 8)], "phq-9")
    html = page(care.therapist, care)
    table = html[html.index("Side by side") :]
    assert (
        table.index("Depression")
        < table.index("PHQ-9")
        < table.index("Anxiety and worry")
        < table.index("GAD-7")
    )
    assert html.count('class="timeline strip"') == 3  # the axis and two strips
    assert "down 13 points (62 %)" in html
    assert "Response level" in html
    assert "Off track by GAD-7: little change after dose 4" in html
    assert "by convention" in html
    assert "style=" not in html


def test_one_measure_large_shows_what_its_totals_mean_and_what_is_not_established(
    care: CaredFor, dosed: Induction
) -> None:
    a_course(care.patient, [(THEN + 9 * DAY, 18), (THEN + 20 * DAY, 8)])
    html = page(care.therapist, care, "of/gad-7/")
    assert "baseline 18" in html
    assert "response, 50 % better" in html
    assert "Not established" in html  # reliable change: nobody has adopted the figure
    assert "None is established" in html  # an expected range
    assert "Question by question" not in html  # totals have no answers
    assert page(care.therapist, care, "of/gad-7/?period=months").count("measured-point") == 2
    assert page(care.therapist, care, "of/gad-7/?period=nonsense").count("measured-point") == 2


def test_no_baseline_is_said(care: CaredFor, dosed: Induction) -> None:
    a_course(care.patient, [(THEN + 12 * DAY, 18)])
    assert "None: no score in the 14 days before the first dose" in page(care.therapist, care, "of/gad-7/")
    assert "No baseline" in page(care.therapist, care)


def test_questions_are_ordered_by_what_rose(care: CaredFor, dosed: Induction) -> None:
    a_phq_9(care.patient, THEN + 9 * DAY, "2,2,2,2,2,2,2,2,0")
    a_phq_9(care.patient, THEN + 20 * DAY, "1,1,1,1,1,1,1,3,REFUSED")
    html = page(care.therapist, care, "of/phq-9/?order=change")
    items = html[html.index("Question by question") :]
    assert items.index("Moving or speaking") < items.index("Little interest")
    assert items.index("Safety question:") > items.index("Little interest")  # refused: not known, so last
    assert "heat-none" in items


def test_a_measure_that_was_never_filled_in_is_not_found(care: CaredFor) -> None:
    assert a_client(care.therapist).get(
        f"/patients/{care.patient.public_id}/measures/of/gad-7/"
    ).status_code == 404  # fmt: skip


def changes(care: CaredFor, user: User) -> list[tuple[str, str, str]]:
    reader = Reader(user, care.patient, NOW)
    since = since_when(reader, (THEN + 15 * DAY).date())
    return [(one.topic.value, one.status, one.words) for one in changes_since(reader, since)]


def test_what_changed_has_risk_first_and_leaves_out_what_stayed(care: CaredFor) -> None:
    a_phq_9(care.patient, THEN + 9 * DAY, "2,2,2,2,2,2,2,2,0")
    a_total(care.patient, THEN + 9 * DAY, 9, "gad-7")
    task = a_task(care, kind="plan-review")
    complete_task(by=care.prescriber, now=THEN + 18 * DAY, task=task)
    a_phq_9(care.patient, THEN + 20 * DAY, "1,1,1,1,1,1,1,1,1")
    a_total(care.patient, THEN + 20 * DAY, 8, "gad-7")
    medicine = ChartEntry("medicine", "Lithium", "patient", {"status": "active"})
    record_fact(by=SYSTEM, now=THEN + 21 * DAY, patient=care.patient, entry=medicine)
    found = changes(care, care.prescriber)
    assert found[0] == ("risk", "over", "PHQ-9, answer on suicide or self-harm")
    assert ("score", "info", "PHQ-9 9, Mild") in found
    assert ("medicine", "info", "Lithium") in found
    assert ("task", "ok", "Review the plan") in found
    assert not [words for _topic, _status, words in found if words.startswith("GAD-7")]


def test_without_a_visit_it_looks_back_two_weeks_and_a_day_ahead_is_no_day(care: CaredFor) -> None:
    reader = Reader(care.prescriber, care.patient, NOW)
    assert since_when(reader).at == NOW - 14 * DAY
    assert since_when(reader, (NOW + DAY).date()).at == NOW - 14 * DAY
