"""Imported facts as the columns of their rows, and the digest by which a changed fact is told."""

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeAlias

from openkap.fhir.values import (
    Concept,
    ImportedAllergy,
    ImportedCondition,
    ImportedMedication,
    ImportedObservation,
    ImportedPatient,
    ImportedProcedure,
)
from openkap.units.partial_dates import PartialDate

ImportedFact: TypeAlias = (
    ImportedAllergy | ImportedCondition | ImportedMedication | ImportedObservation | ImportedProcedure
)
Columns: TypeAlias = dict[str, Any]


def digest(value: ImportedFact | ImportedPatient) -> str:
    """SHA-256 over all that was read of a resource, whatever order it was written in."""
    return hashlib.sha256(json.dumps(asdict(value), sort_keys=True, default=str).encode()).hexdigest()


def columns_of(fact: ImportedFact) -> Columns:
    """The columns of the fact's own table."""
    columns = _what(fact.concept) | {"is_withdrawn": fact.withdrawn}
    match fact:
        case ImportedCondition():
            return columns | _condition(fact)
        case ImportedMedication():
            return columns | _medication(fact)
        case ImportedAllergy():
            return columns | _allergy(fact)
        case ImportedObservation():
            return columns | _observation(fact)
        case ImportedProcedure():
            return columns | {"status": fact.status, "performed": fact.performed, "ended": fact.ended}


def _what(concept: Concept) -> Columns:
    first = concept.codings[0] if concept.codings else None
    return {
        "text": concept.text,
        "code_system": first.system if first else "",
        "code": first.code if first else "",
        "codings": _codings(concept),
    }


def _codings(concept: Concept | None) -> list[dict[str, str]]:
    return [asdict(coding) for coding in concept.codings] if concept else []


def _condition(fact: ImportedCondition) -> Columns:
    return {
        "clinical_status": fact.clinical_status,
        "verification_status": fact.verification_status,
        "onset": fact.onset,
        "onset_text": fact.onset_text,
        "abatement": fact.abatement,
        "abatement_text": fact.abatement_text,
        "noted": fact.recorded,
    }


def _medication(fact: ImportedMedication) -> Columns:
    return {
        "kind": fact.kind,
        "status": fact.status,
        "authored": fact.authored,
        "began": fact.began,
        "ended": fact.ended,
        "dosage": fact.dosage,
        "as_needed": fact.as_needed,
    }


def _allergy(fact: ImportedAllergy) -> Columns:
    return {
        "kind": fact.kind,
        "categories": list(fact.categories),
        "clinical_status": fact.clinical_status,
        "verification_status": fact.verification_status,
        "criticality": fact.criticality,
        "onset": fact.onset,
        "noted": fact.recorded,
        "reactions": fact.reactions,
    }


def _observation(fact: ImportedObservation) -> Columns:
    return {
        "category": fact.category,
        "status": fact.status,
        "panel_id": fact.source_id.partition("#")[0] if fact.panel else "",
        "panel_text": fact.panel.text if fact.panel else "",
        "measured": fact.measured,
        "measured_at": instant_of(fact.measured),
        "value": fact.value,
        "comparator": fact.comparator,
        "unit": fact.unit,
        "unit_code": fact.unit_code,
        "value_text": fact.value_text,
        "value_codings": _codings(fact.value_concept),
    }


def instant_of(moment: PartialDate | None) -> datetime | None:
    """For sorting: the instant, or the start of the first day it may have been, in UTC."""
    if moment is None:
        return None
    return moment.at or datetime.combine(moment.first, datetime.min.time(), tzinfo=UTC)
