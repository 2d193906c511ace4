"""A protocol and a start become a person's dated visits; visits move; hours since a dose are counted."""

from openkap.core.planning.calendar import OpenDays, instant, local
from openkap.core.planning.compile import compile_plan
from openkap.core.planning.shift import shift
from openkap.core.planning.values import (
    CannotPlan,
    Options,
    PlannedVisit,
    PlannedVisits,
    Reason,
    ReasonCode,
    VisitTimes,
)
from openkap.core.planning.window import Place, WindowPlace, hours_since, place_in_window

__all__ = [
    "CannotPlan",
    "OpenDays",
    "Options",
    "Place",
    "PlannedVisit",
    "PlannedVisits",
    "Reason",
    "ReasonCode",
    "VisitTimes",
    "WindowPlace",
    "compile_plan",
    "hours_since",
    "instant",
    "local",
    "place_in_window",
    "shift",
]
