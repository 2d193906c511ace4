"""How patients stand beside what they should be asked: the cadence laid over each course, and the rows kept.

For many patients at once in a fixed number of queries. Callers check the viewer.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.cadence_courses import courses_for
from openkap.apps.measures.models import Ask, AskingChange, AskState, Response
from openkap.core.planning import asking as core
from openkap.core.planning.asking import Answered, Course, Pause
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.knowledge_set import State
from openkap.knowledge.schema.cadence import Cadence

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

# An answer or ask further back bears on nothing that is asked now: no instrument asks about more than a year.
LOOKED_BACK = timedelta(days=400)
What = AskingChange.What
OfPatient = TypeVar("OfPatient", Ask, AskingChange)


@dataclass(frozen=True)
class Changes:
    """How one patient is asked otherwise than the rule has it."""

    cadence_id: str = ""
    left_out: frozenset[str] = frozenset()
    pauses: tuple[Pause, ...] = ()
    rows: tuple[AskingChange, ...] = ()  # oldest first

    def pause_at(self, now: datetime) -> Pause | None:
        """The pause that runs now, if one does."""
        running = (one for one in self.pauses if one.begins <= now and (one.ends is None or now < one.ends))
        return next(running, None)


@dataclass(frozen=True)
class Standing:
    """One patient: what the cadence wants (past, present, to come) and what was asked."""

    patient: "Patient"
    course: Course | None
    known: KnowledgeSet
    changes: Changes
    rows: tuple[Ask, ...]
    answered: Mapping[str, Sequence[datetime]]  # by instrument
    cadence: Cadence | None = None
    wanted: tuple[core.Ask, ...] = ()

    @property
    def open_rows(self) -> list[Ask]:
        """What is asked now."""
        return [row for row in self.rows if row.state == AskState.ASKED]

    def is_withdrawn(self, now: datetime) -> bool:
        """Whether the patient has withdrawn consent to the treatment that the cadence goes with."""
        since = self.course.withdrawn_at if self.course else None
        return since is not None and since <= now

    def settled(self, ask: core.Ask) -> bool:
        """Whether this ask is over: answered, run out, or taken back by a person."""
        return any(
            row.key == ask.key and (row.state == AskState.ANSWERED or (row.day == ask.day and _is_final(row)))
            for row in self.rows
        )


def _is_final(row: Ask) -> bool:
    """What a person took back is not asked again; what a changed plan took back may be."""
    return row.state == AskState.EXPIRED or (row.state == AskState.WITHDRAWN and row.closed_by_id is not None)


@dataclass(frozen=True)
class Differences:
    """What has to be written so that the rows are as the cadence wants them."""

    expire: tuple[Ask, ...]
    withdraw: tuple[Ask, ...]
    move: tuple[tuple[Ask, core.Ask], ...]
    open: tuple[core.Ask, ...]

    def __bool__(self) -> bool:
        return bool(self.expire or self.withdraw or self.move or self.open)


def active_cadences(known: KnowledgeSet) -> list[Cadence]:
    """The records the medical director has signed off here."""
    return [one for one in known.cadences.values() if known.state(one.id) is State.ACTIVE]


def standing_of(patient: "Patient", now: datetime) -> Standing:
    """One patient's standing."""
    return standings([patient], now)[0]


def standings(patients: Collection["Patient"], now: datetime) -> list[Standing]:
    """Each patient's standing; they come with their site."""
    keys = [patient.pk for patient in patients]
    since = now - LOOKED_BACK
    courses = courses_for(keys, now)
    rows = _grouped(Ask.objects.filter(patient__in=keys, opens_at__gte=since).order_by("opens_at", "id"))
    changes = _grouped(
        AskingChange.objects.filter(patient__in=keys).select_related("recorded_by").order_by("id")
    )
    answered = _answered(keys, since)
    sites = {patient.site_id: patient.site for patient in patients}
    known = {key: knowledge_for(site, now) for key, site in sites.items()}
    return [
        _laid(
            Standing(
                patient=patient,
                course=courses.get(patient.pk),
                known=known[patient.site_id],
                changes=changes_in(changes.get(patient.pk, [])),
                rows=tuple(rows.get(patient.pk, [])),
                answered=answered.get(patient.pk, {}),
            )
        )
        for patient in patients
    ]


