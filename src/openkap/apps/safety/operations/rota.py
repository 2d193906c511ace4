"""Saying who is on duty, and what happens when nobody is."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Actor, Subject
from openkap.apps.safety.models import Shift, Unstaffed
from openkap.apps.safety.permissions import check_may_change_rota
from openkap.apps.safety.rota import may_be_on_duty
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

LONGEST = 300


@dataclass(frozen=True)
class NewShift:
    """Hours on the site's clock, on a `weekday` (Monday: 0) or `on` one date; nobody: a closed date.

    Hours that end before they begin, or when they begin, run past midnight.
    """

    begins: time
    ends: time
    user: User | None
    weekday: int | None = None
    on: date | None = None


@transaction.atomic
def add_shift(*, by: Actor, now: datetime, site: "Site", shift: NewShift) -> Shift:
    """Put somebody on duty, or say that nobody is on one date. The same again changes nothing.

    Raises `Refused`, `BadInput`.
    """
    check_may_change_rota(by, site.pk)
    _check(site, shift)
    made, is_new = Shift.objects.get_or_create(
        site=site,
        weekday=shift.weekday,
        on=shift.on,
        begins=shift.begins,
        ends=shift.ends,
        user=shift.user,
        removed_at=None,
        defaults={"added_at": now, "added_by": by if isinstance(by, User) else None},
    )
    if is_new:
        _record(by, now, site, "safety.change-rota", {"added": str(made.public_id)})
    return made


@transaction.atomic
def end_shift(*, by: Actor, now: datetime, shift: Shift) -> None:
    """Take a shift out of the rota from now on. Raises `Refused`, `NotAllowedNow`."""
    check_may_change_rota(by, shift.site_id)
    gone = Shift.objects.filter(pk=shift.pk, removed_at__isnull=True)
    if not gone.update(removed_at=now, removed_by=by if isinstance(by, User) else None):
        raise NotAllowedNow(_("This shift is not in the rota any more."))
    _record(by, now, shift.site, "safety.change-rota", {"removed": str(shift.public_id)})


@transaction.atomic
def change_unstaffed(
    *, by: Actor, now: datetime, site: "Site", user: User | None, what_happens: str
) -> Unstaffed:
    """Say whom an alert names when nobody is on duty, and what staff do then. Raises `Refused`, `BadInput`."""
    check_may_change_rota(by, site.pk)
    words = " ".join(what_happens.split())
    if not words:
        raise BadInput(_("Say what happens when nobody is on duty."), field="what_happens")
    if len(words) > LONGEST:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST}, field="what_happens")
    if user is not None and not may_be_on_duty(user, site):
        raise BadInput(_("This person does not read charts at this site."), field="user")
    found, _new = Unstaffed.objects.update_or_create(
        site=site,
        defaults={
            "user": user,
            "what_happens": words,
            "changed_at": now,
            "changed_by": by if isinstance(by, User) else None,
        },
    )
    _record(by, now, site, "safety.change-unstaffed", {})
    return found


def _check(site: "Site", shift: NewShift) -> None:
    if (shift.weekday is None) == (shift.on is None):
        raise BadInput(_("Choose a weekday or a date."), field="weekday")
    if shift.weekday is not None and shift.weekday not in Shift.Weekday.values:
        raise BadInput(_("There is no such weekday."), field="weekday")
    if shift.user is None and shift.on is None:
        raise BadInput(_("Say who is on duty. Only a single date can have nobody."), field="user")
    if shift.user is not None and not may_be_on_duty(shift.user, site):
        raise BadInput(_("This person does not read charts at this site."), field="user")


def _record(by: Actor, now: datetime, site: "Site", action: str, details: dict[str, object]) -> None:
    subject = Subject("site", site.public_id, None, site.pk)
    audit.record(by=by, now=now, action=action, subject=subject, details=details)
