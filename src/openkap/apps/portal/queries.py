"""A patient's way in as it stands, and where the site's patients find help."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import CharField, Func, QuerySet, Value
from django.utils.translation import get_language

from openkap.adapters.postgres.prepared import Given, Prepared
from openkap.apps.messages.links import digest_of
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.portal.models import PortalLink, SiteHelp

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

SHORTEST_NUMBER = 7  # digits of a telephone number that tell one from another
COMPARED_DIGITS = 9  # from the end: one is written with the country's code, another without


class AccessState(StrEnum):
    """Where a patient's own way in stands."""

    NONE = "none"
    INVITED = "invited"  # a link is on its way and has not been opened
    LAPSED = "lapsed"  # it ran out or was tried too often
    OPEN = "open"  # they have been in


@dataclass(frozen=True)
class PortalAccess:
    """A patient's way in: its state and the link it rests on."""

    state: AccessState
    link: PortalLink | None
    first_opened_at: datetime | None


class Whose(StrEnum):
    """What a number is, where other texts name it too."""

    OTHER = ""
    CRISIS = "crisis"  # a line that answers at any hour
    CLINIC = "clinic"  # the clinic's own, after a session


@dataclass(frozen=True)
class HelpLine:
    """One number to turn to. `whose` is a `Whose`."""

    label: str
    number: str
    how: str
    hours: str
    whose: str = Whose.OTHER.value

    @property
    def address(self) -> str:
        """What a telephone opens: 'tel:+15550100'."""
        digits = "".join(letter for letter in self.number if letter.isdigit() or letter == "+")
        return f"{'sms' if self.how == 'text' else 'tel'}:{digits}"


@dataclass(frozen=True)
class Help:
    """Where patients of a site find help now. `is_known` is false where the site has entered nothing."""

    emergency: HelpLine | None
    lines: list[HelpLine]
    reads: str

    @property
    def is_known(self) -> bool:
        return self.emergency is not None or bool(self.lines)

    def line_of(self, whose: Whose) -> HelpLine | None:
        """The crisis line, or the clinic's number, where one is entered."""
        return next((line for line in self.lines if line.whose == whose), None)


def access_of(patient: Patient, now: datetime) -> PortalAccess:
    """The patient's way in. Check the viewer beforehand."""
    if patient.user_id is None:
        return PortalAccess(AccessState.NONE, None, None)
    links = PortalLink.objects.filter(patient=patient, made_at__gte=_account_began(patient))
    opened = links.filter(used_at__isnull=False).order_by("used_at").first()
    last = links.filter(kind=PortalLink.Kind.INVITATION).order_by("-made_at", "-id").first()
    if opened is not None:
        return PortalAccess(AccessState.OPEN, last, opened.used_at)
    if last is not None and is_living(last, now):
        return PortalAccess(AccessState.INVITED, last, None)
    return PortalAccess(AccessState.LAPSED, last, None)


def _account_began(patient: Patient) -> datetime:
    began: datetime = patient.user.memberships.order_by("began_at").first().began_at  # type: ignore[union-attr]
    return began


def is_living(link: PortalLink, now: datetime) -> bool:
    """Whether the link can still be opened."""
    return link.used_at is None and link.ended_at is None and link.expires_at > now


def link_with(token: str) -> PortalLink | None:
    """The link of this secret, living or not; None if there is none."""
    return _WITH_DIGEST.first(digest=digest_of(token))


_WITH_DIGEST = Prepared(
    lambda: (
        PortalLink.objects.filter(digest=Given("digest"))
        .select_related("patient", "patient__site", "patient__user")
        .order_by("id")
    )
)


def living_links(patient: Patient, now: datetime) -> QuerySet[PortalLink]:
    """Links of the patient that can still be opened."""
    return PortalLink.objects.filter(
        patient=patient, used_at__isnull=True, ended_at__isnull=True, expires_at__gt=now
    )


def asked_since(patient: Patient, moment: datetime) -> int:
    """How often a link to sign in was asked for since then."""
    return PortalLink.objects.filter(patient=patient, kind=PortalLink.Kind.SIGN_IN, made_at__gte=moment).count()


def patients_reached_at(address: str) -> list[tuple[Patient, str]]:
    """Patients with an account whom this e-mail address or telephone number reaches, and how."""
    address = address.strip()
    if "@" in address:
        return [(patient, "mail") for patient in people.with_account().filter(email__iexact=address)[:5]]
    digits = "".join(letter for letter in address if letter.isdigit())
    if len(digits) < SHORTEST_NUMBER:
        return []
    only_digits = Func("phone", Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace")
    only_digits.output_field = CharField()
    found = people.with_account().annotate(digits=only_digits)
    return [(patient, "sms") for patient in found.filter(digits__endswith=digits[-COMPARED_DIGITS:])[:5]]


def help_at(site: "Site") -> Help:
    """Where the site's patients find help, in the reader's language."""
    found = help_row(site)
    if found is None:
        return Help(None, [], "")
    number = found.emergency_number
    emergency = HelpLine("", number, "call", "") if number else None
    language = (get_language() or "en")[:2]
    reads = found.reads.get(language) or found.reads.get("en", "")
    return Help(emergency, [HelpLine(**line) for line in found.lines], reads)


def help_row(site: "Site") -> SiteHelp | None:
    """What the site entered, as it was entered."""
    return _OF_SITE.first(site=site.pk)


_OF_SITE = Prepared(lambda: SiteHelp.objects.filter(site=Given("site")).order_by("id"))
