"""Reminding of practice, as its patient wishes: at most once a day, never in quiet hours, and without a word
of what it is about."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.adapters.queue import defer
from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import SystemActor
from openkap.apps.journal import queries
from openkap.apps.journal.models import Done, Practice, Reminder
from openkap.apps.journal.operations.checks import check_own, subject_of
from openkap.apps.journal.reminders import next_reminder
from openkap.apps.messages import queries as messages
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.operations import write_to_patient
from openkap.errors import BadInput, NotAllowedNow

LATEST = timedelta(hours=2)  # after its time a reminder of the day is of no use


@transaction.atomic
def choose_reminder(
    *, by: User, now: datetime, practice: Practice, weekdays: Collection[int], at: time, channel: str
) -> Reminder:
    """Be reminded on these days (0 is Monday) at this time of the site's clock.

    Raises `Refused`; `BadInput` without a day, for a way that is not open, or for a time in the site's quiet
    hours; `NotAllowedNow` when the practice has ended.
    """
    check_own(by, practice.patient)
    if practice.ended_at is not None:
        raise NotAllowedNow(_("This practice has ended."))
    days = sorted(set(weekdays))
    if not days or not set(days) <= set(range(7)):
        raise BadInput(_("Choose at least one day."), field="weekdays")
    _check_channel(practice, channel)
    next_at = next_reminder(now, days, at, ZoneInfo(practice.site.time_zone))
    _check_not_quiet(practice, next_at)
    found, _is_new = Reminder.objects.update_or_create(
        practice=practice, defaults={"weekdays": days, "at": at, "channel": channel, "next_at": next_at}
    )
    audit.record(by=by, now=now, action="journal.choose-reminder", subject=subject_of(practice))
    defer("journal.due", at=next_at, practice=practice.public_id)
    return found


@transaction.atomic
def end_reminder(*, by: User, now: datetime, practice: Practice) -> None:
    """No more reminders of it. Raises `Refused`."""
    check_own(by, practice.patient)
    if Reminder.objects.filter(practice=practice, next_at__isnull=False).update(next_at=None):
        audit.record(by=by, now=now, action="journal.end-reminder", subject=subject_of(practice))


def remind_due(*, now: datetime) -> int:
    """Put every reminder whose time has come into the outbox. Returns how many. Safe twice, or late.

    What was done already, has ended, or is long past, is passed over; a patient hears at most once a day.
    """
    return sum(
        _remind(pk, now) for pk in Reminder.objects.filter(next_at__lte=now).values_list("pk", flat=True)
    )


@transaction.atomic
def _remind(pk: int, now: datetime) -> bool:
    found = (
        Reminder.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=pk, next_at__lte=now, practice__ended_at__isnull=True)
        .select_related("practice__patient__site", "practice__patient__user", "practice__site")
        .first()
    )
    if found is None or found.next_at is None:
        return False
    was_due, practice = found.next_at, found.practice
    found.next_at = next_reminder(now, found.weekdays, found.at, ZoneInfo(practice.site.time_zone))
    found.save(update_fields=["next_at"])
    defer("journal.due", at=found.next_at, practice=practice.public_id)
    today = queries.today_of(practice.patient, now)
    if now - was_due > LATEST or messages.quiet_at(practice.site).holds(now):
        return False
    if Done.objects.filter(practice=practice, on=today).exists():
        return False
    return _write(found, now, key=f"practice-{practice.patient.public_id}-{today}")


def _write(reminder: Reminder, now: datetime, key: str) -> bool:
    """One message a day and patient; nothing where the way to them was closed meanwhile."""
    try:
        message = write_to_patient(
            by=SystemActor(),
            now=now,
            patient=reminder.practice.patient,
            wording="own-reminder",
            key=key,
            channel=Channel(reminder.channel),
        )
    except NotAllowedNow:
        return False
    return message.queued_at == now


def _check_channel(practice: Practice, channel: str) -> None:
    ways = {way.channel.value: way for way in messages.ways_to_reach(practice.patient)}
    way = ways.get(channel)
    if way is None:
        raise BadInput(_("Choose how you want to be reminded."), field="channel")
    if way.why_not:
        raise BadInput(_("You cannot be written to this way yet. You allow it under Me."), field="channel")


def _check_not_quiet(practice: Practice, moment: datetime) -> None:
    quiet = messages.quiet_at(practice.site)
    if quiet.holds(moment):
        said = {"begins": f"{quiet.begins:%H:%M}", "until": f"{quiet.until:%H:%M}"}
        raise BadInput(
            _("Between %(begins)s and %(until)s nothing is sent. Choose another time.") % said, field="at"
        )
