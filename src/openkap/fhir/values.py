"""What a bundle says about one patient, as plain values. Pure: no file, no network, no database.

Every fact carries `source_id`, the name its source gives it, and `withdrawn`: the source says that it was
entered in error, so that it replaces what an earlier import took over and is itself never shown as a fact.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openkap.units.partial_dates import PartialDate

LOINC = "http://loinc.org"
SNOMED_CT = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True)
class Coding:
    """One code of one system, with the words the source put beside it."""

    system: str
    code: str
    display: str


@dataclass(frozen=True)
class Concept:
    """What something is: all codings of the source, and words for people (never empty)."""

    text: str
    codings: tuple[Coding, ...]

    def code_in(self, system: str) -> str | None:
        """The first code of `system`, or None."""
        return next((coding.code for coding in self.codings if coding.system == system), None)


@dataclass(frozen=True)
class ImportedIdentifier:
    """A number another system knows the patient by."""

    system: str
    value: str


@dataclass(frozen=True)
class ImportedContact:
    """Whom to call in an emergency."""

    name: str
    phone: str
    relation: str


@dataclass(frozen=True)
class ImportedPatient:
    """Who the bundle is about. `sex` is FHIR's administrative gender."""

    source_id: str
    identifiers: tuple[ImportedIdentifier, ...]
    family_name: str
    given_name: str
    birth_date: date
    sex: str
    phone: str
    email: str
    address: str
    contact: ImportedContact | None
    is_deceased: bool
    deceased: PartialDate | None


@dataclass(frozen=True)
class ImportedCondition:
    """A problem or diagnosis. A status that was not given is '' (unknown), never 'active' or 'resolved'."""

    source_id: str
    withdrawn: bool
    concept: Concept
    clinical_status: str
    verification_status: str
    onset: PartialDate | None
    onset_text: str
    abatement: PartialDate | None
    abatement_text: str
    recorded: PartialDate | None


@dataclass(frozen=True)
class ImportedMedication:
    """A medicine ordered (`kind` 'order') or said to be taken (`kind` 'statement')."""

    source_id: str
    withdrawn: bool
    kind: str
    concept: Concept
    status: str
    authored: PartialDate | None
    began: PartialDate | None
    ended: PartialDate | None
    dosage: str
    as_needed: bool | None


@dataclass(frozen=True)
class ImportedAllergy:
    """An allergy or intolerance, or the statement that there is none."""

    source_id: str
    withdrawn: bool
    concept: Concept
    kind: str
    categories: tuple[str, ...]
    clinical_status: str
    verification_status: str
    criticality: str
    onset: PartialDate | None
    recorded: PartialDate | None
    reactions: str


@dataclass(frozen=True)
class ImportedObservation:
    """One measured or answered value. A component (systolic pressure) is one too and names its `panel`.

    A number keeps all its digits and its unit: `unit_code` is UCUM or ''. Other answers are `value_text`,
    with `value_concept` where they are coded.
    """

    source_id: str
    withdrawn: bool
    concept: Concept
    panel: Concept | None
    category: str
    status: str
    measured: PartialDate | None
    value: Decimal | None
    comparator: str
    unit: str
    unit_code: str
    value_text: str
    value_concept: Concept | None


@dataclass(frozen=True)
class ImportedProcedure:
    """Something that was done."""

    source_id: str
    withdrawn: bool
    concept: Concept
    status: str
    performed: PartialDate | None
    ended: PartialDate | None


@dataclass(frozen=True, order=True)
class Skipped:
    """`n` resources of one `type` that were not taken over, and why."""

    type: str
    reason: str
    n: int


@dataclass(frozen=True)
class ChartImport:
    """One bundle, read. `entries` counts its entries: each was taken over or is in `skipped`.

    `source` names the system the ids of the facts belong to, so that those of two hospitals never mix.

    A `skipped` type with a dot, such as 'Patient.identifier', is part of a resource that was taken over.
    """

    source: str
    patient: ImportedPatient
    conditions: tuple[ImportedCondition, ...]
    medications: tuple[ImportedMedication, ...]
    allergies: tuple[ImportedAllergy, ...]
    observations: tuple[ImportedObservation, ...]
    procedures: tuple[ImportedProcedure, ...]
    skipped: tuple[Skipped, ...]
    entries: int
