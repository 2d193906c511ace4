"""When the steps of a made-up life happen, counted back from today."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.planning.compiling import preview
from openkap.core.planning import CannotPlan, instant
from openkap.jobs.demo.personas import Persona, Story
from openkap.jobs.demo.staff import House

DAY = timedelta(days=1)
DOSE_TODAY = frozenset({Story.DOSE_TODAY, Story.LIVE_INFUSION, Story.LIVE_RECOVERY})
# from how many to how many days ago the plan began
BEGAN = {
    Story.MID_COURSE: (2, 19),
    Story.ALARM: (6, 15),
    Story.LATE_COURSE: (24, 34),
    Story.COMPLETED: (45, 80),
    Story.STOPPED: (20, 40),
    Story.PLANNED: (-8, 0),
}


@dataclass(frozen=True)
class Dates:
    """Moments of the first steps; `start` is the first day of the plan, None without one."""

    registered: datetime
    assessed: datetime
    planned: datetime
    start: date | None


def dates(persona: Persona, house: House, now: datetime, random: Random) -> Dates:
    """The dates that bring this life to where its story is today."""
    today = now.astimezone(house.zone).date()
    start = _start(persona, house, now, today, random)
    planned_on = min(start, today) - random.randint(1, 3) * DAY if start else today - random.randint(1, 3) * DAY
    assessed_on = planned_on - random.randint(0, 2) * DAY if start else planned_on
    registered_on = assessed_on - random.randint(3, 9) * DAY
    if persona.story is Story.REGISTERED:
        registered_on = today - random.randint(1, 9) * DAY

    def at(day: date, hour: int) -> datetime:
        return instant(day, time(hour, random.choice((0, 10, 20, 30, 40))), house.zone)

    return Dates(at(registered_on, 10), at(assessed_on, 13), at(planned_on, 16), start)


def _start(persona: Persona, house: House, now: datetime, today: date, random: Random) -> date | None:
    if persona.story in DOSE_TODAY:
        found = _starts_with_dose_on(today, persona, house, now)
        return random.choice(found[:4]) if found else today - 9 * DAY
    if persona.story not in BEGAN:
        return None
    nearest, farthest = BEGAN[persona.story]
    return today - random.randint(nearest, farthest) * DAY


def _starts_with_dose_on(day: date, persona: Persona, house: House, now: datetime) -> list[date]:
    """Starts that put a dose, not the first, on `day`; the latest first."""
    protocol = knowledge_for(house.site, now).protocols[persona.protocol_id]
    found = []
    for back in range(2, 30):
        try:
            doses = preview(protocol, house.site, day - back * DAY, house.choices).doses
        except CannotPlan:
            continue
        if any(dose.on == day for dose in doses[1:]):
            found.append(day - back * DAY)
    return found
