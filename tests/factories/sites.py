"""Sites for tests, opened through the operations."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from openkap.apps.audit.operations import SystemActor
from openkap.apps.sites import operations
from openkap.apps.sites.models import Site

THEN = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
TIME_ZONE = "America/Los_Angeles"


def day_here(now: datetime) -> date:
    """The day at `a_site()`: for eight hours of each it is the day before that of UTC."""
    return now.astimezone(ZoneInfo(TIME_ZONE)).date()


def a_site(name: str = "Harbour Clinic", time_zone: str = TIME_ZONE) -> Site:
    """A clinic; two calls make two sites."""
    return operations.add_site(by=SystemActor(), now=THEN, name=name, time_zone=time_zone, jurisdiction="US-CA")
