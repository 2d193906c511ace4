"""What the curves of people like one person amount to: 5, 50 and 95 % of their own peaks, areas and times.

The edge of a band is nobody's curve, and its peak is not the edge of the peaks: these go person by person.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.covariates import Covariates
from openkap.core.pharmacology.exposure import Exposure
from openkap.core.pharmacology.given_dose import GivenDose
from openkap.core.pharmacology.individuals import Draws, check_population
from openkap.core.pharmacology.metrics import CurveSummary, summarise
from openkap.core.pharmacology.plan import analytes_of, plan_of
from openkap.core.pharmacology.quantiles import ExactQuantiles
from openkap.core.pharmacology.running import run_both, run_drawn
from openkap.core.pharmacology.simulation import Bands, Population, chunks_of, exposure_of, simulate
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Analyte, PkModel

Floats = npt.NDArray[np.float64]
_SHARES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Quantiles:
    """5, 50 and 95 % of people. `None` lies beyond the last time looked at."""

    p05: float | None
    p50: float | None
    p95: float | None


@dataclass(frozen=True)
class Spread:
    """ng/mL, minutes and ng x h/mL over the times looked at; the last two only where a level was named."""

    cmax: Quantiles
    tmax_min: Quantiles
    auc_ng_h_ml: Quantiles
    minutes_above: Quantiles | None = None
    offset_min: Quantiles | None = None


def spread(
    model: PkModel,
    doses: Sequence[GivenDose],
    covariates: Covariates,
    times_min: Sequence[float] | Floats,
    people: Population,
    *,
    analyte: Analyte,
    level_ng_ml: float | None = None,
) -> Spread:
    """Draw the same people as the band of `simulate` does, some at a time, and sum each one up. Raises
    `BadInput`.
    """
    plan = plan_of(model, doses, times_min)
    if analyte not in analytes_of(plan):
        raise BadInput(
            "%(model)s says nothing of %(analyte)s here.", field="analyte", model=model.id, analyte=analyte
        )
    summaries: list[CurveSummary] = []
    for chunk in chunks_of(people.size, len(plan.times)):
        draws = Draws(people.seed, chunk, people.vary, people.borrow)
        check_population(model, draws)
        curves = run_drawn(plan, [covariates], draws).values[analyte]
        summaries += [summarise(plan.times_min, curve, level_ng_ml) for curve in curves]
    return spread_of(summaries, above=level_ng_ml is not None)


def predict(
    model: PkModel,
    doses: Sequence[GivenDose],
    covariates: Covariates,
    times_min: Sequence[float] | Floats,
    people: Population,
    *,
    analyte: Analyte,
    level_ng_ml: float | None = None,
) -> tuple[Exposure, Spread]:
    """`simulate` and `spread` of the same people, who are drawn once. Raises `BadInput`."""
    plan = plan_of(model, doses, times_min)
    if analyte not in analytes_of(plan):
        raise BadInput(
            "%(model)s says nothing of %(analyte)s here.", field="analyte", model=model.id, analyte=analyte
        )
    if any(entry.route.is_assumed for entry in plan.entries):  # there is no line, and people are few to draw
        found = spread(model, doses, covariates, times_min, people, analyte=analyte, level_ng_ml=level_ng_ml)
        return simulate(model, doses, covariates, times_min, people), found
    draws = _draws(people)
    check_population(model, draws)
    line, drawn = run_both(plan, covariates, draws)
    quantiles = {name: _quantiles_of(values) for name, values in drawn.values.items()}
    bands = Bands(quantiles, ExactQuantiles().method, 0.0, drawn.status)
    exposure = exposure_of(plan, doses=doses, covariates=covariates, people=people, line=line, bands=bands)
    return exposure, _spread(drawn.values[analyte], plan.times_min, level_ng_ml)


def _quantiles_of(values: Floats) -> Floats:
    numbers = ExactQuantiles()
    numbers.add(values)
    return numbers.result()


def _draws(people: Population) -> Draws:
    return Draws(people.seed, np.arange(people.size, dtype=np.int64), people.vary, people.borrow)


def _spread(curves: Floats, times: Floats, level: float | None) -> Spread:
    return spread_of([summarise(times, curve, level) for curve in curves], above=level is not None)


def spread_of(people: Sequence[CurveSummary], *, above: bool) -> Spread:
    """Quantiles over people's own summaries; `above` says that a level was named."""
    return Spread(
        cmax=_quantiles([one.cmax for one in people]),
        tmax_min=_quantiles([one.tmax_min for one in people]),
        auc_ng_h_ml=_quantiles([one.auc_ng_h_ml for one in people]),
        minutes_above=_quantiles([one.minutes_above for one in people]) if above else None,
        offset_min=_quantiles([one.offset_min for one in people]) if above else None,
    )


def _quantiles(values: Sequence[float | None]) -> Quantiles:
    """Of the people themselves, none between two: somebody still above at the end has no time to average."""
    known = [math.inf if value is None else value for value in values]
    found = np.quantile(known, _SHARES, method="inverted_cdf")
    return Quantiles(*(None if math.isinf(value) else float(value) for value in found))
