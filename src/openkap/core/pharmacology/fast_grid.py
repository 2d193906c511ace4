"""Whole cohorts, compiled: the closed form of a plasma with up to two tissues, a depot and a metabolite.

On even grids, or at any times.

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
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.linear_solver import APART
from openkap.errors import BadInput

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Table = npt.NDArray[np.int64]

COLUMNS = ("CL", "V1", "Q2", "V2", "Q3", "V3", "KA", "CLM", "VM", "FM")
AT_A_TIME = 8  # samples, as in the kernel
JOINED = (
    1e-5  # relative distance of joined rates below which people are left; nearer ones are judged by rounding
)


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

    bolus: Floats  # (moments, 2): share of the amount into the plasma, the depot
    flow: Floats  # (moments,): change of the rate into the plasma, share per time
    held: Floats  # (moments,): the rate from then on, exactly zero where nothing runs
    spans: Table  # (moments,): which duration leads to the next moment
    pieces: (
        Table  # (pieces, 7): moment, first sample, count, which step, which duration to it, samples, at once
    )
    durations: Floats  # of each step, of eight of each, and all others
    steps: int
    since: Floats  # (samples + 7,): from its moment to each sample, and zeros; empty on even grids

    @property
    def samples(self) -> int:
        """How many times there are."""
        return int(self.pieces[0, 5])

    @property
    def by_depot(self) -> bool:
        """Whether anything is given to the depot."""
        return bool(self.bolus[:, 1].any())


class _Durations:
    """Every distance in time that is needed, once: steps (each with its eightfold) first."""

    def __init__(self, steps: list[float]) -> None:
        self.steps = len(steps)
        self.values = [d for step in steps for d in (step, AT_A_TIME * step)]
        self._places: dict[str, int] = {}

    def place(self, duration: float) -> int:
        """Where it is. What differs by rounding only is the same."""
        key = f"{duration:.12e}"
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(duration)
        return self._places[key]


def grid_plan(doses: Sequence[GridDose], stretches: Sequence[Stretch]) -> GridPlan:
    """Lay out doses and ascending stretches of samples. Depot doses go in at once."""
    steps = sorted({stretch.step for stretch in stretches})
    durations = _Durations(steps)
    moments = _moments(doses, any(stretch.count for stretch in stretches))
    return _plan(doses, moments, _pieces(moments, stretches, steps, durations), durations, np.empty(0))


def times_plan(doses: Sequence[GridDose], times: Floats) -> GridPlan:
    """Lay out doses and samples at any ascending times from the first dose on."""
    moments = _moments(doses, bool(len(times)))
    owner = np.searchsorted(moments, times, side="right") - 1
    if owner[0] < 0 or (np.diff(times) < 0).any():
        raise BadInput("Samples ascend, from the first dose on.", field="times")
    since = times - np.array(moments)[owner]
    pieces, first_steps = [], []
    for number, moment in enumerate(np.unique(owner)):
        inside = since[owner == moment]
        begun, later = int(np.searchsorted(owner, moment)), inside[inside > 0.0]
        first_steps.append(float(later[0]) if len(later) else 0.0)
        pieces.append((int(moment), begun, len(inside), number, len(times), len(inside) - len(later)))
    durations = _Durations(first_steps)
    at_once = durations.place(0.0)
    table = np.array([(*p[:4], at_once, *p[4:]) for p in pieces], dtype=np.int64)
    return _plan(doses, moments, table, durations, np.append(since, np.zeros(AT_A_TIME - 1)))


def _moments(doses: Sequence[GridDose], has_samples: bool) -> list[float]:
    """When something changes."""
    if any(dose.depot and dose.span for dose in doses):
        raise BadInput("A depot dose goes in at once here.", field="span")
    if not doses or not has_samples:
        raise BadInput("A plan has doses and samples.", field="stretches")
    return sorted({dose.start for dose in doses} | {dose.start + dose.span for dose in doses if dose.span})


def _plan(
    doses: Sequence[GridDose], moments: list[float], pieces: Table, durations: _Durations, since: Floats
) -> GridPlan:
    bolus, held = _inputs(doses, {moment: i for i, moment in enumerate(moments)})
    spans = [durations.place(following - moment) for moment, following in pairwise(moments)]
    return GridPlan(
        bolus=bolus,
        flow=np.diff(held, prepend=0.0),
        held=held,
        spans=np.array([*spans, durations.place(0.0)], dtype=np.int64),
        pieces=pieces,
        durations=np.array(durations.values),
        steps=durations.steps,
        since=since,
    )


def _inputs(doses: Sequence[GridDose], place: dict[float, int]) -> tuple[Floats, Floats]:
    """What jumps in at each moment, and at which rate something flows from then on."""
    bolus, held = np.zeros((len(place), 2)), np.zeros(len(place))
    for dose in doses:
        if dose.span:
            held[place[dose.start] : place[dose.start + dose.span]] += 1.0 / dose.span
        else:
            bolus[place[dose.start], int(dose.depot)] += 1.0
    return bolus, held


def _pieces(
    moments: list[float], stretches: Sequence[Stretch], steps: list[float], durations: _Durations
) -> Table:
    """Cut the stretches at the moments."""
    pieces, begun = [], 0
    samples = sum(stretch.count for stretch in stretches)
    for stretch in stretches:
        times = stretch.first + stretch.step * np.arange(stretch.count)
        owner = np.searchsorted(moments, times, side="right") - 1
        if len(owner) and owner[0] < 0:
            raise BadInput("A sample comes before the first dose.", field="stretches")
        for moment in np.unique(owner):
            chosen = np.flatnonzero(owner == moment)
            offset = float(times[chosen[0]] - moments[moment])
            where = (begun + int(chosen[0]), len(chosen), steps.index(stretch.step))
            pieces.append((int(moment), *where, durations.place(offset), samples, int(offset == 0.0)))
        begun += stretch.count
    return np.array(pieces, dtype=np.int64)


def with_every_moment(pieces: Table, moments: int, at_once: int) -> Table:
    """The pieces and, where a moment has none that begins with it, one without samples. `at_once`: the place of
    the duration zero.
    """
    found = {int(piece[0]) for piece in pieces if piece[4] == at_once}
    bare = []
    for moment in range(moments):
        if moment not in found:
            earlier = pieces[pieces[:, 0] < moment]
            begun = int((earlier[:, 1] + earlier[:, 2]).max(initial=0))
            bare.append((moment, begun, 0, 0, at_once, int(pieces[0, 5]), 0))
    table = np.array([*bare, *map(tuple, pieces)], dtype=np.int64)
    return table[np.lexsort((table[:, 2] > 0, table[:, 1], table[:, 0]))]


def fill(parameters: Floats, amounts: Floats, plan: GridPlan, out: Any, *, parallel: bool = True) -> Flags:
    """Fill `out` (people, 2, samples; float64 or float32) with plasma and metabolite concentrations.

    `parameters`: (people, 10) in the order of `COLUMNS`; `amounts`: each person's dose. Returns who was
    **not** solved because rates lie too close or are not positive; their rows hold nothing to use. Raises
    `BadInput` without numba.
    """
    fits = parameters.shape == (len(amounts), len(COLUMNS)) and out.flags.c_contiguous
    if not fits or out.shape != (len(amounts), 2, plan.samples):
        raise BadInput("Parameters, amounts and the buffer do not belong together.")
    left = np.zeros(len(amounts), dtype=np.bool_)
    _kernel(parallel)(
        np.ascontiguousarray(parameters),
        np.ascontiguousarray(amounts, dtype=np.float64),
        (plan.bolus, plan.flow, plan.held, plan.pieces, plan.spans, plan.by_depot, plan.since),
        plan.durations,
        plan.steps,
        (APART, JOINED),
        out.reshape(-1),
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
