"""Two or more regimens side by side by exposure: a teaching view, never a dose conversion."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.concentration import WrongConcentration
from openkap.core.pharmacology.covariates import Covariates
from openkap.core.pharmacology.exposure import Exposure
from openkap.core.pharmacology.given_dose import GivenDose
from openkap.core.pharmacology.metrics import CurveSummary, summarise
from openkap.core.pharmacology.plan import plan_of
from openkap.core.pharmacology.simulation import Population, simulate
from openkap.core.pharmacology.spread import Spread, spread
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Analyte, PkModel

Floats = npt.NDArray[np.float64]

LONGEST_MIN = 1e6  # minute by minute, for everybody
_JUST_MIN = 1e-6  # before a dose
NOTE = "A teaching view of predicted exposure. It is not a dose conversion and must not be used as one."


@dataclass(frozen=True)
class Regimen:
    """Doses through a model, under a name."""

    name: str
    model: PkModel
    doses: tuple[GivenDose, ...]


@dataclass(frozen=True)
class Compared:
    """One regimen's exposure, and its curve summed up: `typical` (None on an assumed route), and what people
    come to, each one's own peak, time and area (`people`: None without a population).
    """

    regimen: Regimen
    exposure: Exposure
    typical: CurveSummary | None
    people: Spread | None


def compare(
    regimens: Sequence[Regimen],
    covariates: Covariates,
    *,
    analyte: Analyte,
    until_min: float,
    level_ng_ml: float | None = None,
    population: Population | None = None,
) -> tuple[Compared, ...]:
    """Simulate each regimen minute by minute and sum up one analyte. A model with variances of its own takes
    no borrowed ones.

    Raises `WrongConcentration` where sampling sites differ: arterial and venous levels are not compared.
    """
    if len(regimens) < 2:
        raise BadInput("Comparing takes two regimens or more.", field="regimens")
    if not 0.0 < until_min <= LONGEST_MIN:
        raise BadInput(f"until: must be more than 0 and at most {LONGEST_MIN:.0f} minutes.", field="until")
    found = [
        _summed(
            one,
            covariates,
            _times(one, until_min),
            analyte=analyte,
            level=level_ng_ml,
            population=population,
        )
        for one in regimens
    ]
    sites = {one.exposure.curve(analyte).site for one in found}
    if len(sites) > 1:
        names = " and ".join(sorted(sites))
        raise WrongConcentration(f"These models predict {names}; levels of different sites are not compared.")
    return tuple(found)


def _summed(
    regimen: Regimen,
    covariates: Covariates,
    times: Floats,
    *,
    analyte: Analyte,
    level: float | None,
    population: Population | None,
) -> Compared:
    model, doses = regimen.model, regimen.doses
    plan = plan_of(model, doses, times)
    people = _people_of(model, population)
    if people is None and any(entry.route.is_assumed for entry in plan.entries):
        people = Population()
    exposure = simulate(model, doses, covariates, times, people)
    line = exposure.curve(analyte).typical
    return Compared(
        regimen,
        exposure,
        None if line is None else summarise(times, line, level),
        None
        if people is None
        else spread(model, doses, covariates, times, people, analyte=analyte, level_ng_ml=level),
    )


def _times(regimen: Regimen, until_min: float) -> Floats:
    """Every minute to the end, when each dose begins and ends, and just before it begins: a push between two
    minutes has its peak there, and nothing of it earlier.
    """
    starts = [dose.start_min for dose in regimen.doses]
    before = [start - _JUST_MIN for start in starts]
    edges = np.array([*before, *starts, *(dose.end_min for dose in regimen.doses)])
    first = min(0.0, *starts)
    inside = edges[(edges >= first) & (edges <= until_min)]
    return np.unique(np.concatenate([np.arange(first, until_min), [until_min], inside]))


def _people_of(model: PkModel, population: Population | None) -> Population | None:
    """The population as this model takes it: one with variances of its own borrows none."""
    if population is None or not model.variability.between_subject:
        return population
    return replace(population, borrow=None)
