"""The compiled modes of eight people at once: plasma with up to two tissues, a depot and a metabolite.

Each value is `Eight`: one number per person. The rates of the plasma come from the cosine formula without a
cosine (a polynomial start and Newton's steps for the largest root, the other two from what remains); the
amplitudes after a unit dose follow in closed form. `SOUND` is 1 where they can be relied on.
"""

# ruff: noqa: PLR0917  compiled functions take arrays and numbers, not objects

from typing import Any

from numba import njit

from openkap.core.pharmacology.fast_lanes import LANES, Decorator, every, if_less, load, root, size, store

# Rows of the scratch array, eight numbers each.
CL, V1, Q2, V2, Q3, V3, KA, CLM, VM, FM, AMOUNT = range(11)
RATES = 11  # three of the plasma, the depot's, the metabolite's
INTO_PLASMA = 16  # what a unit bolus into the plasma adds to the modes of the plasma (3)
INTO_PLASMA_METABOLITE = 19  # and of the metabolite (5)
INTO_DEPOT = 24  # a unit into the depot: modes of the plasma (4)
INTO_DEPOT_METABOLITE = 28  # and of the metabolite (5)
SOUND = 33
ROWS = 34

# Rows of what is kept for each piece of a schedule: amplitudes of the plasma (4) and the metabolite (5) at its
# first sample, levels the input holds, levels at the moment itself.
OF_PLASMA, OF_METABOLITE, HELD, AT_ONCE, KEPT = 0, 4, 9, 11, 13

MODES = 5
DEPOT, METABOLITE = 3, 4
COLUMNS = 10

# cos(acos(x) / 3) as a polynomial of the root of 1 + x, to 4e-7
_START = (
    0.5000003874313748,
    0.4082321071630423,
    -0.05538986823442338,
    0.018180404964719368,
    -0.006592160542407518,
    0.0018597869701526208,
    -0.000265271656612488,
)
_LARGEST_RATE = 1e12
_WEAK = 1e-6  # a tissue that moves a rate by less than this share of it is left to the general solver

_inlined: Decorator = njit(cache=True, error_model="numpy", inline="always")


@_inlined
def gather(parameters: Any, amounts: Any, first: int, rows: Any) -> None:
    """The columns of eight people, side by side; behind the last person, that person again."""
    for lane in range(LANES):
        person = min(first + lane, len(amounts) - 1)
        for column in range(COLUMNS):
            rows[column * LANES + lane] = parameters[person, column]
        rows[AMOUNT * LANES + lane] = amounts[person]


@_inlined
def _row(rows: Any, row: int) -> Any:
    return load(rows, row * LANES)


@_inlined
def _put(rows: Any, row: int, value: Any) -> None:
    store(rows, row * LANES, value)


@_inlined
def _lesser(one: Any, other: Any) -> Any:
    return if_less(one, other, one, other)


@_inlined
def _greater(one: Any, other: Any) -> Any:
    return if_less(one, other, other, one)


@_inlined
def _largest_root(a2: Any, a1: Any, a0: Any) -> Any:
    """The largest root of x^3 - a2 x^2 + a1 x - a0, whose roots are all real and not negative."""
    centre = a2 / 3.0
    p = centre * centre - a1 / 3.0
    q = centre * centre * centre - centre * a1 / 2.0 + a0 / 2.0
    radius = root(_greater(p, every(0.0)))
    cosine = _lesser(_greater(q / (radius * radius * radius), every(-1.0)), every(1.0))
    turn = root(cosine + 1.0)
    start = every(_START[6])
    for i in range(5, -1, -1):
        start = start * turn + _START[i]
    found = centre + radius * start * 2.0
    for _ in range(3):
        found = _newton(found, a2, a1, a0)
    return found


@_inlined
def _newton(found: Any, a2: Any, a1: Any, a0: Any) -> Any:
    slope = (found * 3.0 - a2 * 2.0) * found + a1
    return found - (((found - a2) * found + a1) * found - a0) / slope


@_inlined
def _apart(one: Any, other: Any, distance: float) -> Any:
    """1 where two rates differ enough, else 0."""
    return if_less(_greater(one, other) * distance, size(one - other), every(1.0), every(0.0))


@_inlined
def _usable(rate: Any) -> Any:
    positive = if_less(every(0.0), rate, every(1.0), every(0.0))
    return positive * if_less(rate, every(_LARGEST_RATE), every(1.0), every(0.0))


@_inlined
def _share(own: Any, one: Any, other: Any, k21: Any, k31: Any, v1: Any) -> Any:
    """What the mode of rate `own` is of the plasma's concentration after a unit bolus."""
    return (k21 - own) * (k31 - own) / ((one - own) * (other - own) * v1)


