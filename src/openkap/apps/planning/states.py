"""What may become of a plan and of a visit: the state machines, as tables."""

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openkap.errors import NotAllowedNow


class PlanState(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    STOPPED = "stopped"


class VisitState(StrEnum):
    PLANNED = "planned"
    ARRIVED = "arrived"
    DONE = "done"
    CANCELLED = "cancelled"
    MISSED = "missed"


PLAN_STATE_NAMES = {
    PlanState.ACTIVE: gettext_lazy("Active"),
    PlanState.COMPLETED: gettext_lazy("Completed"),
    PlanState.STOPPED: gettext_lazy("Stopped"),
}
VISIT_STATE_NAMES = {
    VisitState.PLANNED: gettext_lazy("Planned"),
    VisitState.ARRIVED: gettext_lazy("Here"),
    VisitState.DONE: gettext_lazy("Done"),
    VisitState.CANCELLED: gettext_lazy("Cancelled"),
    VisitState.MISSED: gettext_lazy("Missed"),
}

# (from, verb) -> to; what is not listed is not allowed
PLAN_MOVES: dict[tuple[PlanState, str], PlanState] = {
    (PlanState.ACTIVE, "complete"): PlanState.COMPLETED,
    (PlanState.ACTIVE, "stop"): PlanState.STOPPED,
}
VISIT_MOVES: dict[tuple[VisitState, str], VisitState] = {
    (VisitState.PLANNED, "arrive"): VisitState.ARRIVED,
    (VisitState.PLANNED, "complete"): VisitState.DONE,
    (VisitState.ARRIVED, "complete"): VisitState.DONE,
    (VisitState.MISSED, "complete"): VisitState.DONE,  # it took place and was entered late
    (VisitState.PLANNED, "cancel"): VisitState.CANCELLED,
    (VisitState.ARRIVED, "cancel"): VisitState.CANCELLED,
    (VisitState.MISSED, "cancel"): VisitState.CANCELLED,
    (VisitState.PLANNED, "miss"): VisitState.MISSED,
    (VisitState.PLANNED, "move"): VisitState.PLANNED,
    (VisitState.MISSED, "move"): VisitState.PLANNED,
}
OVER = frozenset({VisitState.DONE, VisitState.CANCELLED})
AHEAD = frozenset({VisitState.PLANNED, VisitState.ARRIVED, VisitState.MISSED})


def plan_after(state: str, verb: str) -> PlanState:
    """The state after `verb`. Raises `NotAllowedNow`."""
    after = PLAN_MOVES.get((PlanState(state), verb))
    if after is None:
        raise NotAllowedNow(
            _("This plan is %(state)s; nothing was changed.")
            % {"state": str(PLAN_STATE_NAMES[PlanState(state)]).lower()}
        )
    return after


def visit_after(state: str, verb: str) -> VisitState:
    """The state after `verb`. Raises `NotAllowedNow`."""
    after = VISIT_MOVES.get((VisitState(state), verb))
    if after is None:
        raise NotAllowedNow(
            _("This visit is %(state)s; nothing was changed.")
            % {"state": str(VISIT_STATE_NAMES[VisitState(state)]).lower()}
        )
    return after


def may(state: str, verb: str) -> bool:
    """Whether the table allows `verb` on a visit in `state`."""
    return (VisitState(state), verb) in VISIT_MOVES
