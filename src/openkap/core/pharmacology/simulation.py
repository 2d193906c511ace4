"""Concentrations over time for one person: the typical line, and the band of people like them.

`forecast` is the form the session console calls; `simulate` is the general one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.assumptions import Assumption, assumptions_of, without_residual
from openkap.core.pharmacology.covariates import Covariates, check_range
from openkap.core.pharmacology.exposure import Band, Curve, Exposure
from openkap.core.pharmacology.given_dose import GivenDose
from openkap.core.pharmacology.individuals import DEFAULT_VARY, Draws, Vary, check_population, varying
from openkap.core.pharmacology.linear_system import Status
from openkap.core.pharmacology.plan import Plan, analytes_of, plan_of, site_of
from openkap.core.pharmacology.quantiles import CountedQuantiles, ExactQuantiles, Quantiles
from openkap.core.pharmacology.running import Samples, run_both, run_drawn, run_typical, worse
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Analyte, PkModel

Floats = npt.NDArray[np.float64]
Subjects = npt.NDArray[np.int64]

UNIT = "ng/mL"
FEWEST = 20  # with fewer people a 5 % quantile means nothing
MOST = 10_000_000
_BAND_SUBJECTS = 500
_CHUNK = 1_000  # people drawn at once, fewer where many times are asked for
_CHUNK_NUMBERS = 300_000
_EXACT_NUMBERS = 4_000_000  # per analyte: beyond, quantiles are counted


@dataclass(frozen=True, kw_only=True)
class Population:
    """A band's people: how many, which stream, what varies. `borrow` lends variances to a model without any."""

    size: int = _BAND_SUBJECTS
    seed: int = 0
    vary: frozenset[Vary] = DEFAULT_VARY
    borrow: PkModel | None = None

    def __post_init__(self) -> None:
        if not FEWEST <= self.size <= MOST:
            raise BadInput(
                "A population has %(fewest)s to %(most)s people.", field="population", fewest=FEWEST, most=MOST
            )
        if not 0 <= self.seed < 2**63:
            raise BadInput("A seed is a whole number from 0 on.", field="seed")


def forecast(
    model: PkModel,
    given: Sequence[GivenDose],
    covariates: Covariates,
    times_min: Sequence[float],
    *,
    subjects: int = 300,
    seed: int = 0,
) -> Exposure:
    """The exposure from doses really given (and any planned rest), as the session console draws it.

    `given` in order of start: amounts in mg of free base, minutes from the session's zero. `times_min`
    ascending. Values in ng/mL. Racemic ketamine in an S model gives `S-ketamine`, derived `R-ketamine` and
    their sum `ketamine`. The band is 5 to 95 % of people like this one, without measurement error. Equal
    calls are answered from a cache, so that the console may ask every second. Raises `BadInput`.
    """
    times = tuple(float(t) for t in times_min)
    band = Population(size=subjects, seed=seed)
    return _forecast(_Held(model), tuple(given), covariates, times, band)


def simulate(
    model: PkModel,
    doses: Sequence[GivenDose],
    covariates: Covariates,
    times_min: Sequence[float] | Floats,
    population: Population | None = None,
) -> Exposure:
    """Predict every analyte the model has at ascending times (minutes), typical and, with a population, as a
    band.

    Bands hold between-subject and between-occasion variability of the true concentration; residual error only
    where `population.vary` asks for it. An assumed route always gets a band and never a typical line. Raises
    `BadInput` naming the dose, covariate or time that cannot be used.
    """
    plan = plan_of(model, doses, times_min)
    assumed = any(entry.route.is_assumed for entry in plan.entries)
    people = population or (Population() if assumed else None)
    line: Samples | None
    bands: Bands | None
    if people is None:
        line, bands = run_typical(plan, covariates), None
    else:
        line, bands = _with_band(plan, covariates, people, assumed=assumed)
    return exposure_of(plan, doses=doses, covariates=covariates, people=people, line=line, bands=bands)


def samples(
    model: PkModel,
    doses: Sequence[GivenDose],
    people: Sequence[Covariates],
    times_min: Sequence[float] | Floats,
    draws: Draws,
) -> Samples:
    """Each person's own concentrations. `people` and `draws.subjects` go together, one each (or one for all).

    Any part of a cohort can be asked for apart: a person depends on the seed and their number only.
    """
    plan = plan_of(model, doses, times_min)
    check_population(model, draws)
    return run_drawn(plan, people, draws)


