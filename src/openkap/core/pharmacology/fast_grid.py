"""Whole cohorts on even grids: the closed form of a plasma with up to two tissues, a depot and a metabolite,
compiled.

The same solution as `closed_form`, written out for the commonest structure, so that the time goes into
writing the result. Results are filled into a buffer the caller keeps: fresh memory costs more than the whole
computation. People whose rates lie too close for the closed form are reported, and the caller solves them by
`linear_solver`.

Needs the extra `fast` (numba), which is imported when the first cohort is asked for; its machine code is
cached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.linear_solver import APART
from openkap.errors import BadInput

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Table = npt.NDArray[np.int64]

COLUMNS = ("CL", "V1", "Q2", "V2", "Q3", "V3", "KA", "CLM", "VM", "FM")
BLOCK = 32


@dataclass(frozen=True)
class Stretch:
    """An even run of samples: the first time, the step, how many."""

    first: float
    step: float
    count: int


@dataclass(frozen=True)
class GridDose:
    """A dose for everybody, per unit of each person's own amount: to the depot or the plasma, at once or over
    a span.
    """

    start: float
    span: float = 0.0
    depot: bool = False


@dataclass(frozen=True)
class GridPlan:
    """A schedule and its samples, laid out once for any number of people."""

    moments: Floats  # when something changes
    bolus: Floats  # (moments, 2): share of the amount into the plasma, the depot
    flow: Floats  # (moments,): change of the rate into the plasma, share per time
    held: Floats  # (moments,): the rate from then on, exactly zero where nothing runs
    pieces: Table  # (pieces, 4): moment, first sample, count, which step
    offsets: Floats  # (pieces,): from the moment to the first sample
    steps: Floats

    @property
    def samples(self) -> int:
        """How many times there are."""
        return int(self.pieces[:, 2].sum())


def grid_plan(doses: Sequence[GridDose], stretches: Sequence[Stretch]) -> GridPlan:
    """Lay out doses and ascending stretches of samples. Depot doses go in at once."""
    if any(dose.depot and dose.span for dose in doses):
        raise BadInput("A depot dose goes in at once here.", field="span")
    moments = sorted({dose.start for dose in doses} | {dose.start + dose.span for dose in doses if dose.span})
    place = {moment: i for i, moment in enumerate(moments)}
    bolus, held = np.zeros((len(moments), 2)), np.zeros(len(moments))
    for dose in doses:
        if dose.span:
            held[place[dose.start] : place[dose.start + dose.span]] += 1.0 / dose.span
        else:
            bolus[place[dose.start], int(dose.depot)] += 1.0
    steps = sorted({stretch.step for stretch in stretches})
    pieces, offsets = _pieces(moments, stretches, steps)
    return GridPlan(
        np.array(moments), bolus, np.diff(held, prepend=0.0), held, pieces, offsets, np.array(steps)
    )


def _pieces(moments: list[float], stretches: Sequence[Stretch], steps: list[float]) -> tuple[Table, Floats]:
    """Cut the stretches at the moments."""
    pieces, offsets, begun = [], [], 0
    for stretch in stretches:
        times = stretch.first + stretch.step * np.arange(stretch.count)
        owner = np.searchsorted(moments, times, side="right") - 1
        if owner[0] < 0:
            raise BadInput("A sample comes before the first dose.", field="stretches")
        for moment in np.unique(owner):
            chosen = np.flatnonzero(owner == moment)
            pieces.append((int(moment), begun + int(chosen[0]), len(chosen), steps.index(stretch.step)))
            offsets.append(float(times[chosen[0]] - moments[moment]))
        begun += stretch.count
    return np.array(pieces, dtype=np.int64), np.array(offsets)


def fill(parameters: Floats, amounts: Floats, plan: GridPlan, out: Any, *, parallel: bool = True) -> Flags:
    """Fill `out` (people, 2, samples; float64 or float32) with plasma and metabolite concentrations.

    `parameters`: (people, 10) in the order of `COLUMNS`; `amounts`: each person's dose. Returns who was
    **not** solved because rates lie too close or are not positive; their rows hold nothing to use. Raises
    `BadInput` without numba.
    """
    if parameters.shape != (len(amounts), len(COLUMNS)) or out.shape != (len(amounts), 2, plan.samples):
        raise BadInput("Parameters, amounts and the buffer do not belong together.")
    left = np.zeros(len(amounts), dtype=np.bool_)
    _kernel(parallel)(
        parameters,
        amounts,
        plan.moments,
        plan.bolus,
        plan.flow,
        plan.held,
        plan.pieces,
        plan.offsets,
        plan.steps,
        APART,
        out,
        left,
    )
    return left


@cache
def _kernel(parallel: bool) -> Any:  # a positional flag, because the cache wants one
    try:
        from openkap.core.pharmacology import fast_kernel  # noqa: PLC0415  numba takes a second to load
    except ImportError:
        raise BadInput("Compiled cohorts need the extra 'fast': requirements/fast.lock.") from None
    return fast_kernel.fill if parallel else fast_kernel.fill_serial
