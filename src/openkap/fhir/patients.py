"""FHIR Patient to `ImportedPatient`. A Patient that cannot be read refuses the whole file."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from openkap.fhir.datatypes import NotTaken, flag, limited, moment
from openkap.fhir.reading import BadBundle, Json
from openkap.fhir.values import ImportedContact, ImportedIdentifier, ImportedPatient, Skipped
from openkap.units.partial_dates import Precision

URI = "urn:ietf:rfc:3986"
# Numbers a clinic has no use for, and that do harm when they leak (HL7 v2 table 0203).
NOT_KEPT = frozenset({"SS", "DL", "PPN", "SB", "TAX", "NI", "BC", "ACSN"})
NAME_USES = ("official", "usual", "", "temp", "nickname", "anonymous")
READ = frozenset(
    {"resourceType", "id", "meta", "text", "language", "identifier", "active", "name", "telecom", "gender"}
    | {"birthDate", "address", "contact", "deceasedBoolean", "deceasedDateTime", "implicitRules"}
)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def read_patient(resource: Json, full_url: str, where: str) -> tuple[ImportedPatient, list[Skipped]]:
    """The person, and the parts of the resource that are not kept. Raises `BadBundle`."""
    try:
        return _patient(resource, full_url), list(_left_out(resource))
    except NotTaken as error:
        raise BadBundle("%(where)s: %(reason)s.", where=where, reason=error.reason) from error


def _patient(resource: Json, full_url: str) -> ImportedPatient:
    if any(link.get("type") == "replaced-by" for link in resource.get("link", [])):
        raise NotTaken("the Patient says that another record has replaced it; import that one")
    family, given = _name(resource.get("name", []))
    deceased = moment(resource.get("deceasedDateTime"), "Patient.deceasedDateTime")
    return ImportedPatient(
        source_id=resource.get("id") or full_url,
        identifiers=tuple(_identifiers(resource, full_url)),
        family_name=family,
        given_name=given,
        birth_date=_birth_date(resource),
        sex=resource.get("gender", "unknown"),
        phone=_telecom(resource.get("telecom", []), "phone"),
        email=_email(resource),
        address=_address(resource.get("address", [])),
        contact=_contact(resource.get("contact", [])),
        is_deceased=flag(resource.get("deceasedBoolean", False), "Patient.deceasedBoolean")
        or deceased is not None,
        deceased=deceased,
    )


def _identifiers(resource: Json, full_url: str) -> Iterator[ImportedIdentifier]:
    found = 0
    for item in resource.get("identifier", []):
        if item.get("value") and not _type_codes(item) & NOT_KEPT and item.get("use") != "old":
            found += 1
            yield ImportedIdentifier(limited(item.get("system", "")), limited(item["value"]))
    if not found:
        if not (full_url or resource.get("id")):
            raise NotTaken(
                "the Patient has no identifier, no id and no fullUrl, so a second import could not find them"
            )
        yield ImportedIdentifier(URI, limited(full_url or f"Patient/{resource['id']}"))


def _type_codes(identifier: Json) -> set[str]:
    codes = {coding.get("code", "") for coding in identifier.get("type", {}).get("coding", [])}
    return codes | ({"SS"} if identifier.get("system", "").endswith("us-ssn") else set())


def _name(names: list[Json]) -> tuple[str, str]:
    """Family and given names: the official one first, never an old one."""
    usable = [
        name for name in names if name.get("use", "") in NAME_USES and "end" not in name.get("period", {})
    ]
    if not usable:
        raise NotTaken("the Patient has no current name")
    name = min(usable, key=lambda name: NAME_USES.index(name.get("use", "")))
    given = " ".join(part for part in name.get("given", []) if part)
    family = name.get("family") or ("" if given else name.get("text", ""))
    if not family.strip():
        raise NotTaken("the Patient has no family name")
    return limited(family), limited(given)


def _birth_date(resource: Json) -> date:
    born = moment(resource.get("birthDate"), "Patient.birthDate")
    if born is None or born.precision is not Precision.DAY:
        raise NotTaken("Patient.birthDate must be a full date: it is one of the two identifiers before a dose")
    return born.first


def _current(items: list[Json], system: str) -> list[Json]:
    return [
        item for item in items
        if item.get("system") == system and item.get("value") and item.get("use") != "old"
    ]  # fmt: skip


def _telecom(items: list[Json], system: str) -> str:
    """The number to reach them at: mobile before home before any other."""
    order = {"mobile": 0, "home": 1}
    found = sorted(_current(items, system), key=lambda item: order.get(item.get("use", ""), 2))
    return limited(found[0]["value"]) if found else ""


def _email(resource: Json) -> str:
    said = _telecom(resource.get("telecom", []), "email")
    return said if EMAIL.fullmatch(said) else ""


def _address(addresses: list[Json]) -> str:
    usable = [address for address in addresses if address.get("use") != "old"]
    if not usable:
        return ""
    address = usable[0]
    parts: list[Any] = [*address.get("line", [])]
    parts += [address.get(part) for part in ("city", "state", "postalCode", "country")]
    return limited(address.get("text") or ", ".join(str(part) for part in parts if part))


def _contact(contacts: list[Json]) -> ImportedContact | None:
    for contact in contacts:
        name = contact.get("name", {})
        words = name.get("text") or " ".join([*name.get("given", []), name.get("family", "")])
        phone = _telecom(contact.get("telecom", []), "phone")
        if words.strip() and phone:
            relation = contact.get("relationship", [{}])[0]
            return ImportedContact(limited(words), phone, limited(_relation(relation)))
    return None


def _relation(relationship: Json) -> str:
    displays = [coding.get("display", "") for coding in relationship.get("coding", [])]
    return str(relationship.get("text") or next((words for words in displays if words), ""))


def _left_out(resource: Json) -> Iterator[Skipped]:
    numbers = [item for item in resource.get("identifier", []) if _type_codes(item) & NOT_KEPT]
    if numbers:
        yield Skipped(
            "Patient.identifier", "a number of a state or insurer is not needed for care", len(numbers)
        )
    if _telecom(resource.get("telecom", []), "email") and not _email(resource):
        yield Skipped("Patient.telecom", "not an email address", 1)
    others = Counter[str]()
    for field, value in resource.items():
        if field not in READ and not field.startswith("_"):
            others[field] += len(value) if isinstance(value, list) else 1
    for field, n in others.items():
        yield Skipped(f"Patient.{field}", "not kept", n)
