"""What patients read about their own course: kind, plain, and no more sure than it is."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from openkap.knowledge.schema.instrument import Domain, Respondent
from openkap.web.portal_course import _own, tells_of_days

DAY_ONE = datetime(2026, 3, 1, 10, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def course(*totals: float | None, reliable: bool | None = None, fewer_is_easier: bool = True) -> Any:
    """One total a week; the first is the baseline, and the change of the last is reliable or not."""
    change = SimpleNamespace(reliable=SimpleNamespace(met=reliable))
    scores = [
        SimpleNamespace(administered_at=DAY_ONE + timedelta(weeks=n), total=total, change=change if n else None)
        for n, total in enumerate(totals)
    ]
    return SimpleNamespace(
        title="A form", abbreviation="AF", lowest=0, highest=27, higher_is_worse=fewer_is_easier,
        scores=tuple(scores), baseline=scores[0],
    )  # fmt: skip


def words(made: Any, doses: tuple[date, ...] = ()) -> tuple[str, str]:
    own = _own(made, "How has your mood been?", doses, UTC_ZONE)
    return own.standing, " ".join(own.words)


@pytest.mark.parametrize(
    ("made", "standing", "said"),
    [
        (course(20), "", "This is where you start"),
        (course(20, 12, reliable=True), "better", "8 points easier now. That is more than the ups and downs"),
        (course(20, 12), "better", "8 points easier now."),
        (course(12, 20, reliable=True), "harder", "also on the way to better"),
        (course(12, 12), "same", "the same as when you began"),
        (course(20, 18, reliable=False), "same", "A difference this small"),
        (course(12, 14, reliable=False), "same", "A difference this small"),
        (course(10, 20, reliable=True, fewer_is_easier=False), "better", "10 points easier now"),
        (course(20, None, 12.5), "better", "7.5 points easier now"),
    ],
)
def test_a_change_is_said_as_far_as_it_is_known(made: Any, standing: str, said: str) -> None:
    found, text = words(made)
    assert found == standing
    assert said in text
    assert ("Fewer" if made.higher_is_worse else "More") + " points are easier days" in text
    assert "depress" not in text.lower()


def test_treatment_days_since_the_beginning_are_counted_and_stand_beside_each_answer() -> None:
    doses = tuple(date(2026, 2, 27) + timedelta(days=4 * n) for n in range(4))  # 27 Feb, 3, 7, 11 March
    made = course(20, 15, 9)
    _standing, text = words(made, doses)
    assert "3 treatment days lie between." in text
    own = _own(made, "Mood", doses, UTC_ZONE)
    assert [point.doses for point in own.points] == [4, 3, 1]
    assert own.picture.count('class="dose"') == 3
    assert "treatment day" not in words(course(20, 15), ())[1]


@pytest.mark.parametrize(
    ("domain", "respondent", "shown"),
    [
        (Domain.DEPRESSION, Respondent.PATIENT, True),
        (Domain.SLEEP, Respondent.PATIENT, True),
        (Domain.DEPRESSION, Respondent.CLINICIAN, False),  # what others rate is no answer of theirs
        (Domain.EXPERIENCE, Respondent.PATIENT, False),  # a deep session is no easy day
        (Domain.ALLIANCE, Respondent.PATIENT, False),
        (Domain.SUICIDALITY, Respondent.PATIENT, False),
    ],
)
def test_only_their_own_answers_about_their_days_make_a_course(
    domain: Domain, respondent: Respondent, shown: bool
) -> None:
    made: Any = SimpleNamespace(domain=domain, respondent=respondent)
    assert tells_of_days(made) is shown


def test_what_is_not_known_any_more_makes_no_course() -> None:
    assert not tells_of_days(None)
