"""The compiled part of `fast_grid`. Imported only there: numba takes a second to load.

Eight people at a time up to their amplitudes at each stretch of samples, then each of them alone, eight samples
at a time: a sample is a sum over the modes, and a product carries each mode to the next eight. There is no
exponential per sample and nothing is read, so that the time goes into writing.
"""

# ruff: noqa: PLR0917  compiled functions take arrays and numbers, not objects

from typing import Any

import numpy as np
from numba import njit, prange

from openkap.core.pharmacology.fast_lanes import (
    LANES,
    Decorator,
    every,
    exp,
    expect,
    if_less,
    load,
    size,
    store,
)
from openkap.core.pharmacology.fast_modes import (
    AMOUNT,
    CL,
    CLM,
    DEPOT,
    FM,
    INTO_DEPOT,
    INTO_DEPOT_METABOLITE,
    INTO_PLASMA,
    INTO_PLASMA_METABOLITE,
    MODES,
    Q2,
    Q3,
    RATES,
    ROWS,
    SOUND,
    V1,
    V2,
    V3,
    VM,
    gather,
    solve_modes,
)

PEOPLE = 64  # per task
# Rows of what is kept for each piece: amplitudes of the plasma (4) and the metabolite (5) at its first sample,
# levels the input holds, levels at the moment itself.
_PLASMA, _METABOLITE, HELD, _AT_ONCE, KEPT = 0, 4, 9, 11, 13
_EARLY, _TERMS = (
    0.1,
    10,
)  # times the largest rate: before, a series about the moment is used where times are any
_ROUNDING = 3.0 * 2.0**-52  # of the absolute terms, at the first samples
_TOLERANCE, _FLOOR = 1e-9, 1e-6  # the error measure

# Counting references locks the bus, which waits for every write on its way to memory: where there is no call,
# nothing is counted.
_inlined: Decorator = njit(cache=True, error_model="numpy", inline="always")


@_inlined
def decays_of(rows: Any, durations: Any, decays: Any) -> None:
    """exp(-rate x duration), for every duration that the plan has and every mode."""
    for number in range(len(durations)):
        for mode in range(MODES):
            rate = load(rows, (RATES + mode) * LANES)
            store(decays, (number * MODES + mode) * LANES, exp(rate * -durations[number]))


@_inlined
def _begin(rows: Any, state: Any, moment: int, bolus: Any, flow: Any, held: Any) -> None:
    """Step over a moment: what jumps in, what starts or stops flowing. `state`: 9 modes, 2 held, 2 at once."""
    amount = load(rows, AMOUNT * LANES)
    jump, poured, change = amount * bolus[moment, 0], amount * bolus[moment, 1], amount * flow[moment]
    level = amount * held[moment]
    for analyte in range(2):
        count = 4 if analyte == 0 else 5
        into, by = (
            (INTO_PLASMA, INTO_DEPOT) if analyte == 0 else (INTO_PLASMA_METABOLITE, INTO_DEPOT_METABOLITE)
        )
        first = _PLASMA if analyte == 0 else _METABOLITE
        at_once, holds = load(state, (HELD + analyte) * LANES), every(0.0)
        for mode in range(count):
            now = load(state, (first + mode) * LANES)
            at_once = at_once + now
            unit = every(0.0) if analyte == 0 and mode == 3 else load(rows, (into + mode) * LANES)
            fed = unit / load(rows, (RATES + mode) * LANES)
            now = now + unit * jump - fed * change
            if bolus[moment, 1] != 0.0:
                now = now + load(rows, (by + mode) * LANES) * poured
            holds = holds + fed * level
            store(state, (first + mode) * LANES, now)
        if analyte == 0:
            at_once = at_once + jump / load(rows, V1 * LANES)
        store(state, (HELD + analyte) * LANES, holds)
        store(state, (_AT_ONCE + analyte) * LANES, if_less(at_once, every(0.0), every(0.0), at_once))


@_inlined
def _decay(state: Any, decays: Any, number: int, kept: Any, place: int) -> None:
    """What is left of the amplitudes after a duration, written to `kept` from `place` on."""
    for mode in range(4):
        factor = load(decays, (number * MODES + mode) * LANES)
        store(kept, place + (_PLASMA + mode) * LANES, load(state, (_PLASMA + mode) * LANES) * factor)
    for mode in range(5):
        factor = load(decays, (number * MODES + mode) * LANES)
        store(kept, place + (_METABOLITE + mode) * LANES, load(state, (_METABOLITE + mode) * LANES) * factor)


