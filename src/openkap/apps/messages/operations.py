"""Putting messages into the outbox, and what people say about being written to. Sending is in `sending`."""

import re
from datetime import datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.adapters.queue import defer
from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.messages import queries
from openkap.apps.messages.channels import Channel, MessageState
from openkap.apps.messages.models import ContactChoice, Message, SiteMessages, StaffPhone
from openkap.apps.messages.permissions import check_may_call_staff, check_may_change_site, check_may_choose
from openkap.apps.messages.wordings import WORDINGS
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site

LONGEST_SIGNATURE = 60


@transaction.atomic
def write_to_patient(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    wording: str,
    key: str,
    channel: Channel | None = None,
    link_id: UUID | None = None,
    language: str = "",
    not_after: datetime | None = None,
) -> Message:
    """Put a message to a patient into the outbox, in the caller's transaction; the same `key` only once.

    Without `channel` the first usable way is taken. Wordings that wait go out after the site's quiet hours.
    The caller has checked that `by` may do what causes it. Raises `NotAllowedNow` when the patient cannot be
    reached that way, with the reason.
    """
    channel = _checked_channel(patient, channel)
    going_out = queries.quiet_at(patient.site).next_open(now) if WORDINGS[wording].waits else now
    is_handed = channel is Channel.HANDED
    message, is_new = Message.objects.get_or_create(
        key=key,
        defaults={
            "site_id": patient.site_id,
            "patient": patient,
            "channel": channel,
            "wording": wording,
            "language": language or _language_of(patient),
            "variables": {"until": not_after.isoformat()} if not_after else {},
            "link_id": link_id,
            "state": MessageState.SENT if is_handed else MessageState.QUEUED,
            "queued_at": now,
            "queued_by": by if isinstance(by, User) else None,
            "send_at": None if is_handed else going_out,
            "ended_at": now if is_handed else None,
            "not_after": not_after,
        },
    )
    if is_new:
        _record(by, now, message)
    return message


@transaction.atomic
def write_to_staff(
    *,
    by: audit.Actor,
    now: datetime,
    user: User,
    site: "Site",
    wording: str,
    key: str,
    not_after: datetime | None = None,
    channel: Channel = Channel.MAIL,
) -> Message:
    """Put a message to a member of staff into the outbox; the same `key` only once. No quiet hours."""
    message, is_new = Message.objects.get_or_create(
        key=key,
        defaults={
            "site": site,
            "user": user,
            "channel": channel,
            "wording": wording,
            "language": user.language,
            "queued_at": now,
            "queued_by": by if isinstance(by, User) else None,
            "send_at": now,
            "not_after": not_after,
        },
    )
    if is_new:
        _record(by, now, message)
    return message


@transaction.atomic
def call_staff(
    *, by: audit.Actor, now: datetime, user: User, site: "Site", wording: str, key: str, not_after: datetime
) -> list[Message]:
    """Write to a member of staff in every way they can be reached; the same `key` only once each way."""
    return [
        write_to_staff(
            by=by,
            now=now,
            user=user,
            site=site,
            wording=wording,
            key=f"{key}:{channel.value}",
            not_after=not_after,
            channel=channel,
        )
        for channel in queries.channels_of_staff(user)
    ]


@transaction.atomic
def send_test(*, by: User, now: datetime, site: "Site", channel: Channel, key: str) -> Message:
    """Write a message to oneself, to see that messages go out. The same `key` only once.

    Raises `Refused`, and `NotAllowedNow` where this way is not set up or one has no number.
    """
    check_may_change_site(by, site.pk)
    if not queries.is_set_up(channel):
        raise NotAllowedNow(_("This installation cannot send this kind of message yet."))
    if channel not in queries.channels_of_staff(by):
        raise NotAllowedNow(_("No number is known for you. It is entered under On duty."))
    return write_to_staff(
        by=by, now=now, user=by, site=site, wording="test", key=f"test:{key}:{channel.value}", channel=channel
    )


