"""The course of an instrument: baseline, endpoint, and what changes mean."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation
from tests.factories.measures import a_course, a_total
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.measures import induction, queries
from openkap.apps.measures.induction import Induction
from openkap.apps.measures.words import meanings_of, points_in_words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@shared
def care() -> CaredFor:
    return cared_for()


@pytest.fixture
def dosed() -> Iterator[Induction]:
    """An induction from day 10 to day 28."""
    found = Induction(THEN + 10 * DAY, THEN + 28 * DAY)
    before = list(induction._finders)
    induction.find_by(lambda _patient: found)
    yield found
    induction._finders[:] = before


def test_before_the_first_dose_the_newest_score_is_the_baseline_to_be(care: CaredFor) -> None:
    a_course(care.patient, [(THEN, 18), (THEN + 3 * DAY, 16)])
    course = queries.courses_of(care.patient, THEN + 4 * DAY)[0]
    assert course.baseline is not None
    assert course.baseline.total == 16
    assert [score.change for score in course.scores] == [None, None]


def test_the_baseline_is_the_last_score_before_the_first_dose(care: CaredFor, dosed: Induction) -> None:
    a_course(care.patient, [(THEN, 20), (THEN + 9 * DAY, 18), (THEN + 20 * DAY, 9), (THEN + 43 * DAY, 4)])
    course = queries.courses_of(care.patient, THEN + 60 * DAY)[0]
    assert [score.is_baseline for score in course.scores] == [False, True, False, False]
    assert [score.change.points if score.change else None for score in course.scores] == [None, None, -9, -14]
    assert [score.is_response_endpoint for score in course.scores] == [False, False, False, True]
    last = course.scores[-1].change
    assert last is not None
    assert last.response.met is True
    assert last.reliable.met is None  # nobody has adopted a figure


def test_a_score_too_old_is_no_baseline(care: CaredFor, dosed: Induction) -> None:
    a_course(care.patient, [(THEN - 5 * DAY, 20), (THEN + 20 * DAY, 9)])
    course = queries.courses_of(care.patient, THEN + 60 * DAY)[0]
    assert course.baseline is None
    assert all(score.change is None for score in course.scores)


def test_scores_of_all_instruments_come_in_order_of_time(care: CaredFor) -> None:
    a_total(care.patient, THEN + DAY, 12)
    a_total(care.patient, THEN, 9, "gad-7")
    scores = queries.scores_of(care.patient, THEN + 2 * DAY)
    assert [(score.instrument_id, score.total, score.band_label) for score in scores] == [
        ("gad-7", 9, "Mild"),
        ("phq-9", 12, "Moderate"),
    ]


def test_bands_are_named_in_the_readers_language(care: CaredFor) -> None:
    a_total(care.patient, THEN, 20)
    with translation.override("es"):
        assert queries.scores_of(care.patient, THEN)[0].band_label == "Grave"


def test_changes_are_said_in_words(care: CaredFor, dosed: Induction) -> None:
    a_course(care.patient, [(THEN + 9 * DAY, 20), (THEN + 20 * DAY, 4), (THEN + 30 * DAY, 21)])
    better, worse = [score.change for score in queries.scores_of(care.patient, THEN + 60 * DAY)[1:]]
    assert better is not None
    assert worse is not None
    assert points_in_words(better) == "down 16 points (80 %)"
    assert points_in_words(worse) == "up 1 point (5 %)"
    assert points_in_words(replace(worse, points=2, percent_improvement=-200 / 3)) == "up 2 points (67 %)"
    assert [meaning.word for meaning in meanings_of(better)] == [
        "Remission not established",
        "Response",
        "Reliable change not established",
    ]
