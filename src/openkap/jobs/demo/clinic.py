"""Making the whole clinic: staff, then all lives at once in the order of time, up to the present."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from openkap.apps.access import queries as access
from openkap.apps.assessment.operations import keep_clearance
from openkap.apps.measures.operations import keep_asks
from openkap.apps.planning.operations import open_due_tasks
from openkap.apps.sites.queries import all_sites
from openkap.apps.tasks.operations import escalate_overdue
from openkap.errors import NotAllowedNow
from openkap.jobs.demo.answering import SIGNED, sign_cadences, with_pages
from openkap.jobs.demo.choosing import adopt_figures, enter_prices
from openkap.jobs.demo.consents import fill_in_words
from openkap.jobs.demo.dates import dates
from openkap.jobs.demo.life import Life, alarm
from openkap.jobs.demo.living import tell_weeks
from openkap.jobs.demo.looking import judge_all, looking
from openkap.jobs.demo.personas import Response, Story, personas
from openkap.jobs.demo.portal import enter_help, telephones
from openkap.jobs.demo.safety import enter_rota, find_low, say_the_same
from openkap.jobs.demo.sign_ins import SignIn, a_password
from openkap.jobs.demo.staff import House, address, open_houses

OPENED = timedelta(days=120)  # before the present
SINCE_ALARM = timedelta(minutes=12)
SINCE_RESULT = timedelta(days=2)
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Clinic:
    """What was made."""

    sign_ins: list[SignIn]
    sites: list[str]
    patients: int


@transaction.atomic
def build(*, now: datetime, seed: int = 1, count: int = 60, progress: Progress | None = None) -> Clinic:
    """Fill an empty database with the clinic as it stands at `now`, all or nothing.

    The same seed, time and count give the same people and the same course of things. `progress` is told the
    share that is done, 0 to 1. Raises `NotAllowedNow` when the database holds anything already.
    """
    if all_sites().exists():
        raise NotAllowedNow(
            "This database is not empty. The demonstration clinic is made in an empty one only."
        )
    random = Random(seed)  # noqa: S311  made-up people, no secrets
    opened = now - OPENED
    password = a_password()
    houses, sign_ins = open_houses(now, opened, password)
    adopt_figures(houses[0], opened)
    for house in houses:
        enter_prices(house, opened)
    for house in houses:
        fill_in_words(house, opened)
        enter_help(house, opened)
    lives = list(_lives(houses, now, random, count))
    runs: list[Iterator[datetime]] = [life.run() for life in lives]
    runs += tell_weeks(lives, now)
    runs += telephones(lives, now, password, sign_ins)
    runs += [sign_cadences(houses[0], now - SIGNED), *with_pages(lives, now)]
    runs += [alarm(life, now - SINCE_ALARM) for life in lives if life.persona.story is Story.ALARM]
    runs += _risk(lives, houses, now)
    runs.append(looking(lives, now))
    _live(runs, opened, now, progress or (lambda _share: None))
    keep_clearance(now=now)
    keep_asks(now=now)
    open_due_tasks(now=now)
    judge_all(now)
    escalate_overdue(now=now)
    return Clinic(sign_ins, [house.site.name for house in houses], count)


def _risk(lives: list[Life], houses: list[House], now: datetime) -> list[Iterator[datetime]]:
    """Who is on duty; somebody at low risk with a plan; somebody whose thoughts have long been the same."""
    treated = [life for life in lives if life.persona.story is Story.MID_COURSE and life.house is houses[0]]
    chronic = [life for life in treated[1:] if life.persona.ideation and life.persona.response is Response.NOT]
    return [
        enter_rota(houses, now - SINCE_ALARM - SINCE_ALARM),
        *(find_low(life, now - SINCE_RESULT) for life in treated[:1]),
        *(say_the_same(life, now - SINCE_ALARM * 3) for life in chronic[:1]),
    ]


def exists() -> bool:
    """Whether this database holds a clinic already."""
    return all_sites().exists()


def is_demonstration() -> bool:
    """Whether what it holds is the demonstration clinic."""
    found = access.user_by_email(address("director"))
    return found is not None and found.is_demonstration


def _lives(houses: list[House], now: datetime, random: Random, count: int) -> Iterator[Life]:
    """Most patients are at the first site; whoever has to be seen today is there too."""
    today = now.astimezone(houses[0].zone).date()
    for number, persona in enumerate(personas(random, count, today)):
        house = houses[1] if number > count // 10 and number % 5 in {1, 3} else houses[0]
        own = Random(random.random())  # noqa: S311  made-up people, no secrets
        yield Life(persona, house, dates(persona, house, now, own), now, own)


def _live(runs: list[Iterator[datetime]], begin: datetime, now: datetime, progress: Progress) -> None:
    """Resume every life when its moment comes; what lies ahead of `now` stays ahead."""
    waiting: list[tuple[datetime, int]] = []
    for number, run in enumerate(runs):
        _queue(waiting, number, run)
    while waiting:
        at, number = heapq.heappop(waiting)
        if at > now:
            return
        progress(max(0.0, min(1.0, (at - begin) / (now - begin))))
        _queue(waiting, number, runs[number])


def _queue(waiting: list[tuple[datetime, int]], number: int, run: Iterator[datetime]) -> None:
    following = next(run, None)
    if following is not None:
        heapq.heappush(waiting, (following, number))
