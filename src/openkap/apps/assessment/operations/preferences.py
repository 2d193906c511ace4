"""Noting what matters to a patient, which options were talked over, and what they cost here."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.assessment.choosing import AidShown, latest_preferences
from openkap.apps.assessment.models import Episode, Matter, OptionPrice, OptionsTalk, Preferences
from openkap.apps.assessment.permissions import (
    check_alive,
    check_may_assess,
    check_may_note_wishes,
    check_may_price,
    check_not_ended,
)
from openkap.apps.audit import operations as audit
from openkap.apps.people import operations as people
from openkap.errors import BadInput

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site

HIGHEST_EXPECTANCY = 10
LONGEST = 2000
CURRENCY_LETTERS = 3


@dataclass(frozen=True)
class Wishes:
    """What a patient said: choices of `Matter`, own words, and how much they think it will help, 0 to 10."""

    matters: tuple[str, ...] = ()
    own_words: str = ""
    goals: str = ""
    fears: str = ""
    questions: str = ""
    leaning: str = ""
    expectancy: int | None = None

    def texts(self) -> dict[str, str]:
        """The free texts, trimmed."""
        names = ("own_words", "goals", "fears", "questions", "leaning")
        return {name: getattr(self, name).strip() for name in names}


@dataclass(frozen=True)
class Considered:
    """How one option stands after the talk."""

    option: str
    standing: str
    reason: str = ""

    def as_json(self) -> dict[str, str]:
        return {"option": self.option, "standing": self.standing, "reason": self.reason.strip()}


@dataclass(frozen=True)
class Price:
    """What an option costs; without an amount the price is taken back."""

    amount: Decimal | None
    currency: str = ""
    per: str = ""
    note: str = field(default="")


@transaction.atomic
def note_preferences(*, by: audit.Actor, now: datetime, patient: "Patient", wishes: Wishes) -> Preferences:
    """Note what matters to the patient; what was noted before stays and is superseded.

    Saying the same again changes nothing. Raises `BadInput`, `Refused`.
    """
    check_may_note_wishes(by, patient)
    _check_wishes(wishes)
    people.lock(patient)
    before = latest_preferences(patient)
    said: dict[str, object] = {
        "matters": list(dict.fromkeys(wishes.matters)),
        "expectancy": wishes.expectancy,
        **wishes.texts(),
    }
    by_patient = isinstance(by, User) and patient.user_id == by.pk
    if before is not None and all(getattr(before, name) == value for name, value in said.items()):
        return before
    row = Preferences.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
        by_patient=by_patient,
        supersedes=before,
        **said,
    )
    _record(by, now, "assessment.note-preferences", "preferences", row)
    return row


@transaction.atomic
def record_options_talk(
    *,
    by: User,
    now: datetime,
    episode: Episode,
    aid: AidShown,
    considered: Iterable[Considered],
    note: str = "",
) -> OptionsTalk:
    """Record which alternatives were gone through with the patient, and which records were shown.

    Raises `BadInput` when nothing was considered or an option is not in the aid; `Refused`, `NotAllowedNow`.
    """
    patient = episode.patient
    check_may_assess(by, patient)
    check_not_ended(episode)
    check_alive(patient)
    gone_through = _checked(considered, {one.option.id for one in aid.aid.options})
    talk = OptionsTalk.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        episode=episode,
        on=now.astimezone(ZoneInfo(patient.site.time_zone)).date(),
        considered=[one.as_json() for one in gone_through],
        note=note.strip(),
        circumstances=aid.circumstances_as_json(),
        shown=aid.records_as_json(),
    )
    _record(by, now, "assessment.record-options-talk", "options-talk", talk)
    return talk


@transaction.atomic
def set_price(*, by: audit.Actor, now: datetime, site: "Site", option_id: str, price: Price) -> OptionPrice:
    """Say what an option costs a patient at a site. Earlier prices are kept. Raises `BadInput`, `Refused`."""
    check_may_price(by, site.pk)
    _check_price(price)
    has_amount = price.amount is not None
    row = OptionPrice.objects.create(
        site=site,
        option_id=option_id,
        amount=price.amount,
        currency=price.currency.upper() if has_amount else "",
        per=price.per if has_amount else "",
        note=price.note.strip(),
        entered_at=now,
        entered_by=by if isinstance(by, User) else None,
    )
    subject = audit.Subject("option-price", row.public_id, None, site.pk)
    audit.record(by=by, now=now, action="assessment.set-price", subject=subject, details={"option": option_id})
    return row


def _check_wishes(wishes: Wishes) -> None:
    if any(one not in Matter.values for one in wishes.matters):
        raise BadInput(_("One of these is not on the list."), field="matters")
    for name, text in wishes.texts().items():
        if len(text) > LONGEST:
            raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST}, field=name)
    if wishes.expectancy is not None and not 0 <= wishes.expectancy <= HIGHEST_EXPECTANCY:
        raise BadInput(_("Choose a number from 0 to 10."), field="expectancy")


def _checked(considered: Iterable[Considered], known: set[str]) -> list[Considered]:
    found = list(considered)
    if not found:
        raise BadInput(_("Say how at least one option stands."))
    if any(one.option not in known or one.standing not in OptionsTalk.Standing.values for one in found):
        raise BadInput(_("One of these options is not on the page. Look at it again."))
    return found


def _check_price(price: Price) -> None:
    if price.amount is None:
        return
    if price.amount < 0:
        raise BadInput(_("A price is not below zero."), field="amount")
    if len(price.currency) != CURRENCY_LETTERS or not price.currency.isalpha():
        raise BadInput(_("Give the currency in three letters, such as USD."), field="currency")
    if price.per not in OptionPrice.Per.values:
        raise BadInput(_("Say what the price is for."), field="per")


def _record(by: audit.Actor, now: datetime, action: str, kind: str, row: Preferences | OptionsTalk) -> None:
    subject = audit.Subject(kind, row.public_id, row.patient.public_id, row.site_id)
    audit.record(by=by, now=now, action=action, subject=subject)
