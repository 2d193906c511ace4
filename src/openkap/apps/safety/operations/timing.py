"""A site's own minutes and roles of the pathway: stricter as it likes, looser only by signing each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Actor, Subject
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.safety import timing
from openkap.apps.safety.models import SiteTiming
from openkap.apps.safety.permissions import check_may_set_timing
from openkap.core.assessment.risk_timing import Timing, looser, out_of_bounds
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

SHORTEST_REASON = 10
LONGEST_REASON = 2000


@dataclass(frozen=True)
class NewTiming:
    """All values as wanted, the record's among them. `signed`: the keys signed as looser than the record.

    `based_on`: the version it began with, 0 without one.
    """

    minutes: Mapping[str, int]
    roles: Mapping[str, tuple[str, ...]]
    review_hour: int | None
    effective_from: date
    reason: str
    based_on: int
    signed: frozenset[str] = field(default_factory=frozenset)


class LooserThanTheRecord(BadInput):
    """Values that ask less than the record and were not signed as such; `keys` names them."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(
            _("Some values ask less than the record. Sign each of them, or make it stricter."), field="signed"
        )
        self.keys = keys


@transaction.atomic
def change_timing(*, by: Actor, now: datetime, site: "Site", wanted: NewTiming) -> SiteTiming:
    """Sign the site's own values as a new version. Only what differs from the records is kept.

    Raises `Refused`; `BadInput` without a reason, for a day that has passed, or a value that no signature makes
    hold; `LooserThanTheRecord`; `NotAllowedNow` when somebody signed a version meanwhile.
    """
    check_may_set_timing(by, site.pk)
    known = knowledge_for(site, now)
    record = timing.record_timing(known)
    own = _different(wanted, record)
    _check(wanted, site, now)
    if wrong := out_of_bounds(own, record, timing.may_loosen_to(known)):
        raise BadInput(_("This value is outside what a site may choose."), field=wrong[0])
    loose = looser(own, record)
    if unsigned := tuple(key for key in loose if key not in wanted.signed):
        raise LooserThanTheRecord(unsigned)
    row = _create(by, now, site, wanted, (own, loose))
    details = {"version": row.version, "looser": len(loose)}
    subject = Subject("site", site.public_id, None, site.pk)
    audit.record(by=by, now=now, action="safety.change-timing", subject=subject, details=details)
    return row


def _check(wanted: NewTiming, site: "Site", now: datetime) -> None:
    if len(wanted.reason.strip()) < SHORTEST_REASON:
        raise BadInput(_("Say why, so that others can weigh it."), field="reason")
    if len(wanted.reason) > LONGEST_REASON or "\x00" in wanted.reason:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST_REASON}, field="reason")
    if wanted.effective_from < now.astimezone(ZoneInfo(site.time_zone)).date():
        raise BadInput(_("It cannot hold from a day that has passed."), field="effective_from")


def _different(wanted: NewTiming, record: Timing) -> Timing:
    hour = wanted.review_hour if wanted.review_hour != record.review_hour else None
    return Timing(
        {key: value for key, value in wanted.minutes.items() if value != record.minutes.get(key)},
        {key: roles for key, roles in wanted.roles.items() if roles != record.roles.get(key, ())},
        hour,
    )


def _create(
    by: Actor, now: datetime, site: "Site", wanted: NewTiming, kept: tuple[Timing, tuple[str, ...]]
) -> SiteTiming:
    own, loose = kept
    last = SiteTiming.objects.select_for_update().filter(site=site).order_by("-version").first()
    if wanted.based_on != (last.version if last else 0):
        raise NotAllowedNow(_("Somebody else signed a version meanwhile. Read it before you sign."))
    return SiteTiming.objects.create(
        site=site,
        version=wanted.based_on + 1,
        effective_from=wanted.effective_from,
        minutes=dict(own.minutes),
        roles={key: list(roles) for key, roles in own.roles.items()},
        review_hour=own.review_hour,
        looser=list(loose),
        reason=wanted.reason.strip(),
        signed_at=now,
        signed_by=by if isinstance(by, User) else None,
    )
