"""The compiled part of `fast_effect`: an effect site, a sigmoid and a turnover behind the concentrations.

The effect site is one more mode. The turnover is linear in itself, so that it is known up to an integral of the
sigmoid (variation of constants). A Gauss-Legendre rule takes it between samples: eight intervals at a time on
even grids, eight nodes at a time where a piece of the schedule begins or ends between samples.
"""

# ruff: noqa: PLR0917  compiled functions take arrays and numbers, not objects

from typing import Any

import numpy as np
from numba import njit, prange

from openkap.core.pharmacology.fast_early import repair
from openkap.core.pharmacology.fast_kernel import (
    PEOPLE,
    amplitudes_of,
    decays_of,
    powers_of,
    write_person,
)
from openkap.core.pharmacology.fast_lanes import LANES, Decorator, every, exp, if_less, load, log, store
from openkap.core.pharmacology.fast_modes import HELD, KEPT, MODES, RATES, ROWS, SOUND, gather, solve_modes

KE0, C50, STEEPNESS, EMAX, KOUT = range(5)
_SITE = 4  # the effect site's own place among the modes: four of the plasma, then it
_MANY = 8
_FAST = 4.0  # rate x span: what is longer is cut into parts
# The error of 3, 4, 6 and 8 nodes for exp(-x) is about (factor x)^(2 nodes); the sigmoid is taken to be twice
# as quick. How much of that may reach the turnover over one interval.
_FACTOR_3, _FACTOR_4, _FACTOR_6, _FACTOR_8, _QUICKER = 0.0889, 0.0697, 0.0488, 0.0377, 2.0
_ALLOWED = 1e-11
_NEAR = 1e-6  # relative distance of rates below which a person is left
_LEAST, _MOST = 1e-290, 690.0
_MOST_PARTS = 256
_SMOOTH = 4.0  # times the change over a span: a level that is larger needs no finer nodes
_SOON = 8  # intervals after a moment in which many nodes are used
_EVEN_NODES, _SQUARED_NODES = 6 * LANES, 8 * LANES  # where they begin in the rule
# Rows of a person's desk, eight numbers each.
_K, _Q, _W, _SUMS, _DESK = 0, 1, 2, 3, 4

_inlined: Decorator = njit(cache=True, error_model="numpy", inline="always")


@_inlined
def _driven(level: Any, c50: float, steepness: float, emax: float) -> Any:
    """1 + Emax C^h / (C50^h + C^h)."""
    power = log(if_less(level, every(_LEAST), every(_LEAST), level) * (1.0 / c50)) * -steepness
    return emax / (exp(if_less(power, every(_MOST), power, every(_MOST))) + 1.0) + 1.0


@_inlined
def _site(kept: Any, at: int, level: float, ke0: float, desk: Any) -> None:
    """Amplitudes of the effect site at a piece's start, its own mode so that it has the level there."""
    rest = level - kept[at + HELD * LANES]
    for mode in range(_SITE):
        share = kept[at + mode * LANES]
        amplitude = share * ke0 / (ke0 - desk[mode]) if share != 0.0 else 0.0
        desk[_Q * LANES + mode] = amplitude
        rest -= amplitude
    desk[_Q * LANES + _SITE] = rest


@_inlined
def _level(held: float, span: float, desk: Any) -> float:
    """The effect site's level a span after the piece's start."""
    store(desk, _SUMS * LANES, exp(load(desk, _K * LANES) * -span) * load(desk, _Q * LANES))
    total = held
    for mode in range(_SITE + 1):
        total += desk[_SUMS * LANES + mode]
    return total


@_inlined
def _pass(span: float, desk: Any) -> float:
    """Carry the amplitudes over a span, which is returned."""
    store(desk, _Q * LANES, exp(load(desk, _K * LANES) * -span) * load(desk, _Q * LANES))
    return span


@_inlined
def _across(
    held: float, begin: float, span: float, effect: Any, desk: Any, rule: Any, first: int, value: float
) -> float:
    """The turnover after a span that begins so long after the piece's start, nodes side by side.

    `rule`: nodes and weights, eight each, from `first` on.
    """
    kout, nodes, weights = effect[KOUT], load(rule, first), load(rule, first + LANES)
    parts = max(1, min(_MOST_PARTS, int(desk[0] * span / _FAST) + 1))
    width = span / parts
    for part in range(parts):
        since = nodes * width + (begin + part * width)
        level = every(held)
        for mode in range(_SITE + 1):
            level = level + exp(since * -desk[mode]) * desk[_Q * LANES + mode]
        driven = _driven(level, effect[C50], effect[STEEPNESS], effect[EMAX])
        store(desk, _SUMS * LANES, driven * weights * exp((nodes - 1.0) * (kout * width)))
        total = 0.0
        for node in range(LANES):
            total += desk[_SUMS * LANES + node]
        value = value * np.exp(-kout * width) + total * kout * width
    return value


