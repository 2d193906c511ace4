"""Tasks of visits of which nobody has said what became. Their questionnaires are asked for by measures."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from openkap.apps.audit.operations import Actor, SystemActor
from openkap.apps.planning.models import Visit
from openkap.apps.planning.states import VisitState
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.operations import About, open_task, settle_task

SILENT_FOR = timedelta(hours=4)  # so long after its start a visit without a word is asked about
TO_CALL = timedelta(hours=24)


def open_chores(*, now: datetime, visits: Iterable[Visit]) -> int:
    """Open what is due by `now` for these visits. Each task opens once, however often asked."""
    silent = [
        visit
        for visit in visits
        if visit.state == VisitState.PLANNED.value and visit.starts_at + SILENT_FOR <= now
    ]
    return sum(_ask_what_became(visit, now) for visit in silent)


def settle_chores(visit: Visit, *, by: Actor, now: datetime) -> None:
    """The visit is over, or has moved: nobody need ask what became of it at this time."""
    settle_task(by=by, now=now, key=_silent(visit))


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


def _silent(visit: Visit) -> str:
    """A moved visit is asked about anew: its start is part of the key."""
    return f"visit-silent:{visit.public_id}:{visit.starts_at:%Y%m%dT%H%MZ}"
