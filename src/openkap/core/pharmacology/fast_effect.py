"""Whole cohorts with an effect: concentrations, and the turnover that an effect site drives, compiled.

    dCe/dt = ke0 (C - Ce),    dR/dt = kout (1 + Emax Ce^h / (C50^h + Ce^h)) - kout R,    R = 1 at first

R is relative to its baseline. As `fast_grid`, on even grids; needs the extra `fast`.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from openkap.core.pharmacology.fast_grid import (
    AT_A_TIME,
    COLUMNS,
    JOINED,
    Flags,
    Floats,
    GridDose,
    GridPlan,
    Stretch,
    grid_plan,
    with_every_moment,
)
from openkap.core.pharmacology.linear_solver import APART
from openkap.errors import BadInput

EFFECT_COLUMNS = ("KE0", "C50", "H", "EMAX", "KOUT")
_NODES = (3, 4, 6, 8)  # as in the kernel


def fill_effect(  # noqa: PLR0917  as in `fill`: what is known of people, the schedule, the buffer
    parameters: Floats,
    effects: Floats,
    amounts: Floats,
    doses: Sequence[GridDose],
    stretches: Sequence[Stretch],
    out: Any,
    *,
    parallel: bool = True,
) -> Flags:
    """Fill `out` (people, 3, samples; float64) with plasma, metabolite and the turnover.

    `effects`: (people, 5) in the order of `EFFECT_COLUMNS`, all positive but EMAX, which is at least -1.
    Returns who was **not** solved: rates lie too close, or change faster than the samples follow. Raises
    `BadInput` without numba.
    """
    plan = grid_plan(doses, stretches)
    people = len(amounts)
    fits = parameters.shape == (people, len(COLUMNS)) and effects.shape == (people, len(EFFECT_COLUMNS))
    if not fits or out.shape != (people, 3, plan.samples) or not out.flags.c_contiguous:
        raise BadInput("Parameters, effects, amounts and the buffer do not belong together.")
    usable = (
        np.isfinite(effects).all(axis=1) & (effects[:, [0, 1, 2, 4]] > 0.0).all(axis=1) & (effects[:, 3] >= -1)
    )
    if not usable.all():
        raise BadInput("An effect's numbers are positive, and EMAX at least -1.", field="effects")
    pieces, grid = _segments(plan, doses, stretches)
    left = np.zeros(people, dtype=np.bool_)
    _kernel(parallel)(
        np.ascontiguousarray(parameters),
        np.ascontiguousarray(amounts, dtype=np.float64),
        np.ascontiguousarray(effects),
        (plan.bolus, plan.flow, plan.held, pieces, plan.spans, plan.by_depot, plan.since),
        plan.durations,
        grid,
        plan.steps,
        (APART, JOINED),
        _rule(),
        out.reshape(-1),
        left,
    )
    return left


def _segments(plan: GridPlan, doses: Sequence[GridDose], stretches: Sequence[Stretch]) -> tuple[Any, Floats]:
    """Pieces that follow on each other without a gap, and start, end and step of each; 1 where it begins
    with its moment."""
    moments = sorted({d.start for d in doses} | {d.start + d.span for d in doses if d.span})
    at_once = int(plan.spans[-1])
    pieces = with_every_moment(plan.pieces, len(moments), at_once)
    steps = sorted({stretch.step for stretch in stretches})
    starts = np.array([moments[piece[0]] + plan.durations[piece[4]] for piece in pieces])
    last = starts[-1] + max(int(pieces[-1, 2]) - 1, 0) * steps[int(pieces[-1, 3])]
    ends = np.append(starts[1:], last)
    own_steps = np.array([steps[int(piece[3])] for piece in pieces])
    return pieces, np.stack([starts, ends, own_steps, (pieces[:, 4] == at_once).astype(np.float64)], axis=1)


@cache
def _rule() -> Floats:
    """Nodes and weights on (0, 1), eight numbers each, of each number of nodes; of the last in a square root's
    argument; then 0 to 7.
    """
    rows = []
    for count in _NODES:
        nodes, weights = _legendre(count)
        rows += [np.append(row, np.zeros(AT_A_TIME - count)) for row in (nodes, weights)]
    nodes, weights = _legendre(_NODES[-1])
    rows += [nodes**2, 2.0 * nodes * weights]
    return np.concatenate([*rows, np.arange(float(AT_A_TIME))])


def _legendre(count: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1.0) / 2.0, weights / 2.0


@cache
def _kernel(parallel: bool) -> Any:  # a positional flag, because the cache wants one
    try:
        from openkap.core.pharmacology import fast_effect_kernel  # noqa: PLC0415  numba takes a second to load
    except ImportError:
        raise BadInput("Compiled cohorts need the extra 'fast': requirements/fast.lock.") from None
    return fast_effect_kernel.fill if parallel else fast_effect_kernel.fill_serial
