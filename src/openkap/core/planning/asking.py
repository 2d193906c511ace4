"""What a person is asked to fill in, from when to when: a cadence laid over their course of treatment.

Pure: the same record, course and answers give the same asks. No instrument is ever asked for twice at a time,
nor sooner after its last answer than the cadence allows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from itertools import count, pairwise
from zoneinfo import ZoneInfo

from openkap.core.planning.calendar import ONE_DAY, instant
from openkap.knowledge.schema.cadence import Anchor, AskStage, Cadence, Line
from openkap.knowledge.schema.instrument import Instrument, Respondent

NONE = timedelta(0)


@dataclass(frozen=True)
class Dose:
    """A dose of the plan: when it is planned, or was given."""

    number: int
    at: datetime


@dataclass(frozen=True)
class Visit:
    """A visit that brings questionnaires with it. `key` names it for good, wherever it is moved."""

    key: str
    at: datetime
    measures: tuple[str, ...]
    stage: AskStage


@dataclass(frozen=True)
class Course:
    """A person's course as far as asking goes. `key` names the plan, or the episode where there is none yet.

    `ended_at`: nothing is asked from then on. `withdrawn_at`: since then consent to the treatment is withdrawn,
    and nothing is asked either; what people ask for by hand is not part of this. `indication` and
    `protocol_id` may be ''.
    """

    zone: ZoneInfo
    key: str
    enrolled_on: date
    indication: str = ""
    protocol_id: str = ""
    doses: tuple[Dose, ...] = ()
    visits: tuple[Visit, ...] = ()
    ended_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Pause:
    """No asking from one instant to another; None: until somebody ends it."""

    begins: datetime
    ends: datetime | None


@dataclass(frozen=True)
class Ask:
    """One questionnaire, once. Open from `opens` up to, not including, `expires`; due in between.

    `line_id` is '' for what a visit brings. `overlaps`: the time it asks about overlaps that of the one before.
    """

    key: str
    instrument_id: str
    line_id: str
    stage: AskStage
    by: Respondent
    role: str
    day: date
    opens: datetime
    due: datetime
    expires: datetime
    reminders: tuple[datetime, ...] = ()
    overlaps: bool = False


@dataclass(frozen=True)
class Answered:
    """When each instrument was filled in, and what is not asked of this person."""

    at: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    pauses: tuple[Pause, ...] = ()


class Rank(IntEnum):
    """Which of two asks too close to each other stays: the lower one."""

    AT_VISIT = 0
    AROUND_DOSE = 1
    ON_DAY = 2
    REPEATED = 3


Ranked = tuple[Rank, Ask]


@dataclass(frozen=True)
class Once:
    """One time of a line: `mark` names it within the line, `dose` is the one it hangs on."""

    rank: Rank
    mark: str
    day: date
    dose: Dose | None = None


def plan_asks(
    cadence: Cadence | None, course: Course, instruments: Mapping[str, Instrument], answered: Answered
) -> tuple[Ask, ...]:
    """Everything the person is, was and will be asked for, by when it opens; without a cadence by visits."""
    wanted = [*_of_visits(cadence, course, instruments), *_of_lines(cadence, course, instruments)]
    by_instrument: dict[str, list[Ranked]] = {}
    for ranked in wanted:
        if ranked[1].instrument_id not in answered.left_out:
            by_instrument.setdefault(ranked[1].instrument_id, []).append(ranked)
    asks = [
        ask
        for name, candidates in by_instrument.items()
        for ask in _placed(candidates, instruments[name], cadence, course, answered)
    ]
    return tuple(sorted(asks, key=lambda ask: (ask.opens, ask.due, ask.key)))


def cadence_for(cadences: Iterable[Cadence], course: Course) -> Cadence | None:
    """The record for this course: one for its protocol, else for its indication, else for everybody."""
    fitting = [(_how_near(one, course), one.id, one) for one in cadences]
    near = [(how, name, one) for how, name, one in fitting if how is not None]
    return min(near, key=lambda found: found[:2])[2] if near else None


def _how_near(cadence: Cadence, course: Course) -> int | None:
    """0 for its protocol, 1 for its indication, 2 for everybody; None where it does not fit."""
    if cadence.protocols:
        return 0 if course.protocol_id in cadence.protocols else None
    if cadence.indications:
        return 1 if course.indication in cadence.indications else None
    return 2


def minutes_of(asks: Iterable[Ask], instruments: Mapping[str, Instrument]) -> float:
    """What filling these in takes the patient, in minutes; what a clinician rates takes them none."""
    return sum(instruments[ask.instrument_id].minutes for ask in asks if ask.by is Respondent.PATIENT)


# --- what is wanted --------------------------------------------------------------------------------


def _of_visits(
    cadence: Cadence | None, course: Course, instruments: Mapping[str, Instrument]
) -> Iterator[Ranked]:
    late = timedelta(days=cadence.for_visits.late_days if cadence else 0)
    reminders = cadence.for_visits.reminders if cadence else ()
    for visit in course.visits:
        day = visit.at.astimezone(course.zone).date()
        for name in visit.measures:
            known = instruments.get(name)
            if known is None:
                continue
            opens = instant(day - timedelta(days=known.ahead_days), time.min, course.zone)
            ask = Ask(
                key=f"{visit.key}:{name}",
                instrument_id=name,
                line_id="",
                stage=visit.stage,
                by=known.respondent,
                role="",
                day=day,
                opens=opens,
                due=visit.at,
                # what is of one day alone is not asked late
                expires=instant(day + (late if known.ahead_days else NONE) + ONE_DAY, time.min, course.zone),
                reminders=tuple(at for at in _after(opens, reminders, course.zone) if at < visit.at),
            )
            yield Rank.AT_VISIT, ask


def _of_lines(
    cadence: Cadence | None, course: Course, instruments: Mapping[str, Instrument]
) -> Iterator[Ranked]:
    for line in cadence.lines if cadence else ():
        if line.only_for and course.indication not in line.only_for:
            continue
        for once in _occurrences(line, course):
            for name in line.instruments:
                if name in instruments:
                    yield once.rank, _ask(line, name, once, course.zone)


def _occurrences(line: Line, course: Course) -> Iterator[Once]:
    if line.anchor is Anchor.EACH_DOSE:
        for dose in course.doses:
            for offset in line.days:
                day = _local_day(dose.at, course) + timedelta(days=offset)
                yield Once(Rank.AROUND_DOSE, f"{course.key}:{dose.number}:{offset}", day, dose)
        return
    found = _anchor(line.anchor, course)
    if found is None:
        return
    start, hung_on, scope = found
    for offset in line.days:
        yield Once(Rank.ON_DAY, f"{scope}:{offset}", start + timedelta(days=offset), hung_on)
    yield from _repeats(line, course, start, scope)


def _repeats(line: Line, course: Course, start: date, scope: str) -> Iterator[Once]:
    if line.repeat is None:
        return
    last = _local_day(course.doses[-1].at, course) if course.doses else start
    for number in count(1):
        offset = line.days[-1] + number * line.repeat.every_days
        day = start + timedelta(days=offset)
        if (line.repeat.until_last_dose and day > last) or number > (line.repeat.times or number):
            return
        yield Once(Rank.REPEATED, f"{scope}:{offset}", day)


def _anchor(anchor: Anchor, course: Course) -> tuple[date, Dose | None, str] | None:
    if anchor is Anchor.ENROLMENT:
        return course.enrolled_on, None, f"{course.enrolled_on:%Y%m%d}"
    if not course.doses:
        return None
    hung_on = course.doses[0] if anchor is Anchor.FIRST_DOSE else course.doses[-1]
    return _local_day(hung_on.at, course), hung_on, course.key


def _ask(line: Line, name: str, once: Once, zone: ZoneInfo) -> Ask:
    window, day, dose = line.window, once.day, once.dose
    opens = instant(day - timedelta(days=window.opens_days_before), window.opens_at, zone)
    end = instant(day + ONE_DAY, time.min, zone)
    due = dose.at if dose and window.due_at_dose else end
    closes = instant(day + timedelta(days=window.late_days + 1), time.min, zone)
    return Ask(
        key=f"{line.id}:{once.mark}:{name}",
        instrument_id=name,
        line_id=line.id,
        stage=line.stage,
        by=line.filled_in_by,
        role=line.role or "",
        day=day,
        opens=opens,
        due=due,
        expires=due if window.due_at_dose and not window.late_days else closes,
        reminders=_after(opens, window.reminders, zone),
    )


def _after(opens: datetime, spans: Sequence[timedelta], zone: ZoneInfo) -> tuple[datetime, ...]:
    """So long after the opening by the clock on the wall, whatever clocks were changed in between."""
    local = opens.astimezone(zone).replace(tzinfo=None)
    return tuple((local + span).replace(tzinfo=zone).astimezone(UTC) for span in spans)


def _local_day(moment: datetime, course: Course) -> date:
    return moment.astimezone(course.zone).date()


# --- what stays ------------------------------------------------------------------------------------


def _placed(
    candidates: list[Ranked],
    instrument: Instrument,
    cadence: Cadence | None,
    course: Course,
    answered: Answered,
) -> list[Ask]:
    # without a cadence there are visits' alone, and how often they ask is the protocol's word
    least = cadence.least_days(instrument.id, instrument.recall_days) if cadence else 0
    kept = _far_enough(candidates, max(least, 1))
    shifted = [_after_last_answer(ask, least, answered.at.get(instrument.id, ()), course) for ask in kept]
    within = [_within(ask, course, answered.pauses) for ask in shifted if ask]
    one_at_a_time = _one_at_a_time([ask for ask in within if ask])
    return _noting_overlap(one_at_a_time, instrument.recall_days)


def _far_enough(candidates: list[Ranked], least: int) -> list[Ask]:
    """Of two that lie closer than `least` days, the one that is bound to something stays.

    How close two visits of one protocol ask is the protocol's word; once a day at most.
    """
    kept: list[Ranked] = []
    for rank, ask in sorted(candidates, key=lambda ranked: (ranked[0], ranked[1].day, ranked[1].key)):
        if all(
            abs((ask.day - other.day).days) >= (1 if Rank.AT_VISIT == rank == of else least)
            for of, other in kept
        ):
            kept.append((rank, ask))
    return sorted((ask for _rank, ask in kept), key=lambda ask: (ask.opens, ask.key))


def _after_last_answer(ask: Ask, least: int, given: Sequence[datetime], course: Course) -> Ask | None:
    """Opened so many days after the answer before it; None where that would be after its end."""
    days = [_local_day(at, course) for at in given if at < ask.opens]
    if not days:
        return ask
    earliest = instant(max(days) + timedelta(days=least), time.min, course.zone)
    if earliest <= ask.opens:
        return ask
    return _opened_at(ask, earliest) if earliest < ask.expires else None


def _within(ask: Ask, course: Course, pauses: Sequence[Pause]) -> Ask | None:
    """As far as it lies before the end of the course or of its consent, and outside pauses."""
    for end in (course.ended_at, course.withdrawn_at):
        ask = _closed_at(ask, end or ask.expires)
    for pause in sorted(pauses, key=lambda one: one.begins):
        if pause.begins <= ask.opens and (pause.ends is None or ask.opens < pause.ends):
            if pause.ends is None:
                return None
            ask = _opened_at(ask, pause.ends)
        elif ask.opens < pause.begins:
            ask = _closed_at(ask, pause.begins)
    return ask if ask.opens < ask.expires else None


def _one_at_a_time(asks: list[Ask]) -> list[Ask]:
    """Each closes at the latest when the next one of the same instrument opens."""
    in_order = sorted(asks, key=lambda ask: (ask.opens, ask.due, ask.key))
    closed = [_closed_at(ask, later.opens) for ask, later in pairwise(in_order)] + in_order[-1:]
    return [ask for ask in closed if ask.opens < ask.expires]


def _noting_overlap(asks: list[Ask], recall_days: int) -> list[Ask]:
    noted = [
        replace(later, overlaps=(later.day - earlier.day).days < recall_days)
        for earlier, later in pairwise(asks)
    ]
    return [*asks[:1], *noted]


def _closed_at(ask: Ask, until: datetime) -> Ask:
    expires = min(ask.expires, until)
    return replace(
        ask,
        expires=expires,
        due=min(ask.due, expires),
        reminders=tuple(at for at in ask.reminders if at < expires),
    )


def _opened_at(ask: Ask, since: datetime) -> Ask:
    opens = max(ask.opens, since)
    return replace(
        ask,
        opens=opens,
        due=ask.due if opens < ask.due else max(opens, ask.expires),
        reminders=tuple(at for at in ask.reminders if at >= opens),
    )
