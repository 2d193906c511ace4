"""A patient's weeks and days put together with the days of doses, for their own page and for the chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from openkap.apps.lifestyle import queries
from openkap.apps.lifestyle.forms import KIND_WORDS
from openkap.apps.lifestyle.queries import Week, WeekOfDays
from openkap.apps.lifestyle.reading import said
from openkap.apps.lifestyle.templatetags.lifestyle import counted
from openkap.core.lifestyle import Kind
from openkap.knowledge.schema.lifestyle_reading import MoreIs
from openkap.web.figures.days import DaySeries, draw_days

if TYPE_CHECKING:
    from openkap.apps.lifestyle.models import DayCount
    from openkap.apps.people.models import Patient

WIDE = (560.0, 150.0)
NARROW = (340.0, 150.0)
WEEK = timedelta(days=7)
SHORTEST = timedelta(days=27)  # what is drawn reaches back at least so far
STEPS_GRID = ((5000, "5k"), (10000, "10k"))  # lines to read by, no goals
SLEEP_GRID = ((240, "4 h"), (480, "8 h"))


@dataclass(frozen=True)
class DaysShown:
    """One kind by the day: the picture, the means by week, and every day."""

    kind: Kind
    title: "Promise | str"
    figure: SafeString
    weeks: list[WeekOfDays]
    days: "list[DayCount]"
    devices: list[str]


@dataclass(frozen=True)
class Line:
    """One question over the weeks, for the strip. `cells`: one for each week."""

    short: str
    cells: list["Cell"]


@dataclass(frozen=True)
class Cell:
    """One answer; `shade` 0 (light) to 4 (heavy), whatever more days mean; -1 without an answer."""

    label: str
    shade: int
    look: str


@dataclass(frozen=True)
class Strip:
    """Weeks side by side under the days of doses."""

    weeks: list[tuple[Week, int]]  # with how many doses fell into it
    lines: list[Line]

    @property
    def looks(self) -> list[tuple[Week, list[str]]]:
        """What staff look at in the latest week, if anything."""
        if not self.weeks:
            return []
        week = self.weeks[-1][0]
        return [(week, [told.look for told in week.looks])] if week.looks else []


@dataclass(frozen=True)
class Sentence:
    """One question in the patient's own words, with the week before."""

    told: str
    label: str
    before: str


def strip_of(weeks: Sequence[Week], doses: Sequence[date]) -> Strip:
    """The answers of these weeks as a table: a line for each question."""
    headed = [(week, sum(week.day - WEEK < day <= week.day for day in doses)) for week in weeks]
    lines = []
    for place, told in enumerate(weeks[-1].told if weeks else ()):
        lines.append(Line(told.short, [_cell(week, place) for week in weeks]))
    return Strip(headed, lines)


def _cell(week: Week, place: int) -> Cell:
    told = week.told[place]
    if told.value is None:
        return Cell("", -1, "")
    shade = told.value if told.aspect.more_is is MoreIs.HARDER else 4 - told.value
    return Cell(told.label, min(max(shade, 0), 4), told.look)


def sentences_of(weeks: Sequence[Week]) -> list[Sentence]:
    """The latest week in the patient's own words, beside the one before."""
    if not weeks:
        return []
    before = weeks[-2].told if len(weeks) > 1 else ()
    earlier = {told.aspect.item: told.label for told in before}
    return [
        Sentence(said(told.aspect.told), told.label or _("not said"), earlier.get(told.aspect.item, ""))
        for told in weeks[-1].told
    ]


def days_shown(
    patient: "Patient", now: datetime, doses: Sequence[date], days: int, size: tuple[float, float]
) -> list[DaysShown]:
    """Steps and sleep of the last days, each kind that there is anything of."""
    today = queries.today_of(patient, now)
    first = today - timedelta(days=days - 1)
    held = queries.days_of(patient, first)
    marked = sorted(set(doses))
    counted_on = [row.on for rows in held.values() for row in rows]
    begins = max(first, min([*counted_on, today - SHORTEST]))
    return [
        _shown(kind, rows, _series(kind, rows, (begins, today), marked), size)
        for kind, rows in held.items()
        if rows
    ]


def _series(kind: Kind, rows: "list[DayCount]", span: tuple[date, date], doses: Sequence[date]) -> DaySeries:
    words = {"what": KIND_WORDS[kind], "n": len(rows)}
    return DaySeries(
        first=span[0],
        last=span[1],
        amounts={row.on: row.amount for row in rows},
        doses=doses,
        grid=STEPS_GRID if kind is Kind.STEPS else SLEEP_GRID,
        label=_("%(what)s by the day, %(n)s days; the table has the numbers") % words,
        says={row.on: counted(row.amount, kind.value) for row in rows},
    )


def _shown(kind: Kind, rows: "list[DayCount]", series: DaySeries, size: tuple[float, float]) -> DaysShown:
    return DaysShown(
        kind=kind,
        title=KIND_WORDS[kind],
        figure=mark_safe(draw_days(series, *size)),  # noqa: S308  drawn and escaped by us
        weeks=queries.by_week(rows),
        days=rows[::-1],
        devices=sorted({row.device for row in rows if row.device}),
    )
