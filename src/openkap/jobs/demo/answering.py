"""Made-up patients with pages of their own answer most of what they are asked, in the morning."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.cadence import standing_of
from openkap.apps.measures.fillings import Asked, asked_of
from openkap.apps.measures.operations import Entry, keep_asks_of, record_response
from openkap.apps.planning.queries import protocol_of
from openkap.core.planning import instant
from openkap.core.psychometrics import Answer, NotAnswered, asked_items
from openkap.jobs.demo.life import Life
from openkap.jobs.demo.personas import Story
from openkap.jobs.demo.portal import invite, let_in
from openkap.jobs.demo.scores import ITEMS, MOST, answers, ideation_after, total_after
from openkap.jobs.demo.staff import House
from openkap.knowledge.schema.instrument import Instrument, Item

DAY = timedelta(days=1)
MORNING = time(9, 5)
AFTER_PLANNING = timedelta(minutes=20)
TO_OPEN = timedelta(minutes=5)
SIGNED = timedelta(days=5)  # so long ago the director signed the cadences; before, visits alone asked
IN_COURSE = frozenset({Story.MID_COURSE, Story.LATE_COURSE, Story.DOSE_TODAY, Story.ALARM, Story.LIVE_RECOVERY})
HOW_OFTEN = 0.8
A_LITTLE = 0.25  # how often a choice is one above the lowest
QUIET = frozenset({"asq", "bladder-check"})  # whoever raises an alarm here does so on purpose


def with_pages(lives: Iterable[Life], now: datetime) -> list[Iterator[datetime]]:
    """Everybody with a plan comes in at their own time; who is in a course answers morning by morning."""
    planned = [life for life in lives if life.dates.start is not None]
    followed = [life for life in planned if life.persona.story in IN_COURSE]
    runs = [_come_in(life) for life in planned if not life.has_telephone]
    return runs + [_mornings(life, now) for life in followed]


def sign_cadences(house: House, at: datetime) -> Iterator[datetime]:
    """The director adopts how often to ask."""
    yield at
    known = knowledge_for(house.site, at)
    for record in known.cadences.values():
        sign_off(
            by=house.director, now=at, record_id=record.id, version=record.version, site=None, adopted=True
        )


def _come_in(life: Life) -> Iterator[datetime]:
    at = life.dates.planned + AFTER_PLANNING
    yield at
    link = invite(life, at)
    yield at + TO_OPEN
    let_in(life, link, at + TO_OPEN)


def _mornings(life: Life, now: datetime) -> Iterator[datetime]:
    random = Random(f"{life.persona.family_name} in the morning")  # noqa: S311  a life, not a secret
    day = max(life.dates.planned, now - SIGNED).astimezone(life.zone).date() + DAY
    while (at := instant(day, MORNING, life.zone)) < now:
        yield at
        if life.patient.user is not None:
            keep_asks_of(now=at, patient=life.patient)
            for asked in asked_of(life.patient, at):
                if random.random() < HOW_OFTEN and not _is_for_a_visit(asked, life):
                    _answer(life, asked.instrument, at, random)
            _rate(life, at, random)
            life.answer_for(at)
        day += DAY


def _is_for_a_visit(asked: Asked, life: Life) -> bool:
    """Due at a time of the day, not with its end: that is filled in while waiting, see `demo.life`."""
    return asked.due_at.astimezone(life.zone).time() != time.min and asked.instrument.id in {*ITEMS, "asq"}


def _rate(life: Life, at: datetime, random: Random) -> None:
    """The prescriber rates when they come to it."""
    standing = standing_of(life.patient, at)
    for row in standing.open_rows:
        instrument = standing.known.instruments[row.instrument_id]
        if row.by_clinician and random.random() < A_LITTLE:
            by = life.house.prescriber
            entry = Entry(instrument.id, at, rater=by, mode="interview", **_rating(life, instrument, random))
            record_response(by=by, now=at, patient=life.patient, entry=entry)


def _rating(life: Life, instrument: Instrument, random: Random) -> dict[str, Any]:
    """A total in the share of the worst that the patient's own answers have; answers where there are items."""
    share = total_after(life.persona, "phq-9", _progress(life), random) / (ITEMS["phq-9"] * MOST)
    if not instrument.items:
        return {"total": round(share * instrument.range.highest)}
    values = {item.id: sorted(one.value for one in instrument.choices_of(item)) for item in instrument.items}
    return {"answers": {name: found[round(share * (len(found) - 1))] for name, found in values.items()}}


def _answer(life: Life, instrument: Instrument, at: datetime, random: Random) -> None:
    entry = Entry(instrument.id, at, _answers(life, instrument, random), mode="own-device")
    assert life.patient.user is not None  # noqa: S101  the caller has looked
    record_response(by=life.patient.user, now=at, patient=life.patient, entry=entry)


def _answers(life: Life, instrument: Instrument, random: Random) -> dict[str, Answer]:
    progress = _progress(life)
    if instrument.id in ITEMS:
        total = total_after(life.persona, instrument.id, progress, random)
        return answers(instrument.id, total, random, ideation_after(life.persona, progress))
    given: dict[str, Answer] = {}
    for item in instrument.items:
        is_asked = asked_items(instrument, given).get(item.id) is not False
        given[item.id] = _choose(instrument, item, progress, random) if is_asked else NotAnswered.SKIP
    return given


def _progress(life: Life) -> float:
    """How much of the course is behind, 0 to 1."""
    return life.given / max(protocol_of(life.plan).dose_count, 1) if life.plan else 0.0


def _choose(instrument: Instrument, item: Item, progress: float, random: Random) -> int:
    """Scales drift with the course; choices are low, and never an alarm."""
    values = sorted(choice.value for choice in instrument.choices_of(item))
    if instrument.id in QUIET or item.safety:
        return values[0]
    if item.choices in instrument.scales:
        share = progress if not instrument.higher_is_worse else 1 - progress
        middle = 0.3 + 0.4 * share + random.uniform(-0.15, 0.15)
        return values[round(middle * (len(values) - 1))]
    return values[min(1, len(values) - 1)] if random.random() < A_LITTLE else values[0]