@dataclass(frozen=True)
class Bands:
    """Quantiles of each analyte, (levels, times), how they were found, and how the people were solved."""

    quantiles: dict[Analyte, Floats]
    method: str
    relative_error: float
    status: Status


class _Held:
    """A record as a cache key: equal when its id and version are."""

    def __init__(self, model: PkModel) -> None:
        self.model = model
        self._key = (model.id, model.version)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other._key == self._key


@lru_cache(maxsize=256)
def _forecast(
    held: _Held,
    given: tuple[GivenDose, ...],
    covariates: Covariates,
    times: tuple[float, ...],
    band: Population,
) -> Exposure:
    return simulate(held.model, given, covariates, times, band)


def _with_band(
    plan: Plan, covariates: Covariates, people: Population, *, assumed: bool
) -> tuple[Samples | None, Bands]:
    """The typical line, unless it rests on assumptions; and quantiles over the population, in chunks that are
    thrown away.
    """
    numbers: Mapping[Analyte, Quantiles] = {
        analyte: ExactQuantiles() if people.size * len(plan.times) <= _EXACT_NUMBERS else CountedQuantiles()
        for analyte in analytes_of(plan)
    }
    line: Samples | None = None
    statuses: list[Status] = []
    for chunk in chunks_of(people.size, len(plan.times)):
        draws = Draws(people.seed, chunk, people.vary, people.borrow)
        check_population(plan.model, draws)
        if statuses or assumed:
            part = run_drawn(plan, [covariates], draws)
        else:
            line, part = run_both(plan, covariates, draws)
        statuses.append(part.status)
        for analyte, values in part.values.items():
            numbers[analyte].add(values)
    any_one = next(iter(numbers.values()))
    results = {analyte: quantiles.result() for analyte, quantiles in numbers.items()}
    return line, Bands(results, any_one.method, any_one.relative_error, reduce(worse, statuses))


def chunks_of(size: int, times: int) -> Iterator[Subjects]:
    """Subjects by number, so many at once that their values at so many times stay within bounds."""
    each = max(min(_CHUNK, _CHUNK_NUMBERS // times), FEWEST)
    for first in range(0, size, each):
        yield np.arange(first, min(first + each, size), dtype=np.int64)


def exposure_of(
    plan: Plan,
    *,
    doses: Sequence[GivenDose],
    covariates: Covariates,
    people: Population | None,
    line: Samples | None,
    bands: Bands | None,
) -> Exposure:
    """What is said of a run: its curves, and all that a reader must know of them."""
    curves = []
    for analyte in analytes_of(plan):
        typical = None if line is None else line.values[analyte][0]
        low, middle, high = (None, None, None) if bands is None else bands.quantiles[analyte]
        curves.append(Curve(analyte, site_of(plan, analyte), UNIT, typical, low, middle, high))
    checked = check_range(plan.model, covariates, doses)
    statuses = [part.status for part in (line, bands) if part is not None]
    return Exposure(
        model_id=plan.model.id,
        model_version=plan.model.version,
        verification=plan.model.verification,
        times_min=plan.times_min,
        base_dose_mg=_base_dose(doses),
        curves=tuple(curves),
        assumptions=_assumptions(plan, covariates, people),
        warnings=plan.model.warnings,
        range_state=checked.state,
        range_reasons=checked.reasons,
        status=statuses[0] if len(statuses) == 1 else worse(*statuses),
        band=_band(plan.model, people, bands),
    )


def _assumptions(plan: Plan, covariates: Covariates, people: Population | None) -> tuple[Assumption, ...]:
    if people is None:
        return assumptions_of(plan, covariates, None)
    said = assumptions_of(plan, covariates, people.borrow)
    return (*said, *without_residual(plan)) if Vary.RESIDUAL in people.vary else said


def _band(model: PkModel, people: Population | None, bands: Bands | None) -> Band | None:
    if people is None or bands is None:
        return None
    there = varying(model, people.vary, people.borrow)
    return Band(
        people.size,
        people.seed,
        tuple(sorted(there)),
        tuple(sorted(people.vary - there)),
        bands.method,
        bands.relative_error,
    )


def _base_dose(doses: Sequence[GivenDose]) -> dict[str, float]:
    total: dict[str, float] = {}
    for dose in doses:
        total[str(dose.drug)] = total.get(str(dose.drug), 0.0) + dose.amount_mg
    return total
