"""What holds of an early warning for any course: it never clears what it did not measure."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.core.psychometrics.instruments import KNOWN, PHQ_9

from openkap.core.psychometrics import DatedScore, Early, EarlyCourse, early_course

WARNING = KNOWN.early_warnings["early-non-improvement"]
WINDOWS = KNOWN.course_windows["course-windows"]
START = datetime(2026, 9, 15, 10, 0)  # local time
HOUR = timedelta(hours=1)

totals = st.one_of(st.none(), st.integers(0, 27))
scores = st.lists(
    st.builds(
        lambda hours, total, version: DatedScore("phq-9", version, START + hours * HOUR, total),
        st.integers(-900, 1500), totals, st.sampled_from([PHQ_9.version, PHQ_9.version + 1]),
    ),
    max_size=8,
)  # fmt: skip
doses = st.lists(st.integers(0, 600), max_size=8, unique=True).map(
    lambda hours: tuple(START + n * HOUR for n in sorted(hours))
)


def judged(course: list[DatedScore], given_doses: tuple[datetime, ...]) -> EarlyCourse:
    acting = KNOWN.criteria_for("phq-9")
    return early_course(PHQ_9, WARNING, course, given_doses, windows=WINDOWS, criteria=acting)


@given(scores, doses)
def test_a_verdict_rests_on_two_totals_of_one_form_on_either_side_of_the_doses(
    course: list[DatedScore], given_doses: tuple[datetime, ...]
) -> None:
    found = judged(course, given_doses)
    if found.standing not in {Early.ON_TRACK, Early.OFF_TRACK}:
        assert found.percent_improvement is None
        return
    assert found.start is not None
    assert found.score is not None
    assert found.start.at < given_doses[0] <= given_doses[3] < found.score.at
    assert found.start.instrument_version == found.score.instrument_version
    assert found.start.total
    assert found.score.total is not None
    gone = 100 * (found.start.total - found.score.total) / found.start.total
    assert (found.standing is Early.OFF_TRACK) == (gone < 20)


@given(scores, doses)
def test_the_order_in_which_scores_come_does_not_matter(
    course: list[DatedScore], given_doses: tuple[datetime, ...]
) -> None:
    apart = list({one.at: one for one in course}.values())
    assert judged(apart, given_doses) == judged(apart[::-1], given_doses)


@given(scores, doses, st.integers(0, 27))
def test_more_illness_never_clears(
    course: list[DatedScore], given_doses: tuple[datetime, ...], more: int
) -> None:
    found = judged(course, given_doses)
    if found.standing is not Early.OFF_TRACK or found.score is None:
        return
    worse = DatedScore("phq-9", PHQ_9.version, found.score.at, max(found.score.total or 0, more))
    others = [one for one in course if one.at != found.score.at]
    assert judged([*others, worse], given_doses).standing is Early.OFF_TRACK
