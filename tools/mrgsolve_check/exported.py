"""What is taken to mrgsolve by way of our export: every shipped model by every route, for two people."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from openkap.core.pharmacology import Covariates, Drug, GivenDose, PkModel, Route
from openkap.core.pharmacology.assembly import measured_of
from openkap.core.pharmacology.export import numbers_of, symbol_of
from openkap.core.pharmacology.export_records import to_records
from openkap.core.pharmacology.plan import plan_of
from openkap.knowledge.loader import read_kind

TIMES = (3.0, 10.0, 25.0, 41.0, 70.0, 95.0, 150.0, 240.0, 480.0, 1000.0)
LOOKED_AT = (15.0, 60.0, 240.0)
REFERENCE: dict[str, Any] = {"weight_kg": 70.0}
OTHER: dict[str, Any] = {"weight_kg": 94.0, "age_years": 71.0, "asian": True, "japanese": True}


@dataclass(frozen=True)
class Run:
    """One model, what is given, to whom, and when to look; `analytes` are what it says of these doses."""

    model: str
    doses: list[dict[str, Any]]
    person: dict[str, Any]
    times: Sequence[float]
    analytes: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    records: str = ""

    @property
    def asked(self) -> dict[str, Any]:
        """As the R script wants it."""
        symbols = [symbol_of(analyte) for analyte in self.analytes]
        return {"model": self.model, "records": self.records, "symbols": symbols, "places": self.places}

    @property
    def kept(self) -> dict[str, Any]:
        """As it is stored: the records by their fingerprint."""
        found = asdict(self)
        del found["places"]
        return found | {"records": fingerprint(self.records), "times": list(self.times)}


def fingerprint(text: str) -> str:
    """Of the part of an export that is worked with: what comes before the parameters is for people."""
    return hashlib.sha256(text[text.find("$PARAM") + 1 :].encode()).hexdigest()[:16]


def models() -> dict[str, PkModel]:
    return read_kind("pk_models", PkModel)


def doses_of(kept: Sequence[dict[str, Any]]) -> list[GivenDose]:
    return [GivenDose(**one | {"drug": Drug(one["drug"]), "route": Route(one["route"])}) for one in kept]


def typical_runs() -> Iterator[Run]:
    """Each route with its first drug, and the vein with every drug it has."""
    for name, model in models().items():
        for route, form in model.structure.routes.items():
            for drug in form.drugs if route is Route.IV else form.drugs[:1]:
                for person in (REFERENCE, OTHER):
                    yield run_of(name, _given(drug, route), person, TIMES)


def spread_runs() -> Iterator[Run]:
    """One dose of each model that has variances, by its first route."""
    for name, model in models().items():
        if model.variability.between_subject:
            route, form = next(iter(model.structure.routes.items()))
            yield run_of(name, _given(form.drugs[0], route)[:1], REFERENCE, LOOKED_AT)


def run_of(name: str, doses: list[dict[str, Any]], person: dict[str, Any], times: Sequence[float]) -> Run:
    """With the records that go with it, and where each analyte is seen."""
    model, given = models()[name], doses_of(doses)
    measured = measured_of(model, plan_of(model, given, times).entries)
    numbers = numbers_of(model)
    analytes, places = [str(m.analyte) for m in measured], [numbers[m.compartment] for m in measured]
    records = to_records(model, given, Covariates(**person), times)
    return Run(name, doses, person, times, analytes, places, records)


def _given(drug: Drug, route: Route) -> list[dict[str, Any]]:
    """By vein an infusion and a bolus later; by nose three devices and two more later; else two doses."""

    def one(amount: float, start: float, span: float = 0.0) -> dict[str, Any]:
        return {
            "amount_mg": amount,
            "drug": str(drug),
            "route": str(route),
            "start_min": start,
            "span_min": span,
        }

    if route is Route.IV:
        return [one(35.0, 0.0, 40.0), one(10.0, 90.0)]
    return [one(84.0, 0.0), one(56.0, 300.0)] if route is Route.IN else [one(50.0, 0.0), one(25.0, 300.0)]
