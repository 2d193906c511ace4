"""One course for depression, asked as a person would lay it out in a calendar."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from openkap.core.planning.asking import (
    Answered,
    Ask,
    Course,
    Dose,
    Pause,
    Visit,
    cadence_for,
    minutes_of,
    plan_asks,
)
from openkap.core.planning.calendar import instant
from openkap.knowledge import load
from openkap.knowledge.schema.cadence import AskStage

KNOWN = load(date(2026, 11, 21))
ZONE = ZoneInfo("America/Los_Angeles")
DEPRESSION = KNOWN.cadences["asking-depression"]
ENROLLED, FIRST = date(2026, 9, 1), date(2026, 9, 14)
DAY = timedelta(days=1)


def at(day: date, hour: int = 9) -> datetime:
    return instant(day, time(hour), ZONE)


DOSES = tuple(Dose(number, at(FIRST + days * DAY)) for number, days in enumerate((0, 3, 7, 10), 1))
COURSE = Course(ZONE, "plan", ENROLLED, "trd", "ketamine-iv-twice-weekly", DOSES)


def asks(course: Course = COURSE, answered: Answered | None = None) -> tuple[Ask, ...]:
    return plan_asks(DEPRESSION, course, KNOWN.instruments, answered or Answered())


def days_of(instrument: str, found: tuple[Ask, ...]) -> list[date]:
    return [ask.day for ask in found if ask.instrument_id == instrument]


def test_a_course_is_asked_from_enrolment_to_follow_up() -> None:
    last = FIRST + 10 * DAY
    assert days_of("phq-9", asks()) == [
        ENROLLED, FIRST + 7 * DAY, *(last + days * DAY for days in (14, 30, 60, 90, 180)),
    ]  # fmt: skip
    assert days_of("mood-today", asks()) == [dose.at.astimezone(ZONE).date() + DAY for dose in DOSES]
    assert days_of("expectancy", asks()) == [FIRST]
    assert days_of("madrs", asks()) == [ENROLLED, last + 14 * DAY]


def test_the_screen_before_a_dose_closes_when_the_dose_begins() -> None:
    screens = [ask for ask in asks() if ask.instrument_id == "asq"]
    before = [ask for ask in screens if ask.line_id == "before-dose"]
    assert [(ask.due, ask.expires) for ask in before] == [(dose.at, dose.at) for dose in DOSES]
    assert len(screens) == 2 * len(DOSES)


def test_a_moved_dose_takes_its_asks_along() -> None:
    later = replace(DOSES[3], at=DOSES[3].at + 2 * DAY)
    moved = asks(replace(COURSE, doses=(*DOSES[:3], later)))
    assert days_of("mood-today", moved)[-1] == FIRST + 13 * DAY
    assert days_of("mood-today", moved)[:3] == days_of("mood-today", asks())[:3]
    key = {ask.key: ask.day for ask in asks()}
    assert {ask.key for ask in moved} == set(key)


def test_a_dose_the_day_after_another_has_its_own_screen_only() -> None:
    doses = (DOSES[0], Dose(2, DOSES[0].at + DAY))
    screens = [ask for ask in asks(replace(COURSE, doses=doses)) if ask.instrument_id == "asq"]
    assert [ask.line_id for ask in screens] == ["before-dose", "before-dose", "day-after"]


def test_a_visit_asks_in_the_place_of_the_week() -> None:
    visit = Visit("visit-1", DOSES[2].at, ("phq-9",), AskStage.BETWEEN_DOSES)
    found = asks(replace(COURSE, visits=(visit,)))
    weekly = [ask for ask in found if ask.instrument_id == "phq-9" and ask.day == FIRST + 7 * DAY]
    assert [(ask.key, ask.due) for ask in weekly] == [("visit-1:phq-9", DOSES[2].at)]


def test_without_a_signed_cadence_visits_ask_as_their_protocol_says() -> None:
    visits = tuple(Visit(f"v{n}", DOSES[n].at, ("phq-9", "unheard-of"), AskStage.BETWEEN_DOSES) for n in (0, 2))
    found = plan_asks(None, replace(COURSE, visits=visits), KNOWN.instruments, Answered())
    assert [ask.key for ask in found] == ["v0:phq-9", "v2:phq-9"]
    assert [ask.overlaps for ask in found] == [False, True]
    assert all(not ask.reminders for ask in found)


def test_what_was_just_answered_is_asked_later_or_not_at_all() -> None:
    weekly = FIRST + 7 * DAY
    two_days_before = Answered({"phq-9": [at(weekly - 5 * DAY)]})
    moved = next(ask for ask in asks(COURSE, two_days_before) if ask.day == weekly and "phq" in ask.key)
    assert moved.opens == instant(weekly + 2 * DAY, time.min, ZONE)
    the_day_before = Answered({"phq-9": [at(weekly - 2 * DAY)]})
    assert weekly not in days_of("phq-9", asks(COURSE, the_day_before))


def test_nothing_after_the_end_and_nothing_in_a_pause() -> None:
    ended = asks(replace(COURSE, ended_at=at(FIRST + 4 * DAY)))
    assert max(ask.expires for ask in ended) <= at(FIRST + 4 * DAY)
    withdrawn = asks(replace(COURSE, ended_at=at(FIRST + 9 * DAY), withdrawn_at=at(FIRST + 4 * DAY)))
    assert withdrawn == ended
    pause = Pause(at(FIRST), at(FIRST + 5 * DAY))
    found = asks(COURSE, Answered(pauses=(pause,)))
    assert not [ask for ask in found if pause.begins <= ask.opens < at(FIRST + 5 * DAY)]
    assert asks(COURSE, Answered(pauses=(Pause(at(ENROLLED, 0), None),))) == ()
    assert not days_of("gad-7", asks(COURSE, Answered(left_out=frozenset({"gad-7"}))))


def test_a_record_for_the_protocol_beats_one_for_the_indication() -> None:
    records = KNOWN.cadences.values()
    maintenance = replace(COURSE, protocol_id="ketamine-iv-monthly-maintenance")
    found = [cadence_for(records, course) for course in (COURSE, maintenance, replace(COURSE, indication=""))]
    assert [one.id if one else None for one in found] == ["asking-depression", "asking-maintenance", None]
    for_all = DEPRESSION.model_copy(update={"indications": ()})
    assert cadence_for([for_all], replace(COURSE, indication="")) is for_all


def test_minutes_are_those_of_the_patient() -> None:
    at_first = [ask for ask in asks() if ask.day == ENROLLED]
    assert {"madrs", "phq-9"} <= {ask.instrument_id for ask in at_first}
    alone = [ask for ask in at_first if ask.instrument_id in {"madrs", "phq-9"}]
    assert minutes_of(alone, KNOWN.instruments) == KNOWN.instruments["phq-9"].minutes