@_inlined
def _judge(kept: Any, place: int, rows: Any, first: Any, verdict: Any) -> None:
    """Note the first sample after the piece's start: how far rounding exceeds what its value allows, and the
    peak. `verdict`: excess and peak of each analyte; `first`: when that sample is.
    """
    for analyte in range(2):
        begin, count = (_PLASMA, 4) if analyte == 0 else (_METABOLITE, 5)
        value = load(kept, place + (HELD + analyte) * LANES)
        absolute = size(value)
        for mode in range(count):
            term = load(kept, place + (begin + mode) * LANES)
            term = term * exp(load(rows, (RATES + mode) * LANES) * first * -1.0)
            value, absolute = value + term, absolute + size(term)
        excess = absolute * _ROUNDING - value * _TOLERANCE
        for row, found in ((2 * analyte, excess), (2 * analyte + 1, value)):
            known = load(verdict, row * LANES)
            store(verdict, row * LANES, if_less(known, found, found, known))


@_inlined
def amplitudes_of(
    rows: Any, plan: Any, durations: Any, decays: Any, state: Any, verdict: Any, kept: Any
) -> None:
    """Eight people through all moments: what each piece starts from, and whether they are sound."""
    bolus, flow, held, pieces, spans, _, since = plan
    state[:], verdict[:] = 0.0, 0.0
    piece = 0
    for moment in range(len(flow)):
        _begin(rows, state, moment, bolus, flow, held)
        while piece < len(pieces) and pieces[piece, 0] == moment:
            place = piece * KEPT * LANES
            _decay(state, decays, pieces[piece, 4], kept, place)
            for row in range(HELD, KEPT):
                store(kept, place + row * LANES, load(state, row * LANES))
            first = every(durations[2 * pieces[piece, 3]])
            if len(since):
                early = _EARLY / load(rows, RATES * LANES)
                first = if_less(first, early, early, first)
            _judge(kept, place, rows, first, verdict)
            piece += 1
        _decay(state, decays, spans[moment], state, 0)
    sound = load(rows, SOUND * LANES)
    for analyte in range(2):
        excess, peak = load(verdict, 2 * analyte * LANES), load(verdict, (2 * analyte + 1) * LANES)
        sound = if_less(peak * (_TOLERANCE * _FLOOR), excess, every(0.0), sound)
    store(rows, SOUND * LANES, sound)


@_inlined
def powers_of(decays: Any, step: int, lane: int, table: Any) -> None:
    """The first eight powers of one person's decay over a step, one mode after another."""
    for mode in range(MODES):
        one = decays[(2 * step * MODES + mode) * LANES + lane]
        two = one * one
        four, here = two * two, (step * MODES + mode) * LANES
        table[here], table[here + 1], table[here + 2], table[here + 3] = 1.0, one, two, two * one
        table[here + 4], table[here + 5] = four, four * one
        table[here + 6], table[here + 7] = four * two, four * (two * one)


