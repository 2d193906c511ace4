"""What a curve amounts to: its peak, area, time above a level, and when it falls below one for good.

Computed on the samples given, linear between them: ask for a fine grid.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True)
class CurveSummary:
    """ng/mL, minutes and ng x h/mL. `offset_min` is None while the curve ends above the level."""

    cmax: float
    tmax_min: float
    auc_ng_h_ml: float
    minutes_above: float | None = None
    offset_min: float | None = None


def summarise(times_min: Floats, ng_ml: Floats, level: float | None = None) -> CurveSummary:
    """Summarise one curve; `level` (ng/mL) asks for the time above it and the moment it stays below."""
    peak = int(np.argmax(ng_ml))
    area = float(np.trapezoid(ng_ml, times_min)) / _MINUTES_PER_HOUR
    whole = CurveSummary(float(ng_ml[peak]), float(times_min[peak]), area)
    if level is None:
        return whole
    return CurveSummary(
        whole.cmax,
        whole.tmax_min,
        area,
        minutes_above(times_min, ng_ml, level),
        offset(times_min, ng_ml, level),
    )


def minutes_above(times_min: Floats, ng_ml: Floats, level: float) -> float:
    """How long the curve lies above the level."""
    excess = ng_ml - level
    spans = np.diff(times_min)
    first, second = excess[:-1], excess[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = np.where(first > 0, first / (first - second), second / (second - first))
    share = np.where((first > 0) & (second > 0), 1.0, np.where((first <= 0) & (second <= 0), 0.0, crossing))
    return float((spans * share).sum())


def offset(times_min: Floats, ng_ml: Floats, level: float) -> float | None:
    """When the curve falls to the level for the last time; None if it is still above at the end, 0 if never
    above.
    """
    above = np.flatnonzero(ng_ml > level)
    if not len(above):
        return float(times_min[0])
    last = int(above[-1])
    if last == len(ng_ml) - 1:
        return None
    share = (ng_ml[last] - level) / (ng_ml[last] - ng_ml[last + 1])
    return float(times_min[last] + share * (times_min[last + 1] - times_min[last]))
