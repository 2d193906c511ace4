"""The compiled part of `fast_grid`. Imported only there: numba takes a second to load.

One person at a time: the three rates of the plasma by the cosine formula and a step of Newton's, five modes,
their amplitudes at each moment, then every sample as a product of two short power tables.
"""

# ruff: noqa: PLR0917  compiled functions take arrays and numbers, not objects

import math
from typing import Any

import numpy as np
from numba import njit, prange

_BLOCK = 32
_MODES = 5


@njit(cache=True, error_model="numpy")
def _roots(k10: float, k12: float, k21: float, k13: float, k31: float, rates: Any) -> None:
    """The three disposition rates: roots of x^3 - a2 x^2 + a1 x - a0, all real and not negative."""
    a2 = k10 + k12 + k13 + k21 + k31
    a1 = k10 * k31 + k21 * k31 + k21 * k13 + k10 * k21 + k31 * k12
    a0 = k10 * k21 * k31
    centre = a2 / 3.0
    p = a1 / 3.0 - centre * centre
    q = centre * centre * centre - centre * a1 / 2.0 + a0 / 2.0
    radius = math.sqrt(max(-p, 0.0))
    cosine = 1.0 if radius == 0.0 else min(1.0, max(-1.0, q / (radius * radius * radius)))
    angle = math.acos(cosine) / 3.0
    for i in range(3):
        root = centre + 2.0 * radius * math.cos(angle + 2.0 * math.pi * i / 3.0)
        for _ in range(2):
            slope = (3.0 * root - 2.0 * a2) * root + a1
            if slope != 0.0:
                root -= (((root - a2) * root + a1) * root - a0) / slope
        rates[i] = root


@njit(cache=True, error_model="numpy")
def _modes(row: Any, apart: float, rates: Any, plasma: Any, metabolite: Any) -> bool:
    """Rates of the five modes, and what each adds to the plasma and the metabolite after a unit bolus.

    `plasma`, `metabolite`: (2, 5) for a bolus into the plasma and into the depot. False if rates lie too close.
    """
    cl, v1, q2, v2, q3, v3 = row[0], row[1], row[2], row[3], row[4], row[5]
    ka, clm, vm, fm = row[6], row[7], row[8], row[9]
    k21, k31 = q2 / v2, q3 / v3
    _roots(cl / v1, q2 / v1, k21, q3 / v1, k31, rates)
    rates[3], rates[4] = ka, clm / vm
    for i in range(_MODES):
        if not (rates[i] > 0.0 and rates[i] < np.inf):
            return False
        for j in range(i):
            if abs(rates[i] - rates[j]) < apart * max(rates[i], rates[j]):
                return False
    feed = fm * cl / v1 * v1 / vm
    plasma[:, :] = 0.0
    metabolite[:, :] = 0.0
    for i in range(3):
        rest = 1.0
        for j in range(3):
            if j != i:
                rest *= rates[j] - rates[i]
        share = (k21 - rates[i]) * (k31 - rates[i]) / rest / v1
        plasma[0, i] = share
        absorbed = share * ka / (ka - rates[i])
        plasma[1, i] = absorbed
        plasma[1, 3] -= absorbed
    for way in range(2):
        for i in range(4):
            formed = feed * plasma[way, i] / (rates[4] - rates[i])
            metabolite[way, i] = formed
            metabolite[way, 4] -= formed
    return True


@njit(cache=True, error_model="numpy")
def _tables(rates: Any, steps: Any, fine: Any) -> None:
    """fine[step, mode, i] = exp(-rate x i x step), up to and with i = BLOCK."""
    for s in range(len(steps)):
        for mode in range(_MODES):
            factor = math.exp(-rates[mode] * steps[s])
            value = 1.0
            for i in range(_BLOCK + 1):
                fine[s, mode, i] = value
                value *= factor


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _write(plasma: Any, metabolite: Any, steady: Any, fine: Any, first: int, count: int, out: Any) -> None:
    """One piece: amplitudes at its first sample, a table of powers, and the level that the input holds."""
    p0, p1, p2, p3 = plasma[0], plasma[1], plasma[2], plasma[3]
    m0, m1, m2, m3, m4 = metabolite[0], metabolite[1], metabolite[2], metabolite[3], metabolite[4]
    f0, f1, f2, f3, f4 = fine[0], fine[1], fine[2], fine[3], fine[4]
    g0, g1, g2, g3, g4 = f0[_BLOCK], f1[_BLOCK], f2[_BLOCK], f3[_BLOCK], f4[_BLOCK]
    s0, s1 = steady[0], steady[1]
    done = 0
    while done < count:
        width = min(_BLOCK, count - done)
        one, two = out[0, first + done : first + done + width], out[1, first + done : first + done + width]
        for i in range(width):
            one[i] = s0 + p0 * f0[i] + p1 * f1[i] + p2 * f2[i] + p3 * f3[i]
            two[i] = s1 + m0 * f0[i] + m1 * f1[i] + m2 * f2[i] + m3 * f3[i] + m4 * f4[i]
        p0, p1, p2, p3 = p0 * g0, p1 * g1, p2 * g2, p3 * g3
        m0, m1, m2, m3, m4 = m0 * g0, m1 * g1, m2 * g2, m3 * g3, m4 * g4
        done += width


