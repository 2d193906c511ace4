"""What a timeline shows: plain values, all times local to the patient's site."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum


class VisitKind(StrEnum):
    """Kinds of visit, each with a shape of its own."""

    ASSESSMENT = "assessment"
    PREPARATION = "preparation"
    DOSING = "dosing"
    INTEGRATION = "integration"
    CHECK_IN = "check-in"


@dataclass(frozen=True)
class PlanBand:
    """A stretch of the plan, both days included."""

    label: str
    first: date
    last: date
    planned: bool = False  # lies ahead
    current: bool = False


@dataclass(frozen=True)
class DoseMark:
    """A dose given, or one that is planned. `amount` in words, such as '35 mg IV'."""

    number: int
    at: datetime
    amount: str
    planned: bool = False
    incomplete: bool = False  # less was given than ordered


@dataclass(frozen=True)
class VisitMark:
    """A visit that is no dose."""

    kind: VisitKind
    on: date
    label: str = ""
    planned: bool = False


@dataclass(frozen=True)
class TherapyMark:
    """A therapy session: `method` short, `hours_since_dose` None where no dose came before."""

    method: str
    on: date
    hours_since_dose: float | None = None
    planned: bool = False


@dataclass(frozen=True)
class SeverityBand:
    """A named range of totals, both ends included."""

    label: str
    low: float
    high: float


@dataclass(frozen=True)
class ScorePoint:
    """A total on its day; None where it could not be scored, with `why`."""

    on: date
    total: float | None
    why: str = ""


@dataclass(frozen=True)
class Threshold:
    """A total that means something, with the word for it, such as 'response'. `kind` picks its line."""

    total: float
    label: str
    kind: str = "mark"  # 'baseline', 'reliable' or 'mark'


@dataclass(frozen=True)
class ScorePanel:
    """The course of one measure. `bands` from least to most severe; change is counted from `baseline`.

    `thresholds` are drawn across; `height` in user units where the panel is the picture's subject. Without
    `has_total` the panel is one low row that shows only when it was answered.
    """

    name: str
    about: str
    low: float
    high: float
    bands: tuple[SeverityBand, ...]
    points: tuple[ScorePoint, ...]
    baseline: ScorePoint | None = None
    reliable_change: float | None = None
    note: str = ""  # what the latest point means, such as 'down 10: reliable'
    due: date | None = None
    lower_is_better: bool = True
    thresholds: tuple[Threshold, ...] = ()
    height: float | None = None
    has_total: bool = True

    def between(self, first: date, last: date) -> "ScorePanel":
        """The same with the points between these days, both included."""
        points = tuple(point for point in self.points if first <= point.on <= last)
        return replace(self, points=points, due=self.due if self.due and first <= self.due <= last else None)


@dataclass(frozen=True)
class EventMark:
    """Something noted that happened."""

    on: date
    label: str


@dataclass(frozen=True)
class Window:
    """Hours after a dose that are shaded, as a hypothesis: evidence for the timing in people is absent."""

    hours: float
    label: str


@dataclass(frozen=True)
class Course:
    """One course of treatment as its timeline shows it. Each tuple is sorted by time."""

    today: date
    bands: tuple[PlanBand, ...] = ()
    doses: tuple[DoseMark, ...] = ()
    visits: tuple[VisitMark, ...] = ()
    therapy: tuple[TherapyMark, ...] = ()
    panels: tuple[ScorePanel, ...] = ()
    events: tuple[EventMark, ...] = ()
    window: Window | None = None

    def days(self) -> Iterator[date]:
        """Every day on which something lies."""
        for band in self.bands:
            yield from (band.first, band.last)
        yield from (dose.at.date() for dose in self.doses)
        yield from (visit.on for visit in self.visits)
        yield from (session.on for session in self.therapy)
        yield from (point.on for panel in self.panels for point in panel.points)
        yield from (panel.due for panel in self.panels if panel.due)
        yield from (event.on for event in self.events)

    def between(self, first: date, last: date) -> "Course":
        """What lies between these days, both included; parts of the plan are cut off at them."""

        def inside(day: date) -> bool:
            return first <= day <= last

        return replace(
            self,
            bands=tuple(
                replace(band, first=max(band.first, first), last=min(band.last, last))
                for band in self.bands
                if band.first <= last and band.last >= first
            ),
            doses=tuple(dose for dose in self.doses if inside(dose.at.date())),
            visits=tuple(visit for visit in self.visits if inside(visit.on)),
            therapy=tuple(session for session in self.therapy if inside(session.on)),
            panels=tuple(panel.between(first, last) for panel in self.panels),
            events=tuple(event for event in self.events if inside(event.on)),
        )

    def is_empty(self) -> bool:
        return next(self.days(), None) is None