@_inlined
def write_person(
    lane: int, decays: Any, kept: Any, pieces: Any, by_depot: bool, table: Any, out: Any, row: int
) -> None:
    """Every sample of one of the eight; `row`: where the person's samples start in `out`.

    One piece after another: its amplitudes lie eight apart in `kept`. Eight samples are a sum over the modes;
    for the next eight every mode is multiplied once. What is written beyond a piece is written again by the
    next one; nothing is written beyond the row. The loops that write do nothing else: whatever they would keep
    in memory waits in one queue with the samples. The next person's lines of memory are fetched meanwhile.
    """
    samples = pieces[0, 5]
    for number in range(len(pieces)):
        step, start, count = pieces[number, 3], pieces[number, 1], pieces[number, 2]
        at = number * KEPT * LANES + lane
        p0, p1, p2, p3 = kept[at], kept[at + 8], kept[at + 16], kept[at + 24]
        m0, m1, m2, m3, m4 = kept[at + 32], kept[at + 40], kept[at + 48], kept[at + 56], kept[at + 64]
        s0, s1 = kept[at + HELD * LANES], kept[at + (HELD + 1) * LANES]
        first, factor = step * MODES * LANES, (2 * step + 1) * MODES * LANES + lane
        f0, f1, f2 = load(table, first), load(table, first + 8), load(table, first + 16)
        f3, f4 = load(table, first + 24), load(table, first + 32)
        g0, g1, g2, g3 = decays[factor], decays[factor + 8], decays[factor + 16], decays[factor + 24]
        g4 = decays[factor + 32]
        full = (min(start + count + LANES - 1, samples) - start) // LANES
        if by_depot:
            for here in range(row + start, row + start + full * LANES, LANES):
                expect(out, here + 2 * samples)
                expect(out, here + 3 * samples)
                store(out, here, f0 * p0 + s0 + f1 * p1 + f2 * p2 + f3 * p3)
                store(out, samples + here, f0 * m0 + s1 + f1 * m1 + f2 * m2 + f3 * m3 + f4 * m4)
                f0, f1, f2, f3, f4 = f0 * g0, f1 * g1, f2 * g2, f3 * g3, f4 * g4
        else:
            for here in range(row + start, row + start + full * LANES, LANES):
                expect(out, here + 2 * samples)
                expect(out, here + 3 * samples)
                store(out, here, f0 * p0 + s0 + f1 * p1 + f2 * p2)
                store(out, samples + here, f0 * m0 + s1 + f1 * m1 + f2 * m2 + f4 * m4)
                f0, f1, f2, f4 = f0 * g0, f1 * g1, f2 * g2, f4 * g4
        rest = count - full * LANES
        if rest > 0:
            one, two = f0 * p0 + s0 + f1 * p1 + f2 * p2, f0 * m0 + s1 + f1 * m1 + f2 * m2 + f4 * m4
            if by_depot:
                one, two = one + f3 * p3, two + f3 * m3
            _write_rest(table, rest, one, two, out, row + start + full * LANES, samples)
        if pieces[number, 6]:
            # At the moment itself what has just begun would cancel to a rounding error; it is nothing yet.
            out[row + start] = kept[at + _AT_ONCE * LANES]
            out[row + samples + start] = kept[at + (_AT_ONCE + 1) * LANES]


@_inlined
def _write_at(lane: int, rows: Any, kept: Any, plan: Any, desk: Any, out: Any, row: int) -> None:
    """The same at any times: one exponential for each mode and sample."""
    held, pieces, by_depot, since = plan[2], plan[3], plan[5], plan[6]
    samples = pieces[0, 5]
    k0, k1, k2 = rows[RATES * 8 + lane], rows[(RATES + 1) * 8 + lane], rows[(RATES + 2) * 8 + lane]
    k3, k4 = rows[(RATES + 3) * 8 + lane], rows[(RATES + 4) * 8 + lane]
    for number in range(len(pieces)):
        start, count = pieces[number, 1], pieces[number, 2]
        at = number * KEPT * LANES + lane
        p0, p1, p2, p3 = kept[at], kept[at + 8], kept[at + 16], kept[at + 24]
        m0, m1, m2, m3, m4 = kept[at + 32], kept[at + 40], kept[at + 48], kept[at + 56], kept[at + 64]
        s0, s1 = kept[at + HELD * LANES], kept[at + (HELD + 1) * LANES]
        for here in range(start, start + count, LANES):
            elapsed = load(since, here)
            f0, f1, f2 = exp(elapsed * -k0), exp(elapsed * -k1), exp(elapsed * -k2)
            f4 = exp(elapsed * -k4)
            one, two = f0 * p0 + s0 + f1 * p1 + f2 * p2, f0 * m0 + s1 + f1 * m1 + f2 * m2 + f4 * m4
            if by_depot:
                f3 = exp(elapsed * -k3)
                one, two = one + f3 * p3, two + f3 * m3
            if here + LANES <= samples:
                store(out, row + here, one)
                store(out, row + samples + here, two)
            else:
                _write_rest(desk, samples - here, one, two, out, row + here, samples)
        for here in range(start, start + pieces[number, 6]):
            out[row + here] = kept[at + _AT_ONCE * LANES]
            out[row + samples + here] = kept[at + (_AT_ONCE + 1) * LANES]
        for here in range(start + pieces[number, 6], start + count):
            if since[here] * k0 >= _EARLY:
                break
            inflow = rows[AMOUNT * LANES + lane] * held[pieces[number, 0]]
            one, two = _shortly_after(rows, kept, at, lane, by_depot, inflow, since[here])
            out[row + here], out[row + samples + here] = one, two


