"""Where a person can go: destinations that exist in this installation and that their roles allow."""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import Permission


@dataclass(frozen=True)
class Destination:
    """One entry of the navigation."""

    path: str
    icon: str
    label: str | Promise
    permission: Permission

    def is_current(self, path: str) -> bool:
        """Whether the page at `path` belongs to this destination."""
        return path == self.path if self.path == "/" else path.startswith(self.path)


INBOX = "/inbox/"  # shown with how many patients wait there

DESTINATIONS = (
    Destination("/", icon="home", label=_("Today"), permission=Permission.SIGNED_IN),
    Destination(INBOX, icon="eye", label=_("Needs a look"), permission=Permission.CHART_READ),
    Destination("/patients/", icon="users", label=_("Patients"), permission=Permission.PATIENT_LIST),
    Destination("/schedule/", icon="calendar", label=_("Schedule"), permission=Permission.SCHEDULE_READ),
    Destination("/exposure/", icon="wave-sine", label=_("Try a dose"), permission=Permission.DOSING_READ),
    Destination("/knowledge/", icon="book-2", label=_("Knowledge"), permission=Permission.KNOWLEDGE_READ),
    Destination("/audit/", icon="history", label=_("Audit"), permission=Permission.AUDIT_READ),
    Destination(
        "/settings/", icon="adjustments-horizontal", label=_("Settings"), permission=Permission.SIGNED_IN
    ),
)


@lru_cache(maxsize=32)
def exists(path: str) -> bool:
    """Whether this installation has a page at `path`."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def destinations_for(permissions: frozenset[Permission]) -> list[Destination]:
    """The destinations for someone who holds `permissions`."""
    return [d for d in DESTINATIONS if d.permission in permissions and exists(d.path)]
