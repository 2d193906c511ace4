"""How long steps may take at a site and to whom they go on: the records' values, changed by the site's own."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from openkap.apps.access.roles import Role
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.safety.models import SiteTiming
from openkap.core.assessment.risk_timing import ALERT, Timing, in_force, timing_of_records
from openkap.knowledge import KnowledgeSet

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

END_OF_DAY = 24


def timing_at(site: "Site", now: datetime, known: KnowledgeSet | None = None) -> Timing:
    """What holds at the site at that moment."""
    known = known or knowledge_for(site, now)
    record = record_timing(known)
    row = version_on(site, _day(site, now))
    if row is None:
        return record
    return in_force(as_timing(row), record, signed=frozenset(row.looser), factor=may_loosen_to(known))


def record_timing(known: KnowledgeSet) -> Timing:
    """What the records say."""
    return timing_of_records(known.risk_responses.values(), known.risk_pathways.values())


def may_loosen_to(known: KnowledgeSet) -> int:
    """How many times as long as the record a site may make any minutes."""
    return min(one.site_may_loosen_to for one in known.risk_responses.values())


def as_timing(row: SiteTiming) -> Timing:
    """A site's own values as the core takes them."""
    return Timing(row.minutes, {key: tuple(roles) for key, roles in row.roles.items()}, row.review_hour)


def version_on(site: "Site", day: date) -> SiteTiming | None:
    """The version in effect on a day of the site's calendar."""
    return versions_of(site).filter(effective_from__lte=day).first()


def versions_of(site: "Site") -> QuerySet[SiteTiming]:
    """All of the site's own versions, the latest first."""
    return SiteTiming.objects.filter(site=site).select_related("signed_by").order_by("-version")


def ladder_of(timing: Timing) -> list[Role]:
    """To whom an unanswered alert goes on, in order."""
    return [Role(role) for role in timing.roles[ALERT]]


def review_due(site: "Site", now: datetime, timing: Timing) -> datetime:
    """By when something of today is looked at: the site's hour, or the end of the day once that has passed.

    'Same day' is the clinic's, not Greenwich's.
    """
    zone = ZoneInfo(site.time_zone)
    day = now.astimezone(zone).date()
    end = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)
    if timing.review_hour is None or timing.review_hour >= END_OF_DAY:
        return end
    by_hour = datetime(day.year, day.month, day.day, timing.review_hour, tzinfo=zone)
    return by_hour if by_hour > now else end


def _day(site: "Site", now: datetime) -> date:
    return now.astimezone(ZoneInfo(site.time_zone)).date()
