"""What is known of who a patient is, as one value that is checked before anything is written."""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from openkap.apps.people.models import Patient
from openkap.errors import BadInput
from openkap.units.partial_dates import PartialDate

EARLIEST_BIRTH = date(1890, 1, 1)  # before the birth of anyone alive; guards against slips


@dataclass(frozen=True)
class Details:
    """Demographics, contacts, emergency contact. `deceased_on` is a partial date as text."""

    family_name: str
    given_name: str
    birth_date: date
    sex: str
    pronouns: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_relation: str = ""
    is_deceased: bool = False
    deceased_on: str = ""

    def checked(self, today: date) -> "Details":
        """Stripped of stray spaces. Raises `BadInput` naming the field."""
        clean = Details(**{name: _tidy(value) for name, value in asdict(self).items()})
        if not clean.family_name:
            raise BadInput(_("A patient needs a family name."), field="family_name")
        if not EARLIEST_BIRTH <= clean.birth_date <= today:
            raise BadInput(_("The birth date cannot be right."), field="birth_date")
        if clean.sex not in Patient.Sex.values:
            raise BadInput(_("Sex is female, male, other or unknown."), field="sex")
        _check_contacts(clean)
        _check_death(clean, today)
        _check_lengths(clean)
        return clean


NAMES = tuple(field.name for field in fields(Details))


def details_of(patient: Patient) -> Details:
    """The patient's present details."""
    return Details(**{name: getattr(patient, name) for name in NAMES})


def as_json(details: Details) -> dict[str, object]:
    """For the history of changes."""
    return asdict(details) | {"birth_date": details.birth_date.isoformat()}


def _tidy(value: Any) -> Any:
    """Texts without stray spaces; lines of an address stay lines."""
    if not isinstance(value, str):
        return value
    return "\n".join(" ".join(line.split()) for line in value.strip().splitlines())


def _check_contacts(details: Details) -> None:
    if details.email:
        try:
            validate_email(details.email)
        except ValidationError as error:
            raise BadInput(_("This is not an email address."), field="email") from error
    if details.contact_name and not details.contact_phone:
        raise BadInput(_("An emergency contact needs a telephone number."), field="contact_phone")


def _check_death(details: Details, today: date) -> None:
    if not details.deceased_on:
        return
    died = PartialDate.parse(details.deceased_on)
    if not details.is_deceased or died.first > today or died.last < details.birth_date:
        raise BadInput(_("The date of death cannot be right."), field="deceased_on")


def _check_lengths(details: Details) -> None:
    for name in NAMES:
        value = getattr(details, name)
        longest = getattr(Patient._meta.get_field(name), "max_length", None) or 1000  # noqa: SLF001  Django's own API
        if isinstance(value, str) and len(value) > longest:
            raise BadInput(_("At most %(n)d characters fit here.") % {"n": longest}, field=name)
        if isinstance(value, str) and "\x00" in value:
            raise BadInput(_("This holds a character that cannot be stored."), field=name)
