"""The treatments one can name, found by what people call them; a chart's medicine as the start of a trial."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from openkap.apps.assessment.models.treatment import Ended, Role, ToldBy
from openkap.apps.chart.forms import in_language
from openkap.errors import BadInput
from openkap.knowledge.schema.past_treatment import NamedTreatment, TreatmentClass
from openkap.units import parse_quantity

if TYPE_CHECKING:
    from openkap.apps.chart.models import MedicationUse

_AMOUNT = re.compile(r"\d+(?:\.\d+)?\s*(?:mg|µg|ug|mcg|g)\b", re.IGNORECASE)
STILL_TAKEN = frozenset({"active", "on-hold"})


@dataclass(frozen=True)
class Names:
    """The `past_treatments` records, by what their treatments are called."""

    classes: tuple[TreatmentClass, ...]

    @classmethod
    def of_records(cls, records: Mapping[str, TreatmentClass]) -> "Names":
        """The names of a knowledge set."""
        return cls(tuple(sorted(records.values(), key=lambda one: one.order)))

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], str]:
        return {
            (one.kind, called.casefold()): treatment.id
            for one in self.classes
            for treatment in one.treatments
            for called in _called(treatment)
        }

    @cached_property
    def _by_id(self) -> dict[str, tuple[NamedTreatment, TreatmentClass]]:
        return {treatment.id: (treatment, one) for one in self.classes for treatment in one.treatments}

    def by_name(self, name: str, kind: str) -> str:
        """The id of what is called so, in either language or by another name; '' when not in the list."""
        return self._by_name.get((kind, name.strip().casefold()), "")

    def of(self, treatment: str) -> str:
        """What it is called in the reader's language; '' when not in the list."""
        found = self._by_id.get(treatment)
        return in_language(found[0].name) if found else ""

    def class_of(self, drug_class: str) -> str:
        """What a class is called in short, in the reader's language."""
        found = next((one for one in self.classes if one.drug_class == drug_class), None)
        return in_language(found.short) if found else ""

    def drug_classes(self) -> list[tuple[str, str]]:
        """Classes of medicines to choose from."""
        return [(one.drug_class, in_language(one.title)) for one in self.classes if one.kind == "drug"]

    def listed(self, kind: str) -> list[tuple[str, str]]:
        """Names to choose from, each with its class in short, by name."""
        found = [
            (in_language(treatment.name), in_language(one.short))
            for one in self.classes
            if one.kind == kind
            for treatment in one.treatments
        ]
        return sorted(found, key=lambda pair: pair[0].casefold())

    def found_in(self, text: str) -> str:
        """The first medicine of the list that a chart's entry names; '' when none."""
        said = text.casefold()
        places = [
            (said.find(called.casefold()), treatment.id)
            for one in self.classes
            if one.kind == "drug"
            for treatment in one.treatments
            for called in _called(treatment)
            if re.search(rf"\b{re.escape(called)}\b", text, re.IGNORECASE)
        ]
        return min(places)[1] if places else ""

    def role_of(self, treatment: str) -> str:
        """What it is mostly given for."""
        found = self._by_id.get(treatment)
        return found[1].usual_role if found else Role.MAIN.value


def from_chart(rows: Iterable["MedicationUse"], names: Names, used: set[Any]) -> list["MedicationUse"]:
    """The chart's medicines that the list knows and that were not made into a trial yet."""
    return [row for row in rows if row.public_id not in used and names.found_in(row.text)]


def as_trial(row: "MedicationUse", names: Names) -> dict[str, Any]:
    """What a medicine of the chart says of a trial: name, dates, the strength it names. The rest is asked."""
    treatment = names.found_in(row.text)
    initial: dict[str, Any] = {
        "name": names.of(treatment) or row.text[:120],
        "role": names.role_of(treatment),
        "began": row.began or row.authored,
        "ended": row.ended,
        "told_by": ToldBy.RECORD,
        "note": row.text if not row.dosage else f"{row.text}; {row.dosage}",
    }
    if row.ended is None and row.status in STILL_TAKEN:
        initial["why_ended"] = Ended.ONGOING
    return initial | _strength(f"{row.text} {row.dosage}")


def _strength(text: str) -> dict[str, Any]:
    """The first amount in a text; how often it is taken is not read from it."""
    found = _AMOUNT.search(text)
    if found is None:
        return {}
    try:
        amount: Decimal = parse_quantity(found[0].casefold()).to("mg").magnitude  # charts write MG
    except BadInput:
        return {}
    return {"dose": Decimal(f"{amount.normalize():f}"), "dose_unit": "mg"}


def _called(treatment: NamedTreatment) -> tuple[str, ...]:
    names = [treatment.name.en, treatment.name.es or "", *treatment.also]
    return tuple(dict.fromkeys(name for name in names if name))
