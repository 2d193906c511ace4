"""Two or more regimens side by side by exposure: a teaching view, never a dose conversion."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openkap.core.pharmacology.concentration import WrongConcentration
from openkap.core.pharmacology.covariates import Covariates
from openkap.core.pharmacology.exposure import Exposure
from openkap.core.pharmacology.given_dose import GivenDose
from openkap.core.pharmacology.metrics import CurveSummary, summarise
from openkap.core.pharmacology.simulation import Population, simulate
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Analyte, PkModel

NOTE = "A teaching view of predicted exposure. It is not a dose conversion and must not be used as one."


@dataclass(frozen=True)
class Regimen:
    """Doses through a model, under a name."""

    name: str
    model: PkModel
    doses: tuple[GivenDose, ...]


@dataclass(frozen=True)
class Compared:
    """One regimen's exposure, and its curve summed up: typical (None on an assumed route) and the band's
    edges.
    """

    regimen: Regimen
    exposure: Exposure
    summaries: dict[str, CurveSummary]


def compare(
    regimens: Sequence[Regimen],
    covariates: Covariates,
    *,
    analyte: Analyte,
    until_min: float,
    level_ng_ml: float | None = None,
    population: Population | None = None,
) -> tuple[Compared, ...]:
    """Simulate each regimen minute by minute and sum up one analyte.

    Raises `WrongConcentration` where sampling sites differ: arterial and venous levels are not compared.
    """
    if len(regimens) < 2:
        raise BadInput("Comparing takes two regimens or more.", field="regimens")
    times = np.arange(0.0, until_min + 0.5)
    found = [
        _summed(
            regimen, simulate(regimen.model, regimen.doses, covariates, times, population), analyte, level_ng_ml
        )
        for regimen in regimens
    ]
    sites = {one.exposure.curve(analyte).site for one in found}
    if len(sites) > 1:
        names = " and ".join(sorted(sites))
        raise WrongConcentration(f"These models predict {names}; levels of different sites are not compared.")
    return tuple(found)


def _summed(regimen: Regimen, exposure: Exposure, analyte: Analyte, level: float | None) -> Compared:
    curve = exposure.curve(analyte)
    lines = {"typical": curve.typical, "p05": curve.p05, "p50": curve.p50, "p95": curve.p95}
    summaries = {
        name: summarise(exposure.times_min, values, level)
        for name, values in lines.items()
        if values is not None
    }
    return Compared(regimen, exposure, summaries)
