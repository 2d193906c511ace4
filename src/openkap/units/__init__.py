"""Quantities, spans of time and doses. Nothing else in OpenKAP reads '25 mg'."""

from openkap.units.dose import (
    BASE_PER_HYDROCHLORIDE,
    Basis,
    Dose,
    DoseInstruction,
    Drug,
    Route,
    parse_dose,
    parse_dose_instruction,
)
from openkap.units.quantity import (
    BadUnit,
    Quantity,
    canonical_unit,
    parse_decimal,
    parse_quantity,
    same_dimension,
)
from openkap.units.span import format_span, parse_span

__all__ = [
    "BASE_PER_HYDROCHLORIDE",
    "BadUnit",
    "Basis",
    "Dose",
    "DoseInstruction",
    "Drug",
    "Quantity",
    "Route",
    "canonical_unit",
    "format_span",
    "parse_decimal",
    "parse_dose",
    "parse_dose_instruction",
    "parse_quantity",
    "parse_span",
    "same_dimension",
]
