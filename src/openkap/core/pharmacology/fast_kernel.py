"""The compiled part of `fast_grid`. Imported only there: numba takes a second to load.

Eight people at a time up to their amplitudes at each stretch of samples, then each of them alone, eight samples
at a time: a sample is a sum over the modes, and a product carries each mode to the next eight. There is no
exponential per sample and nothing is read, so that the time goes into writing.
"""

# ruff: noqa: PLR0917  compiled functions take arrays and numbers, not objects

from typing import Any

import numpy as np
from numba import njit, prange

from openkap.core.pharmacology.fast_early import (
    DOUBTFUL,
    EARLY,
    FLOOR,
    ROUNDING,
    TERMS,
    TOLERANCE,
    fastest_of,
    repair,
    shortly_after,
)
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
    AT_ONCE,
    DEPOT,
    HELD,
    INTO_DEPOT,
    INTO_DEPOT_METABOLITE,
    INTO_PLASMA,
    INTO_PLASMA_METABOLITE,
    KEPT,
    METABOLITE,
    MODES,
    OF_METABOLITE,
    OF_PLASMA,
    RATES,
    ROWS,
    SOUND,
    V1,
    gather,
    solve_modes,
)

PEOPLE = 64  # per task
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
        first = OF_PLASMA if analyte == 0 else OF_METABOLITE
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
        store(state, (AT_ONCE + analyte) * LANES, if_less(at_once, every(0.0), every(0.0), at_once))


@_inlined
def _decay(state: Any, decays: Any, number: int, kept: Any, place: int) -> None:
    """What is left of the amplitudes after a duration, written to `kept` from `place` on."""
    for mode in range(4):
        factor = load(decays, (number * MODES + mode) * LANES)
        store(kept, place + (OF_PLASMA + mode) * LANES, load(state, (OF_PLASMA + mode) * LANES) * factor)
    for mode in range(5):
        factor = load(decays, (number * MODES + mode) * LANES)
        store(
            kept, place + (OF_METABOLITE + mode) * LANES, load(state, (OF_METABOLITE + mode) * LANES) * factor
        )


@_inlined
def _judge(kept: Any, place: int, left: Any, first: int, verdict: Any) -> None:
    """Note the first sample after the piece's start: how far rounding exceeds what its value allows, and the
    peak. `verdict`: excess and peak of each analyte; `left`, from `first` on: what is left of each mode then.
    """
    for analyte in range(2):
        begin, count = (OF_PLASMA, 4) if analyte == 0 else (OF_METABOLITE, 5)
        value = load(kept, place + (HELD + analyte) * LANES)
        absolute = size(value)
        for mode in range(count):
            term = load(kept, place + (begin + mode) * LANES)
            term = term * load(left, (first + mode) * LANES)
            value, absolute = value + term, absolute + size(term)
        excess = absolute * ROUNDING - value * TOLERANCE
        for row, found in ((2 * analyte, excess), (2 * analyte + 1, value)):
            known = load(verdict, row * LANES)
            store(verdict, row * LANES, if_less(known, found, found, known))


@_inlined
def _fastest(rows: Any, by_depot: bool) -> Any:
    """The largest of each person's rates that are used."""
    largest, metabolite = load(rows, RATES * LANES), load(rows, (RATES + METABOLITE) * LANES)
    largest = if_less(largest, metabolite, metabolite, largest)
    depot = load(rows, (RATES + DEPOT) * LANES)
    return if_less(largest, depot, depot, largest) if by_depot else largest


@_inlined
def _early_decays(rows: Any, first: float, by_depot: bool, early: Any) -> None:
    """What is left of each mode at the first sample that the series does not give."""
    limit = EARLY / _fastest(rows, by_depot)
    when = if_less(every(first), limit, limit, every(first))
    for mode in range(MODES):
        store(early, mode * LANES, exp(load(rows, (RATES + mode) * LANES) * when * -1.0))


@_inlined
def amplitudes_of(
    rows: Any, plan: Any, durations: Any, decays: Any, state: Any, verdict: Any, kept: Any
) -> None:
    """Eight people through all moments: what each piece starts from, and whether they are sound."""
    bolus, flow, held, pieces, spans, by_depot, since = plan
    state[:], verdict[:] = 0.0, 0.0
    early = np.empty(MODES * LANES)
    piece = 0
    for moment in range(len(flow)):
        _begin(rows, state, moment, bolus, flow, held)
        while piece < len(pieces) and pieces[piece, 0] == moment:
            place = piece * KEPT * LANES
            _decay(state, decays, pieces[piece, 4], kept, place)
            for row in range(HELD, KEPT):
                store(kept, place + row * LANES, load(state, row * LANES))
            if len(since):
                _early_decays(rows, durations[2 * pieces[piece, 3]], by_depot, early)
                _judge(kept, place, early, 0, verdict)
            else:
                _judge(kept, place, decays, 2 * pieces[piece, 3] * MODES, verdict)
            piece += 1
        _decay(state, decays, spans[moment], state, 0)
    sound = load(rows, SOUND * LANES)
    for analyte in range(2):
        excess, peak = load(verdict, 2 * analyte * LANES), load(verdict, (2 * analyte + 1) * LANES)
        sound = if_less(peak * (TOLERANCE * FLOOR), excess, sound * DOUBTFUL, sound)
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
            out[row + start] = kept[at + AT_ONCE * LANES]
            out[row + samples + start] = kept[at + (AT_ONCE + 1) * LANES]


@_inlined
def _write_at(lane: int, rows: Any, kept: Any, plan: Any, desk: Any, out: Any, row: int) -> None:
    """The same at any times: one exponential for each mode and sample."""
    held, pieces, by_depot, since = plan[2], plan[3], plan[5], plan[6]
    samples = pieces[0, 5]
    k0, k1, k2 = rows[RATES * 8 + lane], rows[(RATES + 1) * 8 + lane], rows[(RATES + 2) * 8 + lane]
    k3, k4 = rows[(RATES + 3) * 8 + lane], rows[(RATES + 4) * 8 + lane]
    fastest = fastest_of(rows, lane, by_depot)
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
            out[row + here] = kept[at + AT_ONCE * LANES]
            out[row + samples + here] = kept[at + (AT_ONCE + 1) * LANES]
        for here in range(start + pieces[number, 6], start + count):
            if since[here] * fastest >= EARLY:
                break
            inflow = rows[AMOUNT * LANES + lane] * held[pieces[number, 0]]
            one, two = shortly_after(rows, kept, at, lane, by_depot, inflow, since[here], TERMS)
            out[row + here], out[row + samples + here] = one, two


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
            sound, row = rows[SOUND * LANES + lane], (begin + lane) * 2 * pieces[0, 5]
            left[begin + lane] = not sound > 0.0
            if sound > 0.0:
                if len(since):
                    _write_at(lane, rows, kept, plan, table, out, row)
                else:
                    for step in range(steps):
                        powers_of(decays, step, lane, table)
                    write_person(lane, decays, kept, pieces, by_depot, table, out, row)
                if sound < 1.0:
                    left[begin + lane] = not repair(lane, rows, kept, plan, durations, out, row, pieces[0, 5])


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