@_inlined
def _prepare(step: float, kout: float, nodes: int, first: int, rule: Any, desk: Any) -> None:
    """For an even piece: eight powers of each mode over a step, what eight steps leave of each, and each node's
    amplitudes and weight.
    """
    eight, node_rows = rule[len(rule) - LANES :], (_DESK + _SITE + 1) * LANES
    for mode in range(_SITE + 1):
        store(desk, (_DESK + mode) * LANES, exp(load(eight, 0) * (-desk[mode] * step)))
    rates, amplitudes = load(desk, _K * LANES), load(desk, _Q * LANES)
    store(desk, _W * LANES, exp(rates * (-8.0 * step)))
    for node in range(nodes):
        at = node_rows + node * LANES
        store(desk, at, exp(rates * (-rule[first + node] * step)) * amplitudes)
        shrunk = np.exp(-kout * step * (1.0 - rule[first + node]))
        desk[at + _SITE + 1] = rule[first + LANES + node] * shrunk * kout * step


@_inlined
def _nodes(held: float, step: float, effect: Any, desk: Any) -> int:
    """How many nodes do justice to every mode that still matters, of 3, 4, 6 and 8; else 0."""
    whole, found = abs(held), 3
    for mode in range(_SITE + 1):
        whole += abs(desk[_Q * LANES + mode])
    scale = effect[KOUT] * step * abs(effect[EMAX])
    for mode in range(_SITE + 1):
        x = desk[mode] * step * max(effect[STEEPNESS], 1.0) * _QUICKER
        share, allowed = abs(desk[_Q * LANES + mode]) * scale, _ALLOWED * whole
        if found == 3 and share * (_FACTOR_3 * x) ** 6 > allowed:
            found = 4
        if found == 4 and share * (_FACTOR_4 * x) ** 8 > allowed:
            found = 6
        if found == 6 and share * (_FACTOR_6 * x) ** 12 > allowed:
            found = 8
        if found == 8 and share * min(_FACTOR_8 * x, 1.0) ** 16 > allowed:
            return 0
    return found


@_inlined
def _along(
    held: float, start: int, count: int, step: float, effect: Any, nodes: int, desk: Any, rule: Any, out: Any,
    value: float,
) -> float:  # fmt: skip
    """The turnover at each sample of an even piece, and its value at the last; `start`: where they go."""
    kept = np.exp(-effect[KOUT] * step)
    first = 0
    if nodes > 3:
        first = 2 * LANES if nodes == 4 else (4 * LANES if nodes == 6 else _EVEN_NODES)
    _prepare(step, effect[KOUT], nodes, first, rule, desk)
    v0, v1, v2 = load(desk, _DESK * LANES), load(desk, (_DESK + 1) * LANES), load(desk, (_DESK + 2) * LANES)
    v3, v4 = load(desk, (_DESK + 3) * LANES), load(desk, (_DESK + 4) * LANES)
    w0, w1, w2 = desk[_W * LANES], desk[_W * LANES + 1], desk[_W * LANES + 2]
    w3, w4 = desk[_W * LANES + 3], desk[_W * LANES + 4]
    c50, steepness, emax = effect[C50], effect[STEEPNESS], effect[EMAX]
    out[start] = value
    for begin in range(1, count, LANES):
        total = every(0.0)
        for node in range(nodes):
            at = (_DESK + _SITE + 1 + node) * LANES
            level = v0 * desk[at] + v1 * desk[at + 1] + v2 * desk[at + 2] + held
            level = level + v3 * desk[at + 3] + v4 * desk[at + 4]
            total = total + _driven(level, c50, steepness, emax) * desk[at + _SITE + 1]
        store(desk, _SUMS * LANES, total)
        for i in range(min(LANES, count - begin)):
            value = value * kept + desk[_SUMS * LANES + i]
            out[start + begin + i] = value
        v0, v1, v2, v3, v4 = v0 * w0, v1 * w1, v2 * w2, v3 * w3, v4 * w4
    return value


@njit(cache=True, error_model="numpy")
def _evenly(
    held: float, begun: int, count: int, step: float, effect: Any, desk: Any, rule: Any, out: Any, value: float
) -> float:
    """All samples of a piece, with many nodes soon after its start; carries the amplitudes to the last of them.
    Not a number where no rule is enough.
    """
    soon = min(count, _SOON + 1)
    for first, many, part in ((0, True, soon), (soon - 1, False, count - soon + 1)):
        nodes = _nodes(held, step, effect, desk) if part > 1 else _MANY
        if nodes == 0:
            return np.nan
        nodes = _MANY if many else nodes
        value = _along(held, begun + first, part, step, effect, nodes, desk, rule, out, value)
        _pass((part - 1) * step, desk)
    return value


@_inlined
def _open(lane: int, rows: Any, ke0: float, by_depot: bool, desk: Any) -> bool:
    """A person's rates on the desk. False where the effect site's is too near another."""
    desk[:] = 0.0
    for mode in range(_SITE):
        desk[mode] = rows[(RATES + mode) * LANES + lane] if mode < 3 or by_depot else 0.0
        if desk[mode] != 0.0 and abs(ke0 - desk[mode]) < _NEAR * ke0:
            return False
    desk[_SITE] = ke0
    return True


