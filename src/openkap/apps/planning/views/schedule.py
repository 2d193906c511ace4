"""The week of a site: every visit by day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.planning import queries
from openkap.apps.planning.models import Visit, VisitKindName
from openkap.apps.planning.queries import VisitFilter
from openkap.apps.planning.words import VisitRow, row_of
from openkap.apps.sites.queries import sites_with_ids

WEEK = timedelta(days=7)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayOfWeek:
    """One day of the list; `is_over` folds the days of this week that lie behind."""

    on: date
    is_today: bool
    is_over: bool
    rows: list[tuple[Visit, VisitRow]]


@requires(Permission.SCHEDULE_READ)
@require_safe
def week(request: HttpRequest) -> HttpResponse:
    viewer, now = _viewer(request), timezone.now()
    sites = list(sites_with_ids(queries.sites_of(viewer)))
    today = min((now.astimezone(ZoneInfo(site.time_zone)).date() for site in sites), default=now.date())
    monday = _monday(request.GET.get("week", ""), today)
    show = VisitFilter(_kind(request.GET.get("kind", "")), request.GET.get("mine") == "1")
    visits = list(queries.visits_between(viewer, monday, monday + WEEK - ONE_DAY, show))
    context = {
        "days": _days(visits, monday, today, now),
        "monday": monday,
        "sunday": monday + WEEK - ONE_DAY,
        "before": monday - WEEK,
        "after": monday + WEEK,
        "show": show,
        "kinds": VisitKindName.choices,
        "count": len(visits),
        "several_sites": len(sites) > 1,
    }
    return render(request, "planning/schedule.html", context)


def _days(visits: list[Visit], monday: date, today: date, now: datetime) -> list[DayOfWeek]:
    by_day: dict[date, list[tuple[Visit, VisitRow]]] = {monday + n * ONE_DAY: [] for n in range(7)}
    for visit in visits:
        by_day[visit.on].append((visit, row_of(visit, queries.protocol_of(visit), now)))
    return [
        DayOfWeek(day, day == today, monday <= day < today < monday + WEEK, rows)
        for day, rows in by_day.items()
    ]


def _monday(asked: str, today: date) -> date:
    """The Monday of the week asked for by any of its days, of this week where that is no date."""
    try:
        day = date.fromisoformat(asked)
        return day - timedelta(days=day.weekday()) if 1900 < day.year < 2200 else _monday("", today)
    except ValueError:
        return today - timedelta(days=today.weekday())


def _kind(asked: str) -> str:
    return asked if asked in VisitKindName.values else ""


def _viewer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the policy let only users through
    return request.user
