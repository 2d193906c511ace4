"""A site's own limit of the minutes a week that patients are asked to fill in."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.measures.burden import limits_of
from openkap.apps.measures.models import BurdenLimit
from openkap.apps.measures.operations.asking import checked_reason
from openkap.apps.measures.permissions import check_may_limit
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

MOST_MINUTES = 600  # ten hours a week is a slip of the pen


@transaction.atomic
def limit_burden(*, by: User, now: datetime, site: "Site", minutes: int | None, reason: str) -> BurdenLimit:
    """Set the site's limit in minutes a week; None: as the record of each cadence has it.

    Raises `Refused`; `BadInput` without a reason or for a number that cannot be; `NotAllowedNow` if it is so.
    """
    check_may_limit(by, site)
    reason = checked_reason(reason)
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        raise BadInput(_("Between 1 and %(n)d minutes.") % {"n": MOST_MINUTES}, field="minutes")
    said = limits_of(site)
    before = said[0].minutes if said else None
    if minutes == before:
        raise NotAllowedNow(_("It is so already."))
    row = BurdenLimit.objects.create(site=site, minutes=minutes, reason=reason, set_at=now, set_by=by)
    audit.record(
        by=by,
        now=now,
        action="measures.limit-burden",
        subject=Subject("site", site.public_id, site_id=site.pk),
        details={"minutes": minutes, "before": before},
    )
    return row
