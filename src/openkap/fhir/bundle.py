"""A FHIR R4 bundle to one patient's chart. Pure.

What concerns who the patient is, or whether the file is what it says, refuses the file whole. A fault of one
entry leaves out that entry and says so: a chart with one unreadable line is better read than not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from openkap.fhir.clinical import read_allergy, read_condition, read_order, read_procedure, read_statement
from openkap.fhir.datatypes import NotTaken, concept
from openkap.fhir.observations import read_observations
from openkap.fhir.patients import read_patient
from openkap.fhir.reading import BadBundle, Json, parse
from openkap.fhir.validation import check_version, fault_of
from openkap.fhir.values import (
    ChartImport,
    Concept,
    ImportedAllergy,
    ImportedCondition,
    ImportedMedication,
    ImportedObservation,
    ImportedPatient,
    ImportedProcedure,
    Skipped,
)

READABLE_TYPES = ("transaction", "collection")
MAX_ENTRIES = 200_000
MAX_ID = 200
CLINICAL = frozenset(
    {"Condition", "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Observation", "Procedure"}
)
SUBJECTS = {"AllergyIntolerance": "patient"}

# Why kinds that are never taken over are not; any other kind has no place here yet.
NOT_KEPT = {
    "Medication": "named by the order that uses it",
    "Encounter": "visits elsewhere are not kept",
    "Immunization": "immunisations have no part in this treatment",
    "DiagnosticReport": "its results are taken over as observations",
    "Claim": "billing of another service",
    "ExplanationOfBenefit": "billing of another service",
    "Coverage": "billing of another service",
    "CarePlan": "a plan of another service",
    "CareTeam": "a team of another service",
    "Goal": "a goal of another service",
    "Organization": "an organisation elsewhere",
    "Practitioner": "a member of staff elsewhere",
    "PractitionerRole": "a member of staff elsewhere",
    "Location": "a place elsewhere",
    "MedicationDispense": "supply by a pharmacy; orders are taken over",
    "MedicationAdministration": "given elsewhere; orders are taken over",
    "FamilyMemberHistory": "family history is asked at the interview",
    "QuestionnaireResponse": "questionnaires are answered here",
    "DocumentReference": "documents are not taken over",
    "Provenance": "who recorded it elsewhere is not kept",
}
NO_PLACE = "this kind is not taken over"


@dataclass(frozen=True)
class Entry:
    """One entry of the bundle; `number` counts from 1, as a person would."""

    number: int
    full_url: str
    resource: Json

    @property
    def kind(self) -> str:
        return str(self.resource["resourceType"])

    @property
    def where(self) -> str:
        return f"Entry {self.number} ({self.kind})"

    @property
    def source_id(self) -> str:
        """The name its source gives it: its id, else its fullUrl; '' if it has neither."""
        return str(self.resource.get("id") or self.full_url)


@dataclass
class Found:
    """What has been taken over so far."""

    conditions: list[ImportedCondition] = field(default_factory=list)
    medications: list[ImportedMedication] = field(default_factory=list)
    allergies: list[ImportedAllergy] = field(default_factory=list)
    observations: list[ImportedObservation] = field(default_factory=list)
    procedures: list[ImportedProcedure] = field(default_factory=list)


def read_bundle(raw: bytes) -> ChartImport:
    """Read a transaction or collection Bundle about one patient.

    Raises `BadBundle` (a `BadInput`) if the bytes are not one: cut off, not JSON, not FHIR R4, no patient or
    more than one, facts of another patient.
    """
    bundle = parse(raw)
    _check_bundle(bundle)
    entries, skipped = _entries(bundle["entry"])
    person = _the_patient(entries)
    patient, left_out = read_patient(person.resource, person.full_url, person.where)
    by_reference = _by_reference(entries)
    found = Found()
    for entry in entries:
        if entry is not person:
            reason = _take(entry, person, by_reference, found)
            if reason:
                skipped[entry.kind, reason] += 1
    return ChartImport(
        source=_source(person, patient),
        patient=patient,
        conditions=tuple(found.conditions),
        medications=tuple(found.medications),
        allergies=tuple(found.allergies),
        observations=tuple(found.observations),
        procedures=tuple(found.procedures),
        skipped=(*left_out, *sorted(Skipped(kind, why, n) for (kind, why), n in skipped.items())),
        entries=len(bundle["entry"]),
    )


def _check_bundle(bundle: Json) -> None:
    kind = bundle.get("resourceType")
    if kind is None:
        raise BadBundle("The file is JSON, but not FHIR: it has no resourceType.")
    if kind != "Bundle":
        raise BadBundle(
            "The file holds a %(kind)s, not a Bundle. Export the whole chart as a bundle.", kind=_shown(kind)
        )
    if bundle.get("type") not in READABLE_TYPES:
        raise BadBundle(
            "The bundle is of type %(type)s; only transaction and collection bundles hold a chart.",
            type=_shown(bundle.get("type")),
        )
    if "implicitRules" in bundle:
        raise BadBundle("The bundle follows implicit rules that are not known here (Bundle.implicitRules).")
    if not isinstance(bundle.get("entry"), list) or not bundle["entry"]:
        raise BadBundle("The bundle has no entries.")
    if len(bundle["entry"]) > MAX_ENTRIES:
        raise BadBundle(
            "The bundle has more than %(most)s entries. Export a shorter span of the chart.", most=MAX_ENTRIES
        )


def _entries(items: list[Any]) -> tuple[list[Entry], Counter[tuple[str, str]]]:
    """The entries that hold a resource, and a count of those that only ask a server to do something."""
    entries: list[Entry] = []
    skipped = Counter[tuple[str, str]]()
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            raise BadBundle("Entry %(number)s is not an object.", number=number)
        method = item["request"].get("method", "") if isinstance(item.get("request"), dict) else ""
        if "resource" not in item and method in ("DELETE", "GET", "HEAD"):
            skipped["Bundle", f"a {method} request holds no resource"] += 1
            continue
        entries.append(_entry(number, item))
    _check_once(entries)
    return entries, skipped


def _entry(number: int, item: Json) -> Entry:
    resource = item.get("resource")
    if not isinstance(resource, dict):
        raise BadBundle("Entry %(number)s holds no resource.", number=number)
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or not kind.isascii() or not kind.isalpha() or len(kind) > 64:
        raise BadBundle("Entry %(number)s names no resourceType.", number=number)
    full_url = item.get("fullUrl", "")
    for name, value in (("fullUrl", full_url), ("id", resource.get("id", ""))):
        if not isinstance(value, str) or len(value) > MAX_ID:
            raise BadBundle(
                "Entry %(number)s (%(kind)s): its %(name)s is not a text of at most %(most)s characters.",
                number=number,
                kind=kind,
                name=name,
                most=MAX_ID,
            )
    check_version(resource, f"Entry {number} ({kind})")
    return Entry(number, full_url, resource)


def _check_once(entries: Iterable[Entry]) -> None:
    seen: dict[str, Entry] = {}
    for entry in entries:
        for name in _names(entry):
            other = seen.setdefault(name, entry)
            if other is not entry:
                raise BadBundle(
                    "Entries %(first)s and %(second)s are both %(name)s.",
                    first=other.number,
                    second=entry.number,
                    name=_shown(name),
                )


def _the_patient(entries: list[Entry]) -> Entry:
    patients = [entry for entry in entries if entry.kind == "Patient"]
    if not patients:
        raise BadBundle("The bundle has no Patient, so nobody to whom the facts belong.")
    if len(patients) > 1:
        numbers = ", ".join(str(entry.number) for entry in patients[:5])
        raise BadBundle(
            "The bundle has %(patients)s patients (entries %(numbers)s). Import one at a time.",
            patients=len(patients),
            numbers=numbers,
        )
    person = patients[0]
    if fault := _fault(person.resource):
        raise BadBundle("%(where)s: %(fault)s.", where=person.where, fault=fault)
    return person


def _source(person: Entry, patient: ImportedPatient) -> str:
    """The server the bundle comes from, else the system that numbered the patient."""
    if person.full_url.startswith(("http://", "https://")):
        return person.full_url.rpartition("/Patient/")[0] or person.full_url
    return patient.identifiers[0].system


def _fault(resource: Json) -> str | None:
    """Why the resource may not be read: FHIR forbids reading past a modifier that is not understood."""
    if "implicitRules" in resource:
        return "follows implicit rules that are not known here"
    if resource.get("modifierExtension"):
        return "carries a modifier extension that is not known here"
    return fault_of(resource)


def _names(entry: Entry) -> Iterator[str]:
    """What a reference may call the entry."""
    if entry.full_url:
        yield entry.full_url
    if entry.resource.get("id"):
        yield f"{entry.kind}/{entry.resource['id']}"


def _by_reference(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {name: entry for entry in entries for name in _names(entry)}


def _take(entry: Entry, person: Entry, by_reference: dict[str, Entry], found: Found) -> str | None:
    """Take over one entry. Returns the reason if it is left out."""
    if entry.kind not in CLINICAL:
        return NOT_KEPT.get(entry.kind, NO_PLACE)
    if fault := _fault(entry.resource):
        return f"not valid FHIR R4 ({fault})"
    if not entry.source_id:
        return "has neither id nor fullUrl, so a second import would take it over again"
    try:
        _check_subject(entry, person, by_reference)
        _read(entry, by_reference, found)
    except NotTaken as error:
        return error.reason
    return None


def _check_subject(entry: Entry, person: Entry, by_reference: dict[str, Entry]) -> None:
    """Facts about another person refuse the file; facts about no person are left out."""
    subject = entry.resource.get(SUBJECTS.get(entry.kind, "subject"))
    reference = (subject or {}).get("reference", "")
    if not reference or reference.startswith("#"):
        raise NotTaken("does not refer to the patient it is about")
    target = _resolve(reference, by_reference)
    if target is person:
        return
    kind = target.kind if target else (subject or {}).get("type") or _kind_in(reference)
    if kind in {"Group", "Device", "Location", "Substance"}:
        raise NotTaken(f"is about a {kind}, not about the patient")
    raise BadBundle(
        "%(where)s is about %(reference)s, who is not the patient of this bundle.",
        where=entry.where,
        reference=_shown(reference),
    )


def _resolve(reference: str, by_reference: dict[str, Entry]) -> Entry | None:
    return by_reference.get(reference.split("/_history/", maxsplit=1)[0])


def _kind_in(reference: str) -> str:
    parts = reference.split("/")
    return parts[-2] if len(parts) > 1 else ""


def _read(entry: Entry, by_reference: dict[str, Entry], found: Found) -> None:
    resource, name = entry.resource, entry.source_id

    def medicine_of(order: Json) -> Concept:
        return _medicine(order, by_reference)

    if entry.kind == "Condition":
        found.conditions.append(read_condition(resource, name))
    elif entry.kind == "MedicationRequest":
        found.medications.append(read_order(resource, name, medicine_of))
    elif entry.kind == "MedicationStatement":
        found.medications.append(read_statement(resource, name, medicine_of))
    elif entry.kind == "AllergyIntolerance":
        found.allergies.append(read_allergy(resource, name))
    elif entry.kind == "Observation":
        found.observations.extend(read_observations(resource, name))
    else:
        found.procedures.append(read_procedure(resource, name))


def _medicine(order: Json, by_reference: dict[str, Entry]) -> Concept:
    """What is ordered: said in place, in a contained Medication, or in one of the bundle."""
    said = f"{order['resourceType']}.medication"
    if "medicationReference" not in order:
        return concept(order.get("medicationCodeableConcept"), said)
    reference = order["medicationReference"].get("reference", "")
    for inside in order.get("contained", []):
        if reference == f"#{inside.get('id')}":
            return concept(inside.get("code"), said)
    target = _resolve(reference, by_reference)
    if target is None or target.kind != "Medication":
        display = order["medicationReference"].get("display")
        if display:
            return concept({"text": display}, said)
        raise NotTaken(f"{said} refers to something that is not in the bundle")
    if fault := _fault(target.resource):
        raise NotTaken(f"{said} refers to a resource that is not valid FHIR R4 ({fault})")
    return concept(target.resource.get("code"), said)


def _shown(value: object) -> str:
    """A value of the file in a message: short, and visibly a quotation."""
    return repr(value if not isinstance(value, str) else value[:80])[:90]