@njit(cache=True, error_model="numpy")
def _person(
    row: Any,
    amount: float,
    moments: Any,
    bolus: Any,
    flow: Any,
    held: Any,
    pieces: Any,
    offsets: Any,
    steps: Any,
    apart: float,
    out: Any,
) -> bool:
    rates, plasma, metabolite = np.empty(_MODES), np.empty((2, _MODES)), np.empty((2, _MODES))
    if not _modes(row, apart, rates, plasma, metabolite):
        return False
    fine = np.empty((len(steps), _MODES, _BLOCK + 1))
    _tables(rates, steps, fine)
    now, steady = np.zeros((2, _MODES)), np.zeros(2)
    here = np.empty((2, _MODES))
    piece = 0
    for moment in range(len(moments)):
        level = steady + now.sum(axis=1)
        level[0] += amount * bolus[moment, 0] / row[1]
        steady[:] = 0.0
        for mode in range(_MODES):
            change = amount * flow[moment] / rates[mode]
            now[0, mode] += amount * (bolus[moment, 0] * plasma[0, mode] + bolus[moment, 1] * plasma[1, mode])
            now[1, mode] += amount * (
                bolus[moment, 0] * metabolite[0, mode] + bolus[moment, 1] * metabolite[1, mode]
            )
            now[0, mode] -= change * plasma[0, mode]
            now[1, mode] -= change * metabolite[0, mode]
            steady[0] += amount * held[moment] / rates[mode] * plasma[0, mode]
            steady[1] += amount * held[moment] / rates[mode] * metabolite[0, mode]
        while piece < len(pieces) and pieces[piece, 0] == moment:
            for mode in range(_MODES):
                decay = math.exp(-rates[mode] * offsets[piece]) if offsets[piece] != 0.0 else 1.0
                here[0, mode] = now[0, mode] * decay
                here[1, mode] = now[1, mode] * decay
            _write(here[0], here[1], steady, fine[pieces[piece, 3]], pieces[piece, 1], pieces[piece, 2], out)
            if offsets[piece] == 0.0:
                # At the moment itself what has just begun would cancel to a rounding error; it is nothing yet.
                out[0, pieces[piece, 1]], out[1, pieces[piece, 1]] = max(level[0], 0.0), max(level[1], 0.0)
            piece += 1
        if moment + 1 < len(moments):
            span = moments[moment + 1] - moments[moment]
            for mode in range(_MODES):
                decay = math.exp(-rates[mode] * span)
                now[0, mode] *= decay
                now[1, mode] *= decay
    return True


@njit(cache=True, parallel=True, error_model="numpy")
def fill(
    parameters: Any,
    amounts: Any,
    moments: Any,
    bolus: Any,
    flow: Any,
    held: Any,
    pieces: Any,
    offsets: Any,
    steps: Any,
    apart: float,
    out: Any,
    left: Any,
) -> None:
    """Everybody, in parallel; `left` marks who was not solved."""
    for person in prange(len(amounts)):
        left[person] = not _person(
            parameters[person],
            amounts[person],
            moments,
            bolus,
            flow,
            held,
            pieces,
            offsets,
            steps,
            apart,
            out[person],
        )


@njit(cache=True, error_model="numpy")
def fill_serial(
    parameters: Any,
    amounts: Any,
    moments: Any,
    bolus: Any,
    flow: Any,
    held: Any,
    pieces: Any,
    offsets: Any,
    steps: Any,
    apart: float,
    out: Any,
    left: Any,
) -> None:
    """Everybody, one after another, on the caller's core."""
    for person in range(len(amounts)):
        left[person] = not _person(
            parameters[person],
            amounts[person],
            moments,
            bolus,
            flow,
            held,
            pieces,
            offsets,
            steps,
            apart,
            out[person],
        )
