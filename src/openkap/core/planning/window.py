"""Hours since a dose, and whether a visit lies in the window in which plasticity is thought to be raised."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from openkap.knowledge.schema.protocol import IntegrationWindow


class Place(StrEnum):
    """Where a visit lies against the window."""

    FIRST = "first"  # inside the hours meant for the first integration visit
    SECOND = "second"  # later, inside those meant for a second one
    OUTSIDE = "outside"
    BEFORE = "before"  # before any dose
    UNKNOWN = "unknown"  # no dose is known


@dataclass(frozen=True)
class WindowPlace:
    """Hours since the last dose before the visit, and what the window makes of them."""

    place: Place
    hours: float | None
    status: str  # 'hypothesis' unless the record says it is established

    @property
    def inside(self) -> bool:
        return self.place in (Place.FIRST, Place.SECOND)


def hours_since(doses: Iterable[datetime], moment: datetime) -> float | None:
    """Hours from the last of `doses` at or before `moment`; None where there is none.

    `doses` are the first administered doses of their days (DEFINITIONS: hours since dose); elapsed time,
    not clock time: a change of clocks adds or takes its hour.
    """
    earlier = [dose for dose in doses if dose <= moment]
    return (moment - max(earlier)) / timedelta(hours=1) if earlier else None


def place_in_window(window: IntegrationWindow, doses: Iterable[datetime], moment: datetime) -> WindowPlace:
    """Where `moment` lies against `window`, counted from the last dose before it."""
    known = list(doses)
    hours = hours_since(known, moment)
    return WindowPlace(_place(window, hours, known=bool(known)), hours, window.status)


def _place(window: IntegrationWindow, hours: float | None, *, known: bool) -> Place:
    if hours is None:
        return Place.BEFORE if known else Place.UNKNOWN
    since = timedelta(hours=hours)
    if since <= window.first_within:
        return Place.FIRST
    return Place.SECOND if since <= window.second_within else Place.OUTSIDE
