"""Off track in the database: judged once, one task, and none once it is over."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.factories.measures import a_course, a_total
from tests.factories.sites import THEN
from tests.factories.tasks import SYSTEM, CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.measures import induction
from openkap.apps.measures.induction import Induction
from openkap.apps.measures.models import EarlyJudgement
from openkap.apps.measures.operations import Entry, correct_response
from openkap.apps.measures.operations.early import judge_courses
from openkap.apps.measures.queries import courses_of
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.models import Task
from openkap.core.psychometrics import Early

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = THEN + 40 * DAY


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


def off_track_tasks() -> list[Task]:
    return list(Task.objects.filter(kind=TaskKind.OFF_TRACK.value).order_by("id"))


def test_one_task_is_opened_once_and_taken_back_by_a_better_score(care: CaredFor, dosed: Induction) -> None:
    a_course(care.patient, [(THEN + 9 * DAY, 18), (THEN + 20 * DAY, 16)])
    assert judge_courses(now=NOW) == 2
    assert judge_courses(now=NOW) == 0
    task = off_track_tasks()[0]
    assert (task.role, task.state, task.about_code) == ("prescriber", "open", "gad-7")
    assert (task.due_at - NOW, task.detail) == (3 * DAY, "GAD-7: 11 % better than at baseline")
    a_total(care.patient, THEN + 22 * DAY, 17, "gad-7")
    judge_courses(now=NOW)
    assert [one.state for one in off_track_tasks()] == ["open"]
    a_total(care.patient, THEN + 24 * DAY, 9, "gad-7")
    judge_courses(now=NOW)
    assert [one.state for one in off_track_tasks()] == ["cancelled"]
    kept = EarlyJudgement.objects.order_by("response__administered_at").values_list("standing", flat=True)
    assert list(kept) == ["not-measured", "off-track", "off-track", "on-track"]


def test_a_correction_takes_the_place_of_what_it_corrects(care: CaredFor, dosed: Induction) -> None:
    _first, wrong = a_course(care.patient, [(THEN + 9 * DAY, 18), (THEN + 20 * DAY, 16)])
    judge_courses(now=NOW)
    entry = Entry("gad-7", wrong.administered_at, total=6)
    correct_response(by=SYSTEM, now=NOW, response=wrong, entry=entry, reason="16 was another form")
    judge_courses(now=NOW)
    assert [one.state for one in off_track_tasks()] == ["cancelled"]


def test_what_is_no_main_measure_of_the_indication_warns_of_nothing(care: CaredFor, dosed: Induction) -> None:
    a_course(care.patient, [(THEN + 9 * DAY, 20), (THEN + 20 * DAY, 20)], "isi")
    a_course(care.patient, [(THEN + 9 * DAY, 20), (THEN + 20 * DAY, 20)], "who-5")
    judge_courses(now=NOW)
    assert off_track_tasks() == []
    assert [course.early for course in courses_of(care.patient, NOW)] == [None, None]


def test_the_course_says_how_it_stands(care: CaredFor, dosed: Induction) -> None:
    a_course(care.patient, [(THEN + 9 * DAY, 18), (THEN + 20 * DAY, 16)])
    early = courses_of(care.patient, NOW)[0].early
    assert early is not None
    assert early.standing is Early.OFF_TRACK
    assert early.percent_improvement == pytest.approx(11.1, abs=0.1)