@_inlined
def solve_modes(rows: Any, by_depot: bool, apart: float, joined: float) -> None:
    """Rates, amplitudes after a unit bolus, and whether they are sound.

    `apart`: how far the plasma's rates must differ, as a share; `joined`: how far rates of compartments that
    feed each other.
    """
    cl, v1, q2, q3 = _row(rows, CL), _row(rows, V1), _row(rows, Q2), _row(rows, Q3)
    k10, k12, k13 = cl / v1, q2 / v1, q3 / v1
    k21, k31 = q2 / _row(rows, V2), q3 / _row(rows, V3)
    # A tissue without exchange gets a rate of its own, faster than all: its share is nothing.
    every_rate = k10 + k12 + k13 + k21 + k31
    nothing, one = every(0.0), every(1.0)
    has_second, has_third = if_less(nothing, q2, one, nothing), if_less(nothing, q3, one, nothing)
    k21 = if_less(nothing, q2, k21, every_rate * 2.0)
    k31 = if_less(nothing, q3, k31, every_rate * 3.0)
    a2 = k10 + k12 + k13 + k21 + k31
    a1 = k10 * k31 + k21 * k31 + k21 * k13 + k10 * k21 + k31 * k12
    a0 = k10 * k21 * k31
    fast = _largest_root(a2, a1, a0)
    product = a0 / fast
    half = (a1 - product) / fast * 0.5
    middle = half + root(_greater(half * half - product, nothing))
    slow = _newton(product / middle, a2, a1, a0)
    middle = _newton(middle, a2, a1, a0)
    sound = _usable(fast) * _usable(middle) * _usable(slow)
    sound = sound * _apart(fast, middle, apart) * _apart(middle, slow, apart)
    for rate in (fast, middle, slow):
        sound = sound * _greater(_apart(rate, k21, _WEAK), one - has_second)
        sound = sound * _greater(_apart(rate, k31, _WEAK), one - has_third)
    _put(rows, RATES + 0, fast)
    _put(rows, RATES + 1, middle)
    _put(rows, RATES + 2, slow)
    _put(rows, INTO_PLASMA + 0, _share(fast, middle, slow, k21, k31, v1))
    _put(rows, INTO_PLASMA + 1, _share(middle, fast, slow, k21, k31, v1))
    _put(rows, INTO_PLASMA + 2, _share(slow, fast, middle, k21, k31, v1))
    _put(rows, SOUND, sound)
    _join(rows, by_depot, joined)


@_inlined
def _join(rows: Any, by_depot: bool, joined: float) -> None:
    """The depot ahead of the plasma and the metabolite behind it."""
    vm = _row(rows, VM)
    leaves = _row(rows, CLM) / vm
    absorbed = _row(rows, KA) if by_depot else leaves * 2.0  # unused
    feed = _row(rows, FM) * _row(rows, CL) / vm
    sound = _row(rows, SOUND) * _usable(leaves) * _usable(absorbed)
    plasma_left, depot_in_plasma = every(0.0), every(0.0)
    depot_metabolite = every(0.0)
    for mode in range(3):
        rate, share = _row(rows, RATES + mode), _row(rows, INTO_PLASMA + mode)
        sound = sound * _apart(rate, leaves, joined)
        formed = feed * share / (leaves - rate)
        _put(rows, INTO_PLASMA_METABOLITE + mode, formed)
        plasma_left = plasma_left - formed
        if by_depot:
            sound = sound * _apart(rate, absorbed, joined)
            passed = share * absorbed / (absorbed - rate)
            made = feed * passed / (leaves - rate)
            _put(rows, INTO_DEPOT + mode, passed)
            _put(rows, INTO_DEPOT_METABOLITE + mode, made)
            depot_in_plasma = depot_in_plasma - passed
            depot_metabolite = depot_metabolite - made
    _put(rows, INTO_PLASMA_METABOLITE + DEPOT, every(0.0))
    _put(rows, INTO_PLASMA_METABOLITE + METABOLITE, plasma_left)
    _put(rows, RATES + DEPOT, absorbed)
    _put(rows, RATES + METABOLITE, leaves)
    if by_depot:
        sound = sound * _apart(leaves, absorbed, joined)
        made = feed * depot_in_plasma / (leaves - absorbed)
        _put(rows, INTO_DEPOT + DEPOT, depot_in_plasma)
        _put(rows, INTO_DEPOT_METABOLITE + DEPOT, made)
        _put(rows, INTO_DEPOT_METABOLITE + METABOLITE, depot_metabolite - made)
    _put(rows, SOUND, sound)
