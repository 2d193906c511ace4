"""The day at a viewer's sites: who comes, who is in the chair, what is due, what needs someone now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.dosing import queries as dosing
from openkap.apps.people import queries as people
from openkap.apps.planning import queries as planning
from openkap.apps.planning.queries import VisitFilter
from openkap.apps.sites import queries as sites
from openkap.apps.tasks import queries as tasks
from openkap.apps.tasks.links import page_of
from openkap.core.monitoring.due import Due, DueState
from openkap.core.monitoring.state import Phase, SessionState

PHASES = [phase for phase in Phase if phase is not Phase.ENDED]
TASKS_SHOWN = 8
SHOWN = ("all", "mine", "not-ready")


class Standing(NamedTuple):
    """How something stands: a state of web.status and its word."""

    status: str
    word: str


@dataclass(frozen=True)
class VisitRow:
    """A visit of the day. `soon` marks the next one."""

    visit: Any
    standing: Standing
    ready: bool
    soon: bool = False


@dataclass(frozen=True)
class Chair:
    """A session that runs. `minute` counts from the dose; None before it."""

    session: Any
    phase: str
    phases: list[str]  # 'done', 'on' or '' for each phase in order
    minute: int | None
    due: Standing
    missing: str


@dataclass(frozen=True)
class SiteDay:
    """One site's day, on its local date."""

    site: Any
    day: date
    visits: list[VisitRow] = field(default_factory=list)
    chairs: list[Chair] = field(default_factory=list)


@dataclass(frozen=True)
class Today:
    """Everything on the page."""

    days: list[SiteDay]
    alerts: list[tuple[Any, str, bool]]  # alert, where it leads, whether its answer is late
    tasks: list[tuple[Any, str, bool]]
    task_count: int
    show: str


def today_for(viewer: User, now: datetime, show: str = "all") -> Today:
    """The page for `viewer`; `show`: 'all', 'mine' (patients on whose care team they are), 'not-ready'."""
    show = show if show in SHOWN else "all"
    due = tasks.open_tasks_for(viewer, now=now)
    return Today(
        days=_days(viewer, now, show),
        alerts=[(one, page_of(one), one.acknowledge_by < now) for one in tasks.open_alerts_for(viewer)],
        tasks=[(one, page_of(one), one.due_at < now) for one in due[:TASKS_SHOWN]],
        task_count=due.count(),
        show=show,
    )


def _days(viewer: User, now: datetime, show: str) -> list[SiteDay]:
    scheduled = access.sites_where(viewer, Permission.SCHEDULE_READ)
    dosed = access.sites_where(viewer, Permission.DOSING_READ)
    return [
        SiteDay(
            site,
            day := now.astimezone(ZoneInfo(site.time_zone)).date(),
            _visits(viewer, site.id, day, now, show) if site.id in scheduled else [],
            _chairs(viewer, site.id, now) if site.id in dosed else [],
        )
        for site in sites.sites_with_ids(scheduled | dosed)
    ]


def _visits(viewer: User, site_id: int, day: date, now: datetime, show: str) -> list[VisitRow]:
    found = planning.visits_between(viewer, day, day, VisitFilter(mine=show == "mine"), site_id)
    visits = [visit for visit in found if visit.state != "cancelled"]
    patients = people.patients_for(viewer, Permission.TASK_READ)
    missing = Counter(tasks.patients_with_open_tasks(patients, due_before=_end_of(day, visits)))
    soon = next((visit.id for visit in visits if visit.state == "planned" and visit.starts_at >= now), None)
    rows = [
        VisitRow(visit, standing, standing.status in {"ok", "info"}, visit.id == soon)
        for visit in visits
        for standing in (visit_standing(visit, missing[visit.patient_id], now),)
    ]
    return [row for row in rows if not row.ready] if show == "not-ready" else rows


def _end_of(day: date, visits: Sequence[Any]) -> datetime | None:
    """The end of the local day: what is due later is not missing today."""
    if not visits:
        return None
    zone = ZoneInfo(visits[0].time_zone)
    return datetime.combine(day, datetime.max.time(), tzinfo=zone)


def visit_standing(visit: Any, missing: int, now: datetime) -> Standing:
    """How a visit stands; `missing` are open tasks about its patient that are due by the end of the day."""
    if visit.state == "missed":
        return Standing("over", _("Missed"))
    if visit.state == "done":
        return Standing("ok", _("Done"))
    if missing:
        return Standing("warn", ngettext("%(n)s task open", "%(n)s tasks open", missing) % {"n": missing})
    if visit.state == "arrived":
        return Standing("ok", _("Here"))
    if visit.starts_at < now:
        return Standing("due", _("Not here yet"))
    return Standing("info", _("Expected"))


def _chairs(viewer: User, site_id: int, now: datetime) -> list[Chair]:
    return [_chair(session, now) for session in dosing.open_sessions(site_id, viewer)]


def _chair(session: Any, now: datetime) -> Chair:
    state = dosing.state_of(session, now)
    reached = PHASES.index(state.phase) if state.phase in PHASES else len(PHASES)
    phases = ["done" if n < reached else "on" if n == reached else "" for n in range(len(PHASES))]
    minute = int((now - state.zero).total_seconds() // 60) if state.zero else None
    return Chair(
        session, phase_word(state.phase), phases, minute, due_standing(state.next_due, now), _missing(state)
    )


def phase_word(phase: Phase) -> str:
    """The phase as people say it."""
    return {
        Phase.ARRIVE: _("Arrival"),
        Phase.READY: _("Ready to start"),
        Phase.DOSING: _("Dosing"),
        Phase.PEAK: _("Peak"),
        Phase.RECOVERY: _("Recovery"),
        Phase.DISCHARGE: _("Leaving"),
        Phase.ENDED: _("Ended"),
    }[phase]


def due_standing(due: Due | None, now: datetime) -> Standing:
    """What the session waits for next, and for how long."""
    if due is None:
        return Standing("ok", _("Nothing due"))
    what = {
        "readings": _("Readings"), "recheck": _("Recheck"),
        "dose-end": _("End of the dose"), "leave": _("May leave"),
    }.get(due.kind, _("Next step"))  # fmt: skip
    minutes = abs(int((due.due_at - now).total_seconds() // 60))
    words = {"what": what, "n": minutes}
    if due.state is DueState.OVERDUE:
        return Standing("over", _("%(what)s, %(n)s min over") % words)
    return Standing("due", _("%(what)s in %(n)s min") % words)


def _missing(state: SessionState) -> str:
    """How much is missing to start, or to leave."""
    before = state.zero is None
    missing = len((state.to_start if before else state.to_leave).lacking)
    if not missing:
        return ""
    if before:
        return ngettext("%(n)s missing to start", "%(n)s missing to start", missing) % {"n": missing}
    return ngettext("%(n)s missing to leave", "%(n)s missing to leave", missing) % {"n": missing}
