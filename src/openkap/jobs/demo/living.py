"""Everyday life of the made-up patients: weeks as they tell them, and a file of steps and sleep."""

import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from random import Random

from openkap.apps.access.models import User
from openkap.apps.lifestyle.drafts import read_draft
from openkap.apps.lifestyle.operations import keep_days
from openkap.apps.measures.operations import Entry, record_response
from openkap.core.psychometrics import Answer
from openkap.jobs.demo.life import Life
from openkap.jobs.demo.personas import LEFT, Story

WEEK = timedelta(days=7)
TOLD_BY = (Story.COMPLETED, Story.LATE_COURSE, Story.MID_COURSE)
MOST_LIVES = 12
BEFORE = timedelta(hours=3)  # of the present: the last week was told this morning
DAYS_IN_FILE = 90
MISSED = 0.06  # of days a watch lay in a drawer


def tell_weeks(lives: Iterable[Life], now: datetime) -> list[Iterator[datetime]]:
    """Some patients answer the questions about the week, week after week since they came."""
    told = sorted(
        (life for life in lives if life.persona.story in TOLD_BY), key=lambda life: life.dates.registered
    )
    return [_weeks(life, now - BEFORE) for life in told[:MOST_LIVES]]


def _weeks(life: Life, last: datetime) -> Iterator[datetime]:
    first = life.dates.registered + timedelta(days=1)
    count = (last - first) // WEEK
    drinks = life.random.randint(0, 2)
    for n in range(count + 1):
        at = last - WEEK * (count - n)
        yield at
        answers = _answers(life, n / max(count, 1), drinks)
        entry = Entry("the-week", administered_at=at, answers=answers, mode="own-device")
        record_response(by=life.therapist, now=at, patient=life.patient, entry=entry)


def _answers(life: Life, progress: float, drinks: int) -> dict[str, Answer]:
    """Seven answers that become lighter with the course, as far as it helps."""
    better = (1 - LEFT[life.persona.response]) * progress

    def days(start: float, change: float) -> int:
        return max(0, min(4, round(start + change * better + life.random.uniform(-0.6, 0.6))))

    lighter = {item: days(start, 3) for item, start in (("1", 1.2), ("2", 1.0), ("3", 1.8), ("4", 1.4))}
    smokes = 1 if life.random.random() < 0.1 else 0
    return {**lighter, "5": days(drinks, -1.5), "6": smokes, "7": days(2.6, -2.4)}


def bring_file(life: Life, user: User, at: datetime) -> None:
    """The export of a telephone and a watch, brought by the patient; the watch counts."""
    raw = _export(life, at.astimezone(life.zone).date())
    keep_days(by=user, now=at, patient=life.patient, draft=read_draft(io.BytesIO(raw), life.patient, at))


def _export(life: Life, last: date) -> bytes:
    random = Random(life.random.random())  # noqa: S311  made-up people, no secrets
    name = life.persona.given_name
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<HealthData locale="en_US">']
    for n in range(DAYS_IN_FILE, 0, -1):
        day = last - timedelta(days=n)
        if random.random() > MISSED:
            lines += _day(life, day, 1 - n / DAYS_IN_FILE, name, random)
    return "\n".join([*lines, "</HealthData>"]).encode()


def _day(life: Life, day: date, progress: float, name: str, random: Random) -> list[str]:
    better = (1 - LEFT[life.persona.response]) * max(0.0, progress - 0.4)
    steps = round(3200 + 6500 * better + random.gauss(0, 900))
    asleep = round(345 + 110 * better + random.gauss(0, 35))
    walked = f"{day} 17:30:00 {_offset(life, day)}"
    began = f"{day - timedelta(days=1)} 23:{random.randint(10, 50)}:00 {_offset(life, day)}"
    ended = datetime.fromisoformat(began[:19]) + timedelta(minutes=max(asleep, 150))
    steps = max(steps, 400)
    return [
        _steps(f"{name} Watch", walked, steps),
        _steps("iPhone", walked, round(steps * random.uniform(0.55, 0.85))),
        _sleep(f"{name} Watch", began, f"{ended} {_offset(life, day)}"),
    ]


def _sleep(device: str, began: str, ended: str) -> str:
    return (
        f'<Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="{device}" startDate="{began}" '
        f'endDate="{ended}" value="HKCategoryValueSleepAnalysisAsleepUnspecified"/>'
    )


def _steps(device: str, at: str, count: int) -> str:
    return (
        f'<Record type="HKQuantityTypeIdentifierStepCount" sourceName="{device}" unit="count" '
        f'startDate="{at}" endDate="{at}" value="{count}"/>'
    )


def _offset(life: Life, day: date) -> str:
    """'+0100': how far the site's clock is from UTC at noon."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=life.zone).strftime("%z")
