"""What to do next for a patient: the first thing the path through the system still lacks."""

from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _

from openkap.apps.access.roles import Permission
from openkap.apps.planning import queries as planning
from openkap.web.course_of import Reader
from openkap.web.figures.course import VisitKind
from openkap.web.figures.marks import KIND_WORDS


@dataclass(frozen=True)
class NextStep:
    """One step: what, why, and the page to do it on ('' when this viewer cannot)."""

    title: str
    why: str
    path: str
    action: str


def next_step(reader: Reader) -> NextStep | None:
    """The step, or None when the plan is done and nothing is open."""
    root = f"/patients/{reader.patient.public_id}/"
    if reader.episode is None:
        return _step(
            reader, Permission.ASSESS, path=root + "assessment/", title=_("Set the indication"),
            why=_("What the treatment is for decides which rules are asked."), action=_("Open the assessment"),
        )  # fmt: skip
    if reader.plan is None:
        return _step(
            reader, Permission.PLAN_WRITE, path=root + "plan/", title=_("Start a plan"),
            why=_("A protocol becomes dated visits, which then appear here."), action=_("Choose a protocol"),
        )  # fmt: skip
    return _visit_step(reader, root)


def _step(reader: Reader, permission: Permission, *, path: str, title: str, why: str, action: str) -> NextStep:
    return NextStep(title, why, path if reader.may(permission) else "", action)


def _visit_step(reader: Reader, root: str) -> NextStep | None:
    visit = planning.next_visit(reader.patient, reader.now)
    if visit is None:
        return None
    kind = VisitKind(visit.kind)
    words = {
        "visit": KIND_WORDS[kind],
        "date": formats.date_format(visit.on, "DATE_FORMAT"),
        "time": formats.time_format(visit.at),
    }
    why = _("%(date)s, %(time)s") % words
    title = _("Next visit: %(visit)s") % words
    if kind is VisitKind.DOSING and visit.on == reader.today:
        return _step(
            reader,
            Permission.DOSING_READ,
            path=root + "sessions/",
            title=title,
            why=why,
            action=_("Open the session"),
        )
    return _step(
        reader, Permission.CHART_READ, path=root + "plan/", title=title, why=why, action=_("Open the plan")
    )
