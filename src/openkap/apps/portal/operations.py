"""Inviting patients, letting them in, and closing the door again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from openkap.apps.access import operations as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.audit import operations as audit
from openkap.apps.messages import operations as messages
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.links import digest_of, token_of
from openkap.apps.people import operations as people
from openkap.apps.people.permissions import check_on_patient
from openkap.apps.portal import queries
from openkap.apps.portal.models import PortalLink
from openkap.errors import NotAllowedNow

if TYPE_CHECKING:
    from datetime import date

    from openkap.apps.people.models import Patient

TRIES = 5  # at the birth date, for one link
ASKS_AN_HOUR = 4  # links to sign in, for one patient: more would only be a nuisance sent by somebody else


class Door(StrEnum):
    """What became of an attempt to open a link."""

    OPEN = "open"
    VOID = "void"  # used, run out, taken back, or never there: all look alike
    WRONG = "wrong"  # not this person's birth date
    SHUT = "shut"  # and that was the last try


@dataclass(frozen=True)
class Attempt:
    """The outcome of `open_link`; `user` only when the door is open."""

    door: Door
    user: User | None = None
    tries_left: int = 0


@transaction.atomic
def invite(
    *,
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    channel: Channel,
    language: str = "en",
    is_demonstration: bool = False,
) -> PortalLink:
    """Make the patient's account if there is none, and a link that opens it once; earlier links end.

    The link goes out by `channel`; handed over in person, the caller shows it once (`messages.links.path_of`).
    Raises `Refused`, `NotAllowedNow` (they died, they cannot be reached that way).
    """
    check_on_patient(by, patient, Permission.PATIENT_INVITE)
    people.lock(patient)
    patient.refresh_from_db(fields=["user", "is_deceased"])
    if patient.is_deceased:
        raise NotAllowedNow(_("This person has died; nobody can be invited."))
    if patient.user is None:
        user = access.add_patient_account(
            by=by,
            now=now,
            site=patient.site,
            full_name=patient.name,
            language=language,
            is_demonstration=is_demonstration,
        )
        people.link_account(by=by, now=now, patient=patient, user=user)
    _end_links(patient, now)
    until = now + timedelta(hours=settings.OPENKAP_INVITATION_HOURS)
    link = _make_link(by, now, patient, PortalLink.Kind.INVITATION, until=until)
    _send(by, now, link, channel, language)
    details = {"channel": channel.value}
    audit.record(by=by, now=now, action="portal.invite", subject=people.subject_of(patient), details=details)
    return link


@transaction.atomic
def take_back(*, by: audit.Actor, now: datetime, patient: "Patient") -> int:
    """End every link of the patient that could still be opened. Returns how many. Raises `Refused`."""
    check_on_patient(by, patient, Permission.PATIENT_INVITE)
    ended = _end_links(patient, now)
    if ended:
        audit.record(by=by, now=now, action="portal.take-back", subject=people.subject_of(patient))
    return ended


@transaction.atomic
def close_access(*, by: audit.Actor, now: datetime, patient: "Patient") -> None:
    """Close the patient's account: links end, they are signed out everywhere, passkeys are void.

    An invitation afterwards makes a new account. Raises `Refused`, `NotAllowedNow` when there is none.
    """
    check_on_patient(by, patient, Permission.PATIENT_INVITE)
    people.lock(patient)
    user = patient.user
    if user is None:
        raise NotAllowedNow(_("This patient has no account."))
    _end_links(patient, now)
    access.close_patient_account(by=by, now=now, user=user)
    people.unlink_account(by=by, now=now, patient=patient)
    audit.record(by=by, now=now, action="portal.close", subject=people.subject_of(patient))


@transaction.atomic
def ask_for_link(*, now: datetime, address: str, browser: str) -> None:
    """Send a link to whoever is reached at `address`, if they may be written to; say nothing of it to anybody.

    `browser` is a secret only the asking browser holds: there the link opens without the birth date. One link
    for each person reached, at most `ASKS_AN_HOUR`.
    """
    for patient, code in queries.patients_reached_at(address):
        if queries.asked_since(patient, now - timedelta(hours=1)) >= ASKS_AN_HOUR:
            continue
        by = audit.SystemActor()
        until = now + timedelta(minutes=settings.OPENKAP_LINK_MINUTES)
        try:
            with transaction.atomic():
                link = _make_link(
                    by, now, patient, PortalLink.Kind.SIGN_IN, until=until, browser=digest_of(browser)
                )
                _send(by, now, link, Channel(code), patient.user.language if patient.user else "")
        except NotAllowedNow:
            continue  # they did not agree to be written to this way, or nothing can be sent
        audit.record(by=by, now=now, action="portal.ask-for-link", subject=people.subject_of(patient))


@transaction.atomic
def open_link(*, now: datetime, token: str, birth_date: "date | None", browser: str) -> Attempt:
    """Let the holder of a link in, once, if they know the patient's birth date or asked for it in this browser.

    Never raises for a wrong try: the count of tries is kept, and after `TRIES` the link ends.
    """
    found = queries.link_with(token)
    if found is None:
        return Attempt(Door.VOID)
    link = PortalLink.objects.select_for_update(of=("self",)).select_related("patient__user").get(pk=found.pk)
    patient, user = link.patient, link.patient.user
    if not queries.is_living(link, now) or user is None or not user.is_active or patient.is_deceased:
        return Attempt(Door.VOID)
    if not needs_birth_date(link, browser) or birth_date == patient.birth_date:
        link.used_at = now
        link.save(update_fields=["used_at"])
        audit.record(by=user, now=now, action="portal.open", subject=people.subject_of(patient))
        return Attempt(Door.OPEN, user)
    return _wrong(link, now)


def needs_birth_date(link: PortalLink, browser: str) -> bool:
    """Whether the holder must say the birth date: always, but in the browser that asked for the link."""
    return not (browser and link.browser and constant_time_compare(digest_of(browser), link.browser))


def _wrong(link: PortalLink, now: datetime) -> Attempt:
    link.wrong_tries += 1
    left = TRIES - link.wrong_tries
    if left <= 0:
        link.ended_at = now
    link.save(update_fields=["wrong_tries", "ended_at"])
    audit.record(
        by=audit.SystemActor(),
        now=now,
        action="portal.refuse",
        subject=people.subject_of(link.patient),
        details={"tries": link.wrong_tries},
    )
    return Attempt(Door.SHUT if left <= 0 else Door.WRONG, tries_left=max(left, 0))


def _make_link(
    by: audit.Actor,
    now: datetime,
    patient: "Patient",
    kind: PortalLink.Kind,
    *,
    until: datetime,
    browser: str = "",
) -> PortalLink:
    link = PortalLink(
        patient=patient,
        kind=kind,
        browser=browser,
        made_at=now,
        made_by=by if isinstance(by, User) else None,
        expires_at=until,
    )
    link.digest = digest_of(token_of(link.public_id))
    link.save()
    return link


def _send(by: audit.Actor, now: datetime, link: PortalLink, channel: Channel, language: str) -> None:
    messages.write_to_patient(
        by=by,
        now=now,
        patient=link.patient,
        wording="invitation" if link.kind == PortalLink.Kind.INVITATION else "sign-in",
        key=f"portal-link-{link.public_id}",
        channel=channel,
        link_id=link.public_id,
        language=language,
        not_after=link.expires_at,
    )


def _end_links(patient: "Patient", now: datetime) -> int:
    living = queries.living_links(patient, now)
    for link in living:
        messages.withdraw_link(now=now, link_id=link.public_id)
    return living.update(ended_at=now)