@_inlined
def _right_after(
    held: float, level: float, span: float, effect: Any, desk: Any, rule: Any, value: float
) -> float:
    """The turnover a span after a moment. Where the level may grow from nothing its power is not smooth, and
    the nodes are finer at first.
    """
    change = 0.0
    for mode in range(_SITE + 1):
        change += abs(desk[mode] * span * desk[_Q * LANES + mode])
    if level > _SMOOTH * change:
        value = _across(held, 0.0, span, effect, desk, rule, _EVEN_NODES, value)
    else:
        value = _across(held, 0.0, span / 8.0, effect, desk, rule, _SQUARED_NODES, value)
        for part in (0.125, 0.25, 0.5):
            value = _across(held, part * span, part * span, effect, desk, rule, _EVEN_NODES, value)
    return value


@njit(cache=True, error_model="numpy")
def _follow(
    lane: int, rows: Any, kept: Any, pieces: Any, grid: Any, effect: Any, by_depot: bool, rule: Any, desk: Any,
    out: Any, row: int,
) -> bool:  # fmt: skip
    """One person's turnover at every sample, beginning at 1. False where it cannot be relied on.

    `grid`: start, end and step of each piece, and 1 where it begins with its moment; `row`: where the samples
    begin in `out`.
    """
    value, level = 1.0, 0.0
    if not _open(lane, rows, effect[KE0], by_depot, desk):
        return False
    for number in range(len(pieces)):
        at, count, rest = number * KEPT * LANES + lane, pieces[number, 2], grid[number, 1] - grid[number, 0]
        held, step, begun = kept[at + HELD * LANES], grid[number, 2], row + pieces[number, 1]
        _site(kept, at, level, effect[KE0], desk)
        if grid[number, 3] > 0.0 and rest > 0.0:
            done = min(step, rest) if count > 1 else rest
            if count > 0:
                out[begun] = value
                begun, count = begun + 1, count - 1
            value = _right_after(held, level, done, effect, desk, rule, value)
            rest -= _pass(done, desk)
        if count > 0:
            value = _evenly(held, begun, count, step, effect, desk, rule, out, value)
            if np.isnan(value):
                return False
            rest -= (count - 1) * step
        if rest > 0.0:
            value = _across(held, 0.0, rest, effect, desk, rule, _EVEN_NODES, value)
        level = max(_level(held, max(rest, 0.0), desk), 0.0)
    return True


@njit(cache=True, error_model="numpy")
def _task(
    parameters: Any, amounts: Any, effects: Any, plan: Any, durations: Any, grid: Any, steps: int, apart: Any,
    rule: Any, first: int, out: Any, left: Any,
) -> None:  # fmt: skip
    """Some people, in eights."""
    pieces, by_depot = plan[3], plan[5]
    rows, state = np.empty(ROWS * LANES), np.empty(KEPT * LANES)
    verdict, kept = np.empty(4 * LANES), np.empty(len(pieces) * KEPT * LANES)
    decays, table = np.empty(len(durations) * MODES * LANES), np.empty((steps * MODES + 2) * LANES)
    desk = np.empty((_DESK + _SITE + 1 + _MANY) * LANES)
    for begin in range(first, min(first + PEOPLE, len(amounts)), LANES):
        gather(parameters, amounts, begin, rows)
        solve_modes(rows, by_depot, apart[0], apart[1])
        decays_of(rows, durations, decays)
        amplitudes_of(rows, plan, durations, decays, state, verdict, kept)
        for lane in range(min(LANES, len(amounts) - begin)):
            person, samples = begin + lane, pieces[0, 5]
            sound, row = rows[SOUND * LANES + lane], person * 3 * samples
            left[person] = not sound > 0.0
            if sound > 0.0:
                for step in range(steps):
                    powers_of(decays, step, lane, table)
                write_person(lane, decays, kept, pieces, by_depot, table, out, row)
                if sound < 1.0 and not repair(lane, rows, kept, plan, durations, out, row, samples):
                    left[person] = True
                    continue
                left[person] = not _follow(
                    lane,
                    rows,
                    kept,
                    pieces,
                    grid,
                    effects[person],
                    by_depot,
                    rule,
                    desk,
                    out,
                    row + 2 * samples,
                )


@njit(cache=True, parallel=True, error_model="numpy")
def fill(
    parameters: Any, amounts: Any, effects: Any, plan: Any, durations: Any, grid: Any, steps: int, apart: Any,
    rule: Any, out: Any, left: Any,
) -> None:  # fmt: skip
    """Everybody, in parallel; `left` marks who was not solved."""
    for task in prange((len(amounts) + PEOPLE - 1) // PEOPLE):
        _task(parameters, amounts, effects, plan, durations, grid, steps, apart, rule, task * PEOPLE, out, left)


@njit(cache=True, error_model="numpy")
def fill_serial(
    parameters: Any, amounts: Any, effects: Any, plan: Any, durations: Any, grid: Any, steps: int, apart: Any,
    rule: Any, out: Any, left: Any,
) -> None:  # fmt: skip
    """Everybody, one after another, on the caller's core."""
    for task in range((len(amounts) + PEOPLE - 1) // PEOPLE):
        _task(parameters, amounts, effects, plan, durations, grid, steps, apart, rule, task * PEOPLE, out, left)
