"""Off track: too little change after the fourth dose, and everything that is no verdict."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from tests.unit.core.psychometrics.instruments import GAD_7, KNOWN, PHQ_9

from openkap.core.psychometrics import DatedScore, Early, EarlyCourse, early_course
from openkap.knowledge.schema.instrument import Instrument

WARNING = KNOWN.early_warnings["early-non-improvement"]
WINDOWS = KNOWN.course_windows["course-windows"]
START = datetime(2026, 9, 15, 10, 0)  # local time
DAY = timedelta(days=1)
DOSES = tuple(START + 3 * n * DAY for n in range(6))


def dated(instrument: Instrument, day: float, total: float | None, version: int | None = None) -> DatedScore:
    return DatedScore(instrument.id, version or instrument.version, START + day * DAY, total, day)


def judged(
    *points: tuple[float, float | None], doses: Sequence[datetime] = DOSES, instrument: Instrument = PHQ_9
) -> EarlyCourse:
    scores = [dated(instrument, day, total) for day, total in points]
    acting = KNOWN.criteria_for(instrument.id)
    return early_course(instrument, WARNING, scores, doses, windows=WINDOWS, criteria=acting)


@pytest.mark.parametrize(
    ("total", "standing", "percent"),
    [(20, Early.OFF_TRACK, 0), (17, Early.OFF_TRACK, 15), (16, Early.ON_TRACK, 20), (24, Early.OFF_TRACK, -20)],
)
def test_less_than_a_fifth_gone_after_dose_four_is_off_track(
    total: int, standing: Early, percent: float
) -> None:
    found = judged((-1, 20), (10, total))
    assert found.standing is standing
    assert found.percent_improvement == pytest.approx(percent)
    assert (found.warning_id, found.warning_version) == ("early-non-improvement", 1)
    assert found.start is not None
    assert found.score is not None
    assert (found.start.ref, found.score.ref) == (-1, 10)


@pytest.mark.parametrize(
    ("points", "doses", "standing"),
    [
        (((-1, 20), (8, 20)), DOSES[:3], Early.TOO_EARLY),
        (((-1, 20),), (), Early.TOO_EARLY),
        (((10, 20),), DOSES, Early.NO_BASELINE),
        (((-15, 20), (10, 20)), DOSES, Early.NO_BASELINE),  # too old for one
        (((-1, 20), (8, 20)), DOSES, Early.NOT_MEASURED),  # before dose four
        (((-1, 20), (10, None)), DOSES, Early.NOT_MEASURED),  # no total is no score
        (((-1, 9), (10, 9)), DOSES, Early.NOT_ELIGIBLE),  # below caseness
        (((-1, 20), (10, 20), (30, 20)), DOSES, Early.OVER),  # the endpoint judges
        (((-1, 20), (60, 20)), DOSES, Early.OVER),
    ],
)
def test_what_is_no_verdict_says_which(
    points: Sequence[tuple[float, float | None]], doses: Sequence[datetime], standing: Early
) -> None:
    found = judged(*points, doses=doses)
    assert found.standing is standing
    assert found.percent_improvement is None


def test_the_newest_score_decides() -> None:
    assert judged((-1, 20), (10, 20), (13, 8)).standing is Early.ON_TRACK
    assert judged((-1, 20), (10, 8), (13, 20)).standing is Early.OFF_TRACK


def test_another_version_of_the_form_is_never_compared() -> None:
    scores = [dated(GAD_7, -1, 15), dated(GAD_7, 10, 15, version=GAD_7.version + 1)]
    found = early_course(GAD_7, WARNING, scores, DOSES, windows=WINDOWS, criteria=KNOWN.criteria_for("gad-7"))
    assert found.standing is Early.NOT_MEASURED


def test_a_baseline_whose_caseness_nobody_knows_is_judged_all_the_same() -> None:
    scores = [dated(PHQ_9, -1, 9), dated(PHQ_9, 10, 9)]
    found = early_course(PHQ_9, WARNING, scores, DOSES, windows=WINDOWS, criteria=())
    assert found.standing is Early.OFF_TRACK


def test_the_record_says_what_its_figure_was_published_for_and_what_to_consider() -> None:
    assert (WARNING.after_dose, WARNING.improvement_below_percent) == (4, 20)
    assert WARNING.published_for == ("madrs",)
    assert {one.id for one in WARNING.consider} >= {"adherence", "dose", "diagnosis", "therapy"}
    assert all(one.text.es for one in WARNING.consider)
