"""Soon after a moment, where the modes all but cancel: the series of the amounts, for one person at a time."""

# ruff: noqa: PLR0917  compiled functions take arrays and numbers, not objects

from typing import Any

import numpy as np
from numba import njit

from openkap.core.pharmacology.fast_lanes import LANES
from openkap.core.pharmacology.fast_modes import (
    AMOUNT,
    AT_ONCE,
    CL,
    CLM,
    DEPOT,
    FM,
    HELD,
    INTO_DEPOT,
    KEPT,
    METABOLITE,
    OF_METABOLITE,
    OF_PLASMA,
    Q2,
    Q3,
    RATES,
    V1,
    V2,
    V3,
    VM,
)

ROUNDING = 3.0 * 2.0**-52  # of the absolute terms, at the first samples
TOLERANCE, FLOOR = 1e-9, 1e-6  # the error measure
# Times the largest rate of all: before it, the series is used. Always where times are any, and up to the second
# where a person's modes cancel.
EARLY, TERMS = 0.1, 10
_LATE, _MORE_TERMS = 4.0, 44
DOUBTFUL = 0.5  # what a sound person becomes whose modes cancel at first


@njit(cache=True, error_model="numpy")
def fastest_of(rows: Any, lane: int, by_depot: bool) -> float:
    """The largest of a person's rates: the plasma's, the metabolite's, and the depot's if it is used."""
    largest: float = max(rows[RATES * LANES + lane], rows[(RATES + METABOLITE) * LANES + lane])
    return max(largest, rows[(RATES + DEPOT) * LANES + lane]) if by_depot else largest


@njit(cache=True, error_model="numpy")
def repair(lane: int, rows: Any, kept: Any, plan: Any, durations: Any, out: Any, row: int, stride: int) -> bool:
    """The first samples after each moment once more, by a series, for a person whose modes cancel there. False
    if they cancel later too. `stride`: from a plasma's sample to the metabolite's.
    """
    held, pieces, by_depot, since = plan[2], plan[3], plan[5], plan[6]
    fastest = fastest_of(rows, lane, by_depot)
    if not _sound_later(lane, rows, kept, pieces, durations, _LATE / fastest):
        return False
    for number in range(len(pieces)):
        start, at = pieces[number, 1], number * KEPT * LANES + lane
        inflow = rows[AMOUNT * LANES + lane] * held[pieces[number, 0]]
        if len(since) or pieces[number, 6]:
            for here in range(start + pieces[number, 6], start + pieces[number, 2]):
                elapsed = since[here] if len(since) else (here - start) * durations[2 * pieces[number, 3]]
                if elapsed * fastest >= _LATE:
                    break
                one, two = shortly_after(rows, kept, at, lane, by_depot, inflow, elapsed, _MORE_TERMS)
                out[row + here], out[row + stride + here] = one, two
    return True


@njit(cache=True, error_model="numpy")
def _sound_later(lane: int, rows: Any, kept: Any, pieces: Any, durations: Any, after: float) -> bool:
    """Whether rounding keeps to the tolerance from so long after each moment on."""
    for analyte in range(2):
        begin, count = (OF_PLASMA, 4) if analyte == 0 else (OF_METABOLITE, 5)
        excess, peak = 0.0, 0.0
        for number in range(len(pieces)):
            at = number * KEPT * LANES + lane
            elapsed = durations[2 * pieces[number, 3]]
            if durations[pieces[number, 4]] == 0.0:
                elapsed = max(elapsed, after)
            value = kept[at + (HELD + analyte) * LANES]
            absolute = abs(value)
            for mode in range(count):
                decay = np.exp(-rows[(RATES + mode) * LANES + lane] * elapsed)
                term = kept[at + (begin + mode) * LANES] * decay
                value, absolute = value + term, absolute + abs(term)
            excess, peak = max(excess, absolute * ROUNDING - value * TOLERANCE), max(peak, value)
        if not excess <= peak * (TOLERANCE * FLOOR):
            return False
    return True


@njit(cache=True, error_model="numpy")
def shortly_after(
    rows: Any, kept: Any, at: int, lane: int, by_depot: bool, inflow: float, elapsed: float, terms: int
) -> tuple[float, float]:
    """Plasma and metabolite soon after a moment, where the modes all but cancel: the series of the amounts."""
    cl, v1, vm = rows[CL * LANES + lane], rows[V1 * LANES + lane], rows[VM * LANES + lane]
    k12, k13 = rows[Q2 * LANES + lane] / v1, rows[Q3 * LANES + lane] / v1
    k21, k31 = (
        rows[Q2 * LANES + lane] / rows[V2 * LANES + lane],
        rows[Q3 * LANES + lane] / rows[V3 * LANES + lane],
    )
    k10, k1m, km = cl / v1, rows[FM * LANES + lane] * cl / v1, rows[CLM * LANES + lane] / vm
    ka = rows[(RATES + DEPOT) * LANES + lane] if by_depot else 0.0
    depot = kept[at + 3 * LANES] / rows[(INTO_DEPOT + 3) * LANES + lane] if by_depot else 0.0
    plasma, metabolite = kept[at + AT_ONCE * LANES] * v1, kept[at + (AT_ONCE + 1) * LANES] * vm
    second = kept[at + HELD * LANES] * k12 / k21 if k12 > 0.0 else 0.0
    third = kept[at + HELD * LANES] * k13 / k31 if k13 > 0.0 else 0.0
    for mode in range(4 if by_depot else 3):
        rate, share = rows[(RATES + mode) * LANES + lane], kept[at + mode * LANES]
        second += share * k12 / (k21 - rate) if k12 > 0.0 else 0.0
        third += share * k13 / (k31 - rate) if k13 > 0.0 else 0.0
    second, third = second * v1, third * v1
    one, two = plasma, metabolite
    for order in range(1, terms):
        step = elapsed / order
        fed = inflow * step if order == 1 else 0.0
        depot, plasma, second, third, metabolite = (
            -ka * depot * step,
            (ka * depot - (k10 + k12 + k13) * plasma + k21 * second + k31 * third) * step + fed,
            (k12 * plasma - k21 * second) * step,
            (k13 * plasma - k31 * third) * step,
            (k1m * plasma - km * metabolite) * step,
        )
        one, two = one + plasma, two + metabolite
    return one / v1, two / vm
