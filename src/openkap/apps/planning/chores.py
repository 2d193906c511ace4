"""Tasks that visits bring with them: measures due, and visits of which nobody has said what became."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from openkap.apps.audit.operations import Actor, SystemActor
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.planning.models import Visit
from openkap.apps.planning.states import VisitState
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.operations import About, open_task, settle_task, withdraw_task

SILENT_FOR = timedelta(hours=4)  # so long after its start a visit without a word is asked about
TO_CALL = timedelta(hours=24)


def open_chores(*, now: datetime, visits: Iterable[Visit]) -> int:
    """Open what is due by `now` for these visits. Each task opens once, however often asked."""
    opened = 0
    for visit in visits:
        if visit.state != VisitState.PLANNED.value:
            continue
        opened += sum(_ask_for(visit, measure, now) for measure in _to_ask(visit, now))
        if visit.starts_at + SILENT_FOR <= now:
            opened += _ask_what_became(visit, now)
    return opened


def settle_chores(visit: Visit, *, by: Actor, now: datetime) -> None:
    """The visit is over: nobody need ask what became of it. What was not filled in is no longer due."""
    settle_task(by=by, now=now, key=_silent(visit))
    if visit.state != VisitState.DONE.value:
        _withdraw_measures(visit, by=by, now=now)


def withdraw_chores(visit: Visit, *, by: Actor, now: datetime) -> None:
    """The visit has moved: its tasks are opened anew for its new time."""
    settle_task(by=by, now=now, key=_silent(visit))
    _withdraw_measures(visit, by=by, now=now)


def _withdraw_measures(visit: Visit, *, by: Actor, now: datetime) -> None:
    for measure in visit.measures:
        withdraw_task(by=by, now=now, key=_due(visit, measure))


def _to_ask(visit: Visit, now: datetime) -> list[str]:
    """The measures to be asked for by now; what has no record is asked at the visit itself.

    Each says how many days ahead it may be: a suicide screen before a dose is of that day alone.
    """
    known = knowledge_for(visit.site, now).instruments
    zone = ZoneInfo(visit.time_zone)
    days_ahead = (visit.starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    return [
        measure for measure in visit.measures if measure in known and days_ahead <= known[measure].ahead_days
    ]


def _ask_for(visit: Visit, measure: str, now: datetime) -> int:
    open_task(
        by=SystemActor(),
        now=now,
        kind=TaskKind.MEASURE_DUE,
        key=_due(visit, measure),
        site=visit.site,
        patient=visit.patient,
        due_at=visit.starts_at,
        about=About("measure", visit.public_id, measure),
        detail=measure.upper(),
    )
    return 1


def _ask_what_became(visit: Visit, now: datetime) -> int:
    day = visit.starts_at.astimezone(ZoneInfo(visit.time_zone))
    open_task(
        by=SystemActor(),
        now=now,
        kind=TaskKind.VISIT_MISSED,
        key=_silent(visit),
        site=visit.site,
        patient=visit.patient,
        due_at=now + TO_CALL,
        about=About("visit", visit.public_id),
        detail=_("%(kind)s on %(day)s") % {"kind": visit.get_kind_display(), "day": f"{day:%d.%m. %H:%M}"},
    )
    return 1


def _due(visit: Visit, measure: str) -> str:
    """A moved visit asks anew: its start is part of the key."""
    return f"measure-due:{visit.public_id}:{measure}:{visit.starts_at:%Y%m%dT%H%MZ}"


def _silent(visit: Visit) -> str:
    return f"visit-silent:{visit.public_id}:{visit.starts_at:%Y%m%dT%H%MZ}"
