"""Reading the outbox, and what is known of how somebody is reached."""

from dataclasses import dataclass
from datetime import time
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from openkap.adapters.mail.client import mail_port
from openkap.adapters.sms.client import sms_port
from openkap.apps.messages.channels import Channel, MessageState
from openkap.apps.messages.models import ContactChoice, Message, SiteMessages, StaffPhone
from openkap.apps.messages.quiet import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openkap.apps.access.models import User
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site

# A convention, not a finding: until a site says otherwise, nothing that can wait goes out at night.
USUAL_QUIET = (time(21), time(8))
ELECTRONIC = (Channel.MAIL, Channel.SMS)


@dataclass(frozen=True)
class Reach:
    """One way to reach a patient: `why_not` says in a word why it cannot be used; '' if it can."""

    channel: Channel
    address: str
    allowed: bool | None  # None: never asked
    why_not: str


def address_of(patient: "Patient", channel: Channel) -> str:
    """Where a message of this channel goes; '' where nothing is known."""
    return {Channel.MAIL: patient.email, Channel.SMS: patient.phone}.get(channel, "")


def ways_to_reach(patient: "Patient") -> list[Reach]:
    """E-mail and text message, each with whether it can be used now."""
    chosen = choices_of(patient)
    ready = {Channel.MAIL: mail_port() is not None, Channel.SMS: sms_port() is not None}
    return [
        Reach(
            channel,
            address_of(patient, channel),
            chosen.get(channel),
            _why_not(address_of(patient, channel), chosen.get(channel), is_ready=ready[channel]),
        )
        for channel in ELECTRONIC
    ]


def _why_not(address: str, allowed: bool | None, *, is_ready: bool) -> str:
    if not is_ready:
        return "not-set-up"
    if not address:
        return "no-address"
    return "" if allowed else "not-allowed"


def usable_channel(patient: "Patient") -> Channel | None:
    """The first way that can be used now, e-mail before text message; None if there is none."""
    return next((way.channel for way in ways_to_reach(patient) if not way.why_not), None)


def choices_of(patient: "Patient") -> dict[Channel, bool]:
    """What the patient last said about each way of being reached."""
    rows = ContactChoice.objects.filter(patient=patient).order_by("channel", "-id").distinct("channel")
    return {Channel(row.channel): row.allowed for row in rows}


def messages_to(patient: "Patient") -> QuerySet[Message]:
    """What was said to the patient, newest first. Check the viewer beforehand."""
    return Message.objects.filter(patient=patient).select_related("queued_by").order_by("-queued_at", "-id")


def given_up() -> QuerySet[Message]:
    """Messages to patients that could not be sent, oldest first; for whoever tells a person."""
    return (
        Message.objects.filter(state=MessageState.GIVEN_UP, patient__isnull=False)
        .select_related("patient", "site")
        .order_by("ended_at")
    )


def given_up_to_staff() -> QuerySet[Message]:
    """Messages to staff that could not be sent, oldest first; for whoever tells a person."""
    return (
        Message.objects.filter(state=MessageState.GIVEN_UP, user__isnull=False)
        .select_related("user", "site")
        .order_by("ended_at")
    )


def troubles_at(site: "Site") -> QuerySet[Message]:
    """What did not go out at a site, newest first: given up, or failing and tried again."""
    return (
        Message.objects.filter(site=site, state__in=[MessageState.GIVEN_UP, MessageState.FAILED])
        .select_related("patient", "user")
        .order_by("-queued_at", "-id")
    )


def calls_under(prefix: str) -> list[Message]:
    """The messages whose key begins with `prefix`: all that was written about one thing."""
    return list(Message.objects.filter(key__startswith=prefix).order_by("id"))


def calls_shown(prefixes: "Iterable[str]") -> dict[str, list[Message]]:
    """The same for several things in one query, by prefix, with whom they went to: for a page."""
    wanted = list(prefixes)
    if not wanted:
        return {}
    rows = Message.objects.filter(reduce(or_, (Q(key__startswith=prefix) for prefix in wanted)))
    found = list(rows.select_related("user").order_by("id"))
    return {prefix: [row for row in found if row.key.startswith(prefix)] for prefix in wanted}


def is_set_up(channel: Channel) -> bool:
    """Whether this installation can send this kind of message."""
    ports = {Channel.MAIL: mail_port, Channel.SMS: sms_port}
    return channel in ports and ports[channel]() is not None


def number_of_staff(user: "User") -> str:
    """The number for text messages to a member of staff; '' without one."""
    found = StaffPhone.objects.filter(user=user).first()
    return found.number if found else ""


def numbers_of_staff(users: "Iterable[User]") -> dict[int, str]:
    """The same for several, by the user's key."""
    return dict(StaffPhone.objects.filter(user__in=list(users)).values_list("user_id", "number"))


def channels_of_staff(user: "User") -> list[Channel]:
    """How a member of staff is written to: always by e-mail, and by text message where that can be."""
    by_text = is_set_up(Channel.SMS) and number_of_staff(user)
    return [Channel.MAIL, Channel.SMS] if by_text else [Channel.MAIL]


def how_site_writes(site: "Site") -> SiteMessages:
    """The site's own settings, or the usual ones (not saved)."""
    found = SiteMessages.objects.filter(site=site).first()
    return found or SiteMessages(site=site, quiet_from=USUAL_QUIET[0], quiet_until=USUAL_QUIET[1])


def quiet_at(site: "Site") -> Quiet:
    """The quiet hours of a site."""
    own = how_site_writes(site)
    return Quiet(own.quiet_from, own.quiet_until, site.time_zone)
