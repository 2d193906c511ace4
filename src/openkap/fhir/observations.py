"""FHIR Observation to plain values: one per component, or one for the whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from openkap.fhir.datatypes import (
    NotTaken,
    concept,
    flag,
    limited,
    moment,
    moment_or_start,
    one_of,
    quantity_words,
)
from openkap.fhir.reading import Json
from openkap.fhir.values import UCUM, Concept, ImportedObservation
from openkap.units.partial_dates import PartialDate

ERROR = "entered-in-error"
STATUS = frozenset(
    {"registered", "preliminary", "final", "amended", "corrected", "cancelled", ERROR, "unknown"}
)
NOT_A_RESULT = {
    "registered": "has no result yet",
    "cancelled": "was cancelled",
    "unknown": "its status is unknown",
}
CATEGORIES = (
    "vital-signs",
    "laboratory",
    "survey",
    "exam",
    "imaging",
    "procedure",
    "social-history",
    "therapy",
)
COMPARATORS = frozenset({"<", "<=", ">=", ">"})
NUMBERS = frozenset({"valueQuantity", "valueInteger"})
# What is kept: sixteen places before the point, twenty after it.
LARGEST = Decimal(10) ** 16
SMALLEST = Decimal(10) ** -20


@dataclass(frozen=True)
class _Whole:
    """What an Observation says of all its values."""

    source_id: str
    concept: Concept
    status: str
    category: str
    measured: PartialDate | None


def read_observations(resource: Json, source_id: str) -> list[ImportedObservation]:
    """The value of an Observation and of each of its components that has one. Raises `NotTaken`."""
    said = one_of(resource.get("status"), STATUS, "Observation.status")
    if said in NOT_A_RESULT:
        raise NotTaken(NOT_A_RESULT[said])
    if resource.get("focus"):
        raise NotTaken("is about someone or something else (Observation.focus)")
    what = concept(resource.get("code"), "Observation.code")
    found = list(_parts(resource, _Whole(source_id, what, said, _category(resource), _measured(resource))))
    if not found:
        raise NotTaken(_why_empty(resource))
    return found


def _parts(resource: Json, whole: _Whole) -> Iterator[ImportedObservation]:
    if _value_field(resource):
        yield _value(resource, whole.source_id, whole.concept, whole)
    for number, component in enumerate(resource.get("component", [])):
        if _value_field(component):
            part = concept(component.get("code"), "Observation.component.code")
            yield _value(component, f"{whole.source_id}#{number}", part, whole)


def _measured(resource: Json) -> PartialDate | None:
    """When it was true of the patient. Not `issued`, which says when somebody made it known."""
    if "effectiveTiming" in resource:
        raise NotTaken("was measured over a timing, not at a time")
    return moment_or_start(resource, "effective", "Observation.effective")


def _category(resource: Json) -> str:
    codes = {coding.get("code") for item in resource.get("category", []) for coding in item.get("coding", [])}
    return next((name for name in CATEGORIES if name in codes), "")


def _value_field(part: Json) -> str | None:
    return next((name for name in part if name.startswith("value")), None)


def _why_empty(resource: Json) -> str:
    if resource.get("hasMember"):
        return "a panel: its members are taken over one by one"
    reason = resource.get("dataAbsentReason")
    return (
        f"has no value ({concept(reason, 'Observation.dataAbsentReason').text})" if reason else "has no value"
    )


def _value(part: Json, source_id: str, what: Concept, whole: _Whole) -> ImportedObservation:
    field = _value_field(part) or ""
    quantity = part[field] if field == "valueQuantity" else {}
    if field == "valueInteger":
        quantity = {"value": part[field]}
    value_concept = concept(part[field], "Observation.value") if field == "valueCodeableConcept" else None
    return ImportedObservation(
        source_id=source_id,
        withdrawn=whole.status == ERROR,
        concept=what,
        panel=None if what is whole.concept else whole.concept,
        category=whole.category,
        status=whole.status,
        measured=whole.measured,
        value=_number(quantity) if field in NUMBERS else None,
        comparator=_comparator(quantity),
        unit=limited(quantity.get("unit") or quantity.get("code", "")),
        unit_code=limited(quantity.get("code", "")) if quantity.get("system") == UCUM else "",
        value_text=_words(part, field, value_concept),
        value_concept=value_concept,
    )


def _number(quantity: Json) -> Decimal:
    said = quantity.get("value")
    if said is None:
        raise NotTaken("has no value")
    if isinstance(said, bool) or not isinstance(said, int | Decimal):
        raise NotTaken("Observation.value is not a number")
    number = Decimal(said)
    if number and not SMALLEST <= abs(number) < LARGEST:
        raise NotTaken("its value is out of range")
    return number


def _comparator(quantity: Json) -> str:
    said = quantity.get("comparator", "")
    if said and said not in COMPARATORS:
        raise NotTaken("Observation.value has a comparator that is not of FHIR R4")
    return str(said)


def _words(part: Json, field: str, value_concept: Concept | None) -> str:
    if value_concept:
        return value_concept.text
    if field in NUMBERS:
        return ""
    if field == "valueBoolean":
        return "yes" if flag(part[field], "Observation.valueBoolean") else "no"
    if field in {"valueString", "valueTime"}:
        return limited(part[field])
    if field == "valueDateTime":
        return str(moment(part[field], "Observation.valueDateTime"))
    if field == "valueRange":
        return f"{quantity_words(part[field].get('low', {}))} to {quantity_words(part[field].get('high', {}))}"
    raise NotTaken(f"its value is a {field.removeprefix('value')}, which is not taken over")