def _laid(standing: Standing) -> Standing:
    """With the cadence laid over the course."""
    course, known, changes = standing.course, standing.known, standing.changes
    if course is None:
        return standing
    cadences = active_cadences(known)
    chosen = next((one for one in cadences if one.id == changes.cadence_id), None)
    cadence = chosen or core.cadence_for(cadences, course)
    answered = Answered(standing.answered, changes.left_out, changes.pauses)
    wanted = core.plan_asks(cadence, course, known.instruments, answered)
    return replace(standing, cadence=cadence, wanted=wanted)


def changes_in(rows: Iterable[AskingChange]) -> Changes:
    """What the changes, oldest first, come to: the newest of its kind holds."""
    cadence_id, left_out, pauses = "", set[str](), list[Pause]()
    kept = tuple(rows)
    for row in kept:
        if row.what == What.CADENCE:
            cadence_id = row.code
        elif row.what == What.LEAVE_OUT:
            left_out.add(row.code)
        elif row.what == What.TAKE_UP:
            left_out.discard(row.code)
        elif row.what == What.PAUSE:
            pauses = [*_ended(pauses, row.recorded_at), Pause(row.recorded_at, row.until)]
        else:
            pauses = _ended(pauses, row.recorded_at)
    return Changes(cadence_id, frozenset(left_out), tuple(pauses), kept)


def _ended(pauses: list[Pause], at: datetime) -> list[Pause]:
    """All over by `at`."""
    return [Pause(one.begins, at if one.ends is None else min(at, one.ends)) for one in pauses]


def _grouped(rows: Iterable[OfPatient]) -> dict[int, list[OfPatient]]:
    found: dict[int, list[OfPatient]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(row)
    return found


def _answered(patients: Collection[int], since: datetime) -> dict[int, dict[str, list[datetime]]]:
    found: dict[int, dict[str, list[datetime]]] = {}
    rows = Response.objects.filter(patient__in=patients, superseded_by__isnull=True, administered_at__gte=since)
    for patient, instrument, at in rows.values_list("patient_id", "instrument_id", "administered_at"):
        found.setdefault(patient, {}).setdefault(instrument, []).append(at)
    return found


def differences(standing: Standing, now: datetime) -> Differences:
    """What has to be written as of `now`."""
    wanted = {ask.key: ask for ask in standing.wanted}
    expire, withdraw, move = list[Ask](), list[Ask](), list[tuple[Ask, core.Ask]]()
    for row in standing.open_rows:
        ask = wanted.get(row.key)
        if standing.is_withdrawn(now) and not row.is_by_hand:
            withdraw.append(row)
        elif _is_over(row, ask, now):
            expire.append(row)
        elif _is_unwanted(row, ask, standing, now):
            withdraw.append(row)
        elif ask is not None and not _is_as(row, ask):
            move.append((row, ask))
    closing = {row.pk for row in (*expire, *withdraw)}
    staying = {row.instrument_id for row in standing.open_rows if row.pk not in closing}
    opening = tuple(
        ask for ask in standing.wanted if _opens(ask, standing, now) and ask.instrument_id not in staying
    )
    return Differences(tuple(expire), tuple(withdraw), tuple(move), opening)


def _is_over(row: Ask, ask: core.Ask | None, now: datetime) -> bool:
    return (ask.expires if ask else row.expires_at) <= now


def _is_unwanted(row: Ask, ask: core.Ask | None, standing: Standing, now: datetime) -> bool:
    if standing.patient.is_deceased:
        return True
    if row.is_by_hand:
        ended = standing.course.ended_at if standing.course else None
        return ended is not None and row.asked_at < ended <= now
    return ask is None or ask.opens > now


def _is_as(row: Ask, ask: core.Ask) -> bool:
    return (row.day, row.opens_at, row.due_at, row.expires_at) == (ask.day, ask.opens, ask.due, ask.expires)


def _opens(ask: core.Ask, standing: Standing, now: datetime) -> bool:
    if not ask.opens <= now < ask.expires or standing.settled(ask):
        return False
    return not any(at >= ask.opens for at in standing.answered.get(ask.instrument_id, ()))