@transaction.atomic
def change_staff_number(*, by: audit.Actor, now: datetime, site: "Site", user: User, number: str) -> None:
    """Set the number of a member of staff for text messages; '' takes it away. Raises `Refused`, `BadInput`."""
    check_may_call_staff(by, site.pk, user)
    digits = re.sub(r"[\s()./-]", "", number)
    if digits and not re.fullmatch(r"\+?\d{5,15}", digits):
        raise BadInput(_("A telephone number has digits, and may begin with +."), field="number")
    if digits == queries.number_of_staff(user):
        return
    if digits:
        StaffPhone.objects.update_or_create(
            user=user,
            defaults={
                "number": digits,
                "changed_at": now,
                "changed_by": by if isinstance(by, User) else None,
            },
        )
    else:
        StaffPhone.objects.filter(user=user).delete()
    subject = audit.Subject("user", user.public_id, None, site.pk)
    audit.record(by=by, now=now, action="messages.change-staff-number", subject=subject)


@transaction.atomic
def withdraw_link(*, now: datetime, link_id: UUID) -> None:
    """The link holds no more: what has not gone out with it stays here. The caller records why."""
    waiting = Message.objects.filter(link_id=link_id, send_at__isnull=False)
    waiting.update(state=MessageState.GIVEN_UP, send_at=None, ended_at=now, trouble="withdrawn")


@transaction.atomic
def withdraw_waiting(*, now: datetime, patient: "Patient", wording: str) -> None:
    """What it was about is done: what has not gone out stays here. The caller records why."""
    waiting = Message.objects.filter(patient=patient, wording=wording, send_at__isnull=False)
    waiting.update(state=MessageState.GIVEN_UP, send_at=None, ended_at=now, trouble="withdrawn")


@transaction.atomic
def choose_channel(
    *, by: audit.Actor, now: datetime, patient: "Patient", channel: Channel, allowed: bool
) -> bool:
    """Note whether the patient may be reached this way. Returns whether that is new. Raises `Refused`."""
    check_may_choose(by, patient)
    if queries.choices_of(patient).get(channel) == allowed:
        return False
    ContactChoice.objects.create(
        patient=patient,
        channel=channel,
        allowed=allowed,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
    )
    audit.record(
        by=by,
        now=now,
        action="messages.choose-channel",
        subject=audit.Subject("patient", patient.public_id, patient.public_id, patient.site_id),
        details={"channel": channel.value, "allowed": allowed},
    )
    return True


@transaction.atomic
def change_how_site_writes(
    *, by: audit.Actor, now: datetime, site: "Site", quiet_from: time, quiet_until: time, signature: str
) -> None:
    """Set quiet hours (on the site's clock) and signature. Raises `Refused`, `BadInput`."""
    check_may_change_site(by, site.pk)
    signature = " ".join(signature.split())
    if len(signature) > LONGEST_SIGNATURE:
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST_SIGNATURE}, field="signature")
    values = {"quiet_from": quiet_from, "quiet_until": quiet_until, "signature": signature}
    SiteMessages.objects.update_or_create(site=site, defaults=values)
    audit.record(
        by=by,
        now=now,
        action="messages.change-site",
        subject=audit.Subject("site", site.public_id, None, site.pk),
    )


def _checked_channel(patient: "Patient", channel: Channel | None) -> Channel:
    if patient.is_deceased:
        raise NotAllowedNow(_("This person has died; nothing is sent."))
    if channel is Channel.HANDED:
        return channel
    ways = {way.channel: way for way in queries.ways_to_reach(patient)}
    if channel is None:
        usable = [one for one, way in ways.items() if not way.why_not]
        if not usable:
            raise NotAllowedNow(_("There is no way to write to this patient that they agreed to."))
        return usable[0]
    why_not = ways[channel].why_not
    reasons = {
        "not-set-up": _("This installation cannot send this kind of message yet."),
        "no-address": _("The record holds no address for this kind of message."),
        "not-allowed": _("The patient has not agreed to be written to this way."),
    }
    if why_not:
        raise NotAllowedNow(reasons[why_not])
    return channel


def _language_of(patient: "Patient") -> str:
    return patient.user.language if patient.user else "en"


def _record(by: audit.Actor, now: datetime, message: Message) -> None:
    audit.record(
        by=by,
        now=now,
        action="messages.write",
        subject=audit.Subject(
            "message",
            message.public_id,
            message.patient.public_id if message.patient else None,
            message.site_id,
        ),
        details={"wording": message.wording, "channel": str(message.channel)},
    )
    if message.send_at is not None:
        defer("messages.due", at=message.send_at, message=message.public_id)
