"""Sending what is due, with patience, and once.

A message is claimed in a transaction of its own, so that no two workers hold it; then it is sent outside
of any; then its end is written. A worker that is killed in between leaves it claimed for `LEASE`; afterwards
it is tried again under the same key, by which mailboxes and gateways can tell a double.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import formats, translation

from openkap.adapters.mail.client import mail_port
from openkap.adapters.mail.port import Letter, MailPort, NotDelivered
from openkap.adapters.queue import defer
from openkap.adapters.sms.client import sms_port
from openkap.adapters.sms.port import SmsPort, Text
from openkap.apps.audit import operations as audit
from openkap.apps.messages import links, queries
from openkap.apps.messages.channels import Channel, MessageState
from openkap.apps.messages.models import Message
from openkap.apps.messages.wordings import WORDINGS

LEASE = timedelta(minutes=5)
# How long to wait after each attempt that failed; after the last one it is given up.
WAITS = (1, 5, 30, 120, 720)
log = structlog.get_logger("openkap.messages")


@dataclass(frozen=True)
class Ports:
    """The ways out of the house; None where one is not set up."""

    mail: MailPort | None = field(default_factory=mail_port)
    sms: SmsPort | None = field(default_factory=sms_port)


def send_due(*, now: datetime, ports: Ports | None = None) -> int:
    """Try every message whose time has come. Returns how many went out. Safe to run twice, or late."""
    ports = ports or Ports()
    sent = 0
    while (message := _claim(now)) is not None:
        sent += _try(message, now, ports)
    return sent


@transaction.atomic
def _claim(now: datetime) -> Message | None:
    due = Message.objects.filter(send_at__lte=now).order_by("send_at", "id")
    found = (
        due.select_for_update(skip_locked=True, of=("self",)).select_related("site", "patient", "user").first()
    )
    if found is None:
        return None
    if found.not_after is not None and found.not_after <= now:
        _end(found, now, MessageState.GIVEN_UP, trouble="too-late")
        return found
    found.state, found.send_at, found.attempts = MessageState.SENDING, now + LEASE, found.attempts + 1
    found.save(update_fields=["state", "send_at", "attempts"])
    return found


def _try(message: Message, now: datetime, ports: Ports) -> bool:
    """Send a claimed message and write its end. Returns whether it went out."""
    if message.state != MessageState.SENDING:
        return False
    try:
        _deliver(message, ports)
    except NotDelivered as trouble:
        _note_failure(message, now, trouble)
        return False
    with transaction.atomic():
        _end(message, now, MessageState.SENT)
    return True


def _deliver(message: Message, ports: Ports) -> None:
    address = _address(message)
    port = ports.mail if message.channel == Channel.MAIL else ports.sms
    if not address:
        raise NotDelivered("no-address", for_good=True)
    if port is None:
        raise NotDelivered("not-set-up", for_good=False)
    subject, body = said(message)
    key = str(message.public_id)
    if message.channel == Channel.MAIL and ports.mail is not None:
        ports.mail.send(Letter(address, subject, body, key))
    elif ports.sms is not None:
        ports.sms.send(Text(address, body, key))


def _address(message: Message) -> str:
    if message.patient is None:
        if message.user is None or not message.user.is_active:
            return ""
        is_mail = message.channel == Channel.MAIL
        return message.user.email if is_mail else queries.number_of_staff(message.user)
    channel = Channel(message.channel)
    if message.patient.is_deceased or not queries.choices_of(message.patient).get(channel):
        return ""
    return queries.address_of(message.patient, channel)


def said(message: Message) -> tuple[str, str]:
    """Subject and body in the message's language, filled in."""
    with translation.override(message.language):
        wording = WORDINGS[message.wording]
        values = {"link": _link(message), "until": _until(message)}
        body = str(wording.body).format(**values)
        signature = queries.how_site_writes(message.site).signature
        return str(wording.subject), f"{body}\n{signature}".strip()


def _link(message: Message) -> str:
    if message.link_id is not None:
        return links.address_of(message.link_id)
    return f"{settings.PUBLIC_ADDRESS}/" + ("portal/" if message.patient else "")


def _until(message: Message) -> str:
    until = message.variables.get("until")
    if not until:
        return ""
    local = datetime.fromisoformat(until).astimezone(ZoneInfo(message.site.time_zone))
    return formats.date_format(local, "DATETIME_FORMAT")


@transaction.atomic
def _note_failure(message: Message, now: datetime, trouble: NotDelivered) -> None:
    is_last = trouble.for_good or message.attempts > len(WAITS)
    log.warning("message not sent", message=str(message.public_id), trouble=trouble.reason, last=is_last)
    if is_last:
        _end(message, now, MessageState.GIVEN_UP, trouble=trouble.reason)
        return
    again = now + timedelta(minutes=WAITS[message.attempts - 1])
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.FAILED, send_at=again, trouble=trouble.reason
    )
    defer("messages.due", at=again, message=message.public_id)


def _end(message: Message, now: datetime, state: MessageState, *, trouble: str = "") -> None:
    message.state, message.send_at, message.ended_at, message.trouble = state, None, now, trouble
    message.save(update_fields=["state", "send_at", "ended_at", "trouble"])
    audit.record(
        by=audit.SystemActor(),
        now=now,
        action="messages.send" if state == MessageState.SENT else "messages.give-up",
        subject=audit.Subject(
            "message",
            message.public_id,
            message.patient.public_id if message.patient else None,
            message.site_id,
        ),
        details={"attempts": message.attempts, "trouble": trouble},
    )
