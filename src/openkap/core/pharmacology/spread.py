"""What the curves of people like one person amount to: 5, 50 and 95 % of their own peaks, areas and times.

The edge of a band is nobody's curve, and its peak is not the edge of the peaks: these go person by person.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.covariates import Covariates
from openkap.core.pharmacology.given_dose import GivenDose
from openkap.core.pharmacology.individuals import Draws
from openkap.core.pharmacology.metrics import CurveSummary, summarise
from openkap.core.pharmacology.plan import analytes_of, plan_of
from openkap.core.pharmacology.simulation import Population, samples
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
    """Draw the same people as the band of `simulate` does, and sum each one up. Raises `BadInput`."""
    if analyte not in analytes_of(plan_of(model, doses, times_min)):
        raise BadInput(f"{model.id} says nothing of {analyte} here.", field="analyte")
    subjects = np.arange(people.size, dtype=np.int64)
    draws = Draws(people.seed, subjects, people.vary, people.borrow)
    curves = samples(model, doses, [covariates], times_min, draws).values[analyte]
    times = np.asarray(times_min, dtype=np.float64)
    return spread_of([summarise(times, curve, level_ng_ml) for curve in curves], above=level_ng_ml is not None)


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