@njit(cache=True, error_model="numpy")
def _shortly_after(
    rows: Any, kept: Any, at: int, lane: int, by_depot: bool, inflow: float, elapsed: float
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
    plasma, metabolite = kept[at + _AT_ONCE * LANES] * v1, kept[at + (_AT_ONCE + 1) * LANES] * vm
    second = kept[at + HELD * LANES] * k12 / k21 if k12 > 0.0 else 0.0
    third = kept[at + HELD * LANES] * k13 / k31 if k13 > 0.0 else 0.0
    for mode in range(4 if by_depot else 3):
        rate, share = rows[(RATES + mode) * LANES + lane], kept[at + mode * LANES]
        second += share * k12 / (k21 - rate) if k12 > 0.0 else 0.0
        third += share * k13 / (k31 - rate) if k13 > 0.0 else 0.0
    second, third = second * v1, third * v1
    one, two = plasma, metabolite
    for order in range(1, _TERMS):
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


@_inlined
def _write_rest(table: Any, count: int, one: Any, two: Any, out: Any, at: int, samples: int) -> None:
    """The last samples of a row, fewer than eight; the table's end serves as a desk."""
    desk = len(table) - 2 * LANES
    store(table, desk, one)
    store(table, desk + LANES, two)
    for i in range(count):
        out[at + i], out[at + samples + i] = table[desk + i], table[desk + LANES + i]


@njit(cache=True, error_model="numpy")
def _task(
    parameters: Any,
    amounts: Any,
    plan: Any,
    durations: Any,
    steps: int,
    apart: Any,
    first: int,
    out: Any,
    left: Any,
) -> None:
    """Some people, in eights.

    `plan`: shares into plasma and depot, changes of flow, flows, pieces, spans, whether there is a depot, and
    the samples' distances from their moments where they are not even.
    """
    pieces, by_depot, since = plan[3], plan[5], plan[6]
    rows, state = np.empty(ROWS * LANES), np.empty(KEPT * LANES)
    verdict, kept = np.empty(4 * LANES), np.empty(len(pieces) * KEPT * LANES)
    decays, table = np.empty(len(durations) * MODES * LANES), np.empty((steps * MODES + 2) * LANES)
    for begin in range(first, min(first + PEOPLE, len(amounts)), LANES):
        gather(parameters, amounts, begin, rows)
        solve_modes(rows, by_depot, apart[0], apart[1])
        decays_of(rows, durations, decays)
        amplitudes_of(rows, plan, durations, decays, state, verdict, kept)
        for lane in range(min(LANES, len(amounts) - begin)):
            left[begin + lane] = rows[SOUND * LANES + lane] != 1.0
            if not left[begin + lane]:
                row = (begin + lane) * 2 * pieces[0, 5]
                if len(since):
                    _write_at(lane, rows, kept, plan, table, out, row)
                else:
                    for step in range(steps):
                        powers_of(decays, step, lane, table)
                    write_person(lane, decays, kept, pieces, by_depot, table, out, row)


@njit(cache=True, parallel=True, error_model="numpy")
def fill(
    parameters: Any, amounts: Any, plan: Any, durations: Any, steps: int, apart: Any, out: Any, left: Any
) -> None:
    """Everybody, in parallel; `left` marks who was not solved."""
    for task in prange((len(amounts) + PEOPLE - 1) // PEOPLE):
        _task(parameters, amounts, plan, durations, steps, apart, task * PEOPLE, out, left)


@njit(cache=True, error_model="numpy")
def fill_serial(
    parameters: Any, amounts: Any, plan: Any, durations: Any, steps: int, apart: Any, out: Any, left: Any
) -> None:
    """Everybody, one after another, on the caller's core."""
    for task in range((len(amounts) + PEOPLE - 1) // PEOPLE):
        _task(parameters, amounts, plan, durations, steps, apart, task * PEOPLE, out, left)
