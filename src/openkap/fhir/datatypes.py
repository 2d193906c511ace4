"""FHIR's general data types to plain values: concepts, dates, codes, references' text."""

from typing import Any

from openkap.errors import BadInput
from openkap.fhir.reading import Json
from openkap.fhir.values import Coding, Concept
from openkap.units.partial_dates import PartialDate

MAX_CODE = 200
MAX_WORDS = 2000


class NotTaken(Exception):
    """This resource is not taken over; `reason` is listed for the person who imports it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def concept(value: Json | None, field: str) -> Concept:
    """A CodeableConcept; one without words and codes says nothing, and is not taken over."""
    codings = tuple(_coding(item, field) for item in (value or {}).get("coding", []) if item.get("code"))
    words = str((value or {}).get("text") or "").strip()
    named = words or next((c.display for c in codings if c.display), "") or next((c.code for c in codings), "")
    if not named:
        raise NotTaken(f"{field} has neither words nor a code")
    if len(named) > MAX_WORDS:
        raise NotTaken(f"{field} is longer than {MAX_WORDS} characters")
    return Concept(named, codings)


def _coding(item: Json, field: str) -> Coding:
    coding = Coding(item.get("system", ""), item["code"], item.get("display", "").strip())
    if max(len(coding.system), len(coding.code)) > MAX_CODE or len(coding.display) > MAX_WORDS:
        raise NotTaken(f"{field} holds a code that is too long")
    return coding


def status(value: Json | None, known: frozenset[str], field: str) -> str:
    """The code of a status given as CodeableConcept, or '' where it was not given."""
    codes = {item.get("code") for item in (value or {}).get("coding", [])} & known
    if len(codes) > 1:
        raise NotTaken(f"{field} has two codes that disagree")
    if value and not codes:
        raise NotTaken(f"{field} is not a code of FHIR R4")
    return str(codes.pop()) if codes else ""


def one_of(value: str | None, known: frozenset[str], field: str) -> str:
    """A required status given as a code."""
    if value not in known:
        raise NotTaken(f"{field} is not a code of FHIR R4")
    return value


def flag(value: Any, field: str) -> bool:
    """A boolean; the word 'false' is none, and would count as true."""
    if not isinstance(value, bool):
        raise NotTaken(f"{field} is not true or false")
    return value


def moment(value: Any, field: str) -> PartialDate | None:
    """A date, dateTime or instant, as far as it was said."""
    if value is None:
        return None
    if not isinstance(value, str):  # the models of fhir.resources also take seconds since 1970
        raise NotTaken(f"{field} is not a date of FHIR R4")
    try:
        return PartialDate.parse(value)
    except BadInput as error:
        raise NotTaken(f"{field} is not a date of FHIR R4") from error


def moment_or_start(resource: Json, name: str, field: str) -> PartialDate | None:
    """`<name>DateTime`, else `<name>Instant`, else the start of `<name>Period`."""
    said = resource.get(f"{name}DateTime") or resource.get(f"{name}Instant")
    return moment(said or resource.get(f"{name}Period", {}).get("start"), field)


def words_for(resource: Json, name: str) -> str:
    """What was said of a time in words, as an age or as a range: kept as written, never counted with."""
    if text := resource.get(f"{name}String"):
        return limited(text)
    if age := resource.get(f"{name}Age"):
        return f"at age {quantity_words(age)}"
    if span := resource.get(f"{name}Range"):
        return f"{quantity_words(span.get('low', {}))} to {quantity_words(span.get('high', {}))}"
    return ""


def quantity_words(value: Json) -> str:
    """A Quantity in words."""
    number = f"{value.get('comparator', '')}{value.get('value', '?')}"
    return f"{number} {value.get('unit') or value.get('code', '')}".strip()


def limited(text: Any) -> str:
    """Words of the source, refused rather than cut when they are too many to be kept."""
    words = str(text).strip()
    if len(words) > MAX_WORDS:
        raise NotTaken(f"a text is longer than {MAX_WORDS} characters")
    return words
