"""Opening and changing sites.

Permissions live above this app; `access.operations` asks them and then calls these.
"""

import re
from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction

from openkap.apps.audit import operations as audit
from openkap.apps.sites.models import Site
from openkap.errors import BadInput

JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
LONGEST_NAME = 120


@transaction.atomic
def add_site(*, by: audit.Actor, now: datetime, name: str, time_zone: str, jurisdiction: str) -> Site:
    """Open a site. `time_zone` is an IANA name, `jurisdiction` such as 'US-CA'. Raises `BadInput`."""
    _check_texts(name, time_zone, jurisdiction)
    site = Site.objects.create(name=name.strip(), time_zone=time_zone, jurisdiction=jurisdiction)
    audit.record(by=by, now=now, action="sites.add", subject=_subject(site))
    return site


@transaction.atomic
def change_site(
    *, by: audit.Actor, now: datetime, site: Site, name: str, time_zone: str, jurisdiction: str
) -> None:
    """Change what a site is called and where it is. Raises `BadInput`."""
    _check_texts(name, time_zone, jurisdiction)
    new = {"name": name.strip(), "time_zone": time_zone, "jurisdiction": jurisdiction}
    changed = sorted(field for field, value in new.items() if getattr(site, field) != value)
    Site.objects.filter(pk=site.pk).update(**new)
    site.refresh_from_db()
    audit.record(by=by, now=now, action="sites.change", subject=_subject(site), details={"fields": changed})


def _check_texts(name: str, time_zone: str, jurisdiction: str) -> None:
    if not name.strip():
        raise BadInput("A site needs a name.", field="name")
    if len(name.strip()) > LONGEST_NAME:
        raise BadInput("A site's name has at most %(most)s letters.", field="name", most=LONGEST_NAME)
    if time_zone not in available_timezones():
        raise BadInput(
            "'%(time_zone)s' is not a time zone; write one such as 'America/Los_Angeles'.",
            field="time_zone",
            time_zone=time_zone,
        )
    if not JURISDICTION.fullmatch(jurisdiction):
        raise BadInput(
            "'%(jurisdiction)s' is no jurisdiction; write country and state such as 'US-CA'.",
            field="jurisdiction",
            jurisdiction=jurisdiction,
        )


def _subject(site: Site) -> audit.Subject:
    return audit.Subject("site", site.public_id, site_id=site.pk)
