"""Sites, changed by their administrators (the app `sites` lies below and knows no permissions)."""

from datetime import datetime

from openkap.apps.access import permissions
from openkap.apps.audit.operations import Actor
from openkap.apps.sites import operations as sites
from openkap.apps.sites.models import Site


def add_site(*, by: Actor, now: datetime, name: str, time_zone: str, jurisdiction: str) -> Site:
    """Open a site. Raises `Refused`, `BadInput`."""
    permissions.check_manages_staff(by)
    return sites.add_site(by=by, now=now, name=name, time_zone=time_zone, jurisdiction=jurisdiction)


def change_site(*, by: Actor, now: datetime, site: Site, name: str, time_zone: str, jurisdiction: str) -> None:
    """Change a site one administers. Raises `Refused`, `BadInput`."""
    permissions.check_manages_staff(by, site_id=site.pk)
    sites.change_site(by=by, now=now, site=site, name=name, time_zone=time_zone, jurisdiction=jurisdiction)
