"""Who is on duty at a site, and what holds when nobody is."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from openkap.adapters.postgres.prepared import Given, Prepared
from openkap.apps.access import queries as access
from openkap.apps.access.models import Membership, User
from openkap.apps.access.roles import CARING
from openkap.apps.safety.models import Shift, Unstaffed

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Duty:
    """Who is named at a moment. `is_set_up` is false where the site keeps no rota at all.

    `user` is on duty, or whom the site names for unstaffed hours (`unstaffed` tells); None: nobody is.
    """

    user: User | None
    unstaffed: bool
    is_set_up: bool
    what_happens: str = ""


def duty_at(site: "Site", now: datetime) -> Duty:
    """Who is on duty at the site now."""
    shifts = _STANDING.all(site=site.pk)
    rule = unstaffed_of(site)
    if not shifts and rule is None:
        return Duty(None, unstaffed=True, is_set_up=False)
    local = now.astimezone(ZoneInfo(site.time_zone))
    for shift in _running(shifts, local):
        if shift.user is not None and may_be_on_duty(shift.user, site):
            return Duty(shift.user, unstaffed=False, is_set_up=True)
    called = rule.user if rule and rule.user and may_be_on_duty(rule.user, site) else None
    return Duty(called, unstaffed=True, is_set_up=True, what_happens=rule.what_happens if rule else "")


def next_duty(site: "Site", now: datetime) -> datetime | None:
    """When somebody is on duty next, to the quarter of an hour, on the site's clock; None within a week."""
    shifts, local = list(shifts_of(site)), now.astimezone(ZoneInfo(site.time_zone))
    begins = local.replace(minute=local.minute // 15 * 15, second=0, microsecond=0)
    moments = (begins + timedelta(minutes=15 * n) for n in range(1, 7 * 96 + 1))
    return next((moment for moment in moments if _any_at(shifts, moment)), None)


def said_when_unstaffed(site: "Site", now: datetime) -> str:
    """What a patient reads before answering when nobody is on duty; '' when somebody is, or without a rota."""
    duty = duty_at(site, now)
    if not duty.unstaffed or not duty.is_set_up:
        return ""
    following = next_duty(site, now)
    if following is None:
        return _("Nobody is on duty at your clinic within the next week.")
    return _("Nobody is on duty at your clinic before %(when)s.") % {"when": date_format(following, "l, H:i")}


def is_on_duty(user: User | None, site: "Site", now: datetime) -> bool:
    """Whether this person is one of those on duty at the site now."""
    if user is None or not may_be_on_duty(user, site):
        return False
    local = now.astimezone(ZoneInfo(site.time_zone))
    return any(shift.user_id == user.pk for shift in _running(list(shifts_of(site)), local))


def shifts_of(site: "Site | Given") -> QuerySet[Shift]:
    """The shifts that stand: dates first, then by weekday and hour."""
    found = Shift.objects.filter(site=site, removed_at__isnull=True).select_related("user")
    return found.order_by("on", "weekday", "begins", "id")


_STANDING = Prepared(lambda: shifts_of(Given("site")))


def unstaffed_of(site: "Site") -> Unstaffed | None:
    """What the site says of the hours in which nobody is on duty."""
    return _UNSTAFFED.first(site=site.pk)


_UNSTAFFED = Prepared(
    lambda: Unstaffed.objects.filter(site=Given("site")).select_related("user", "changed_by").order_by("id")
)


def who_may_be_on_duty(site: "Site") -> list[User]:
    """Staff of the site who read charts, each once, by name."""
    members: QuerySet[Membership] = access.memberships_at(site.pk, *CARING)
    found = {row.user_id: row.user for row in members.select_related("user")}
    return sorted(found.values(), key=lambda user: user.full_name)


def may_be_on_duty(user: User, site: "Site") -> bool:
    """Whether the person still works there in a role that reads charts."""
    return bool(access.roles_of(user).get(site.pk, frozenset()) & set(CARING))


def hours_without(site: "Site", day: date) -> list[tuple[time, time]]:
    """The hours of a local date in which nobody is on duty; (0:00, 0:00) is the whole day."""
    shifts = list(shifts_of(site))
    minutes = [_any_at(shifts, datetime.combine(day, time()) + timedelta(minutes=15 * n)) for n in range(96)]
    gaps: list[tuple[time, time]] = []
    begun: int | None = None
    for n, staffed in enumerate([*minutes, True]):
        if not staffed and begun is None:
            begun = n
        elif staffed and begun is not None:
            gaps.append((_quarter(begun), _quarter(n)))
            begun = None
    return gaps


def _quarter(n: int) -> time:
    return time((n // 4) % 24, (n % 4) * 15)


def _any_at(shifts: list[Shift], local: datetime) -> bool:
    return any(shift.user is not None for shift in _running(shifts, local))


def _running(shifts: list[Shift], local: datetime) -> list[Shift]:
    """Shifts that run at a local moment: today's, and yesterday's past midnight; last begun first."""
    today = [(0, shift) for shift in _of_day(shifts, local.date()) if _covers(shift, local.time(), first=True)]
    night = [
        (1, shift) for shift in _of_day(shifts, local.date() - DAY) if _covers(shift, local.time(), first=False)
    ]
    found = sorted([*today, *night], key=lambda one: (-one[0], one[1].begins), reverse=True)
    return [shift for _days, shift in found]


def _of_day(shifts: list[Shift], day: date) -> list[Shift]:
    own = [shift for shift in shifts if shift.on == day]
    return own or [shift for shift in shifts if shift.on is None and shift.weekday == day.weekday()]


def _covers(shift: Shift, at: time, *, first: bool) -> bool:
    """Whether it covers `at` on the day it begins, or on the day after."""
    over_midnight = shift.ends <= shift.begins
    if first:
        return shift.begins <= at and (over_midnight or at < shift.ends)
    return over_midnight and at < shift.ends


def standing_shifts(user: User) -> QuerySet[Shift]:
    """The shifts a person has anywhere."""
    return Shift.objects.filter(Q(user=user), removed_at__isnull=True).select_related("site")
