"""Sites for tests, opened through the operations."""

from datetime import UTC, datetime

from openkap.apps.audit.operations import SystemActor
from openkap.apps.sites import operations
from openkap.apps.sites.models import Site

THEN = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def a_site(name: str = "Harbour Clinic", time_zone: str = "America/Los_Angeles") -> Site:
    """A clinic; two calls make two sites."""
    return operations.add_site(by=SystemActor(), now=THEN, name=name, time_zone=time_zone, jurisdiction="US-CA")
