"""A million filled questionnaires scored on one core: `python -m benchmarks.scoring`.

The product scores one at a time, with everything a person needs to rely on it: each answer checked against what
was offered, questions that were not put, missing answers estimated or refused by the form's rule, parts, band,
outcome, safety answers. Beside it, in turns in the same run, the least that could be done instead: NumPy adding
up a matrix of answers that are taken on trust, by the same rule on missing ones; its totals must be the same.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Any

import numpy as np

from benchmarks.reporting import Line, conditions, report
from openkap import knowledge
from openkap.core.psychometrics import Answer, NotAnswered, score
from openkap.knowledge.schema.instrument import Instrument, Scoring

DAY = date(2026, 11, 21)
ROUNDS, EACH = 5, 10_000  # of each form
MANY = 1_000_000
LEFT_OUT = 0.04  # share of the answers, where some are


@dataclass(frozen=True)
class Form:
    """A questionnaire with many people's answers: as the product takes them, and as a matrix (NaN: none)."""

    name: str
    instrument: Instrument
    rows: Sequence[list[Answer]]
    matrix: "np.ndarray[Any, np.dtype[np.float64]]"


def forms() -> list[Form]:
    """Sums of three lengths, a mean with parts where one is known, and a sum with answers left out."""
    known = knowledge.load(DAY).instruments
    means = [one for one in known.values() if one.items and one.scoring is Scoring.MEAN]
    found = [form(known[name].abbreviation, known[name], 0.0) for name in ("phq-9", "gad-7", "pcl-5")]
    found += [form(f"{one.abbreviation}, a mean", one, 0.0) for one in means[:1]]
    return [*found, form("PHQ-9, answers left out", known["phq-9"], LEFT_OUT)]


def form(name: str, instrument: Instrument, left_out: float) -> Form:
    """Answers by chance, the same in every run. Items whose asking hangs on others are always asked here."""
    chance = np.random.default_rng(20_261_121)
    columns = [
        chance.choice([choice.value for choice in instrument.choices_of(item)], EACH).astype(float)
        for item in instrument.items
    ]
    matrix = np.column_stack(columns)
    matrix[chance.random(matrix.shape) < left_out] = np.nan
    rows: list[list[Answer]] = [
        [NotAnswered.SKIP if isnan(value) else int(value) for value in row] for row in matrix.tolist()
    ]
    return Form(name, instrument, rows, matrix)


def by_product(one: Form) -> list[float | None]:
    """The totals, as the product works them out."""
    return [score(one.instrument, row).total for row in one.rows]


def by_numpy(one: Form) -> list[float | None]:
    """The totals of a sum by its rule on missing answers, nothing checked."""
    rule = one.instrument.missing
    assert rule is not None
    given = ~np.isnan(one.matrix)
    count, items = given.sum(axis=1), one.matrix.shape[1]
    required = [index for index, item in enumerate(one.instrument.items) if item.id in rule.required]
    allowed = (items - count <= rule.at_most) & given[:, required].all(axis=1) & (count > 0)
    share = np.floor(np.nansum(one.matrix, axis=1) * items / np.maximum(count, 1) + 0.5)
    return [value if known else None for value, known in zip(share.tolist(), allowed.tolist(), strict=True)]


def took(work: Callable[[Form], list[float | None]], one: Form) -> float:
    """Microseconds of the processor for one response."""
    began = time.process_time()
    work(one)
    return (time.process_time() - began) / len(one.rows) * 1e6


def is_plain_sum(one: Form) -> bool:
    """Whether NumPy's line can do it."""
    return one.instrument.scoring is Scoring.SUM and one.instrument.has_total


def main() -> None:
    """Measure all of it."""
    under, every = conditions(), forms()
    single: dict[str, list[float]] = {one.name: [] for one in every}
    least: dict[str, list[float]] = {one.name: [] for one in every if is_plain_sum(one)}
    for _ in range(ROUNDS):
        for one in every:
            single[one.name].append(took(by_product, one))
            if is_plain_sum(one):
                least[one.name].append(took(by_numpy, one))
    agree = sum(agreeing(one) for one in every if is_plain_sum(one))
    clock, processor = a_million(every)
    first = statistics.median(single[every[0].name])
    lines = [
        *(line(f"{name}, one", found, "µs", first) for name, found in single.items()),
        *(line(f"{name}, one, NumPy adding up a matrix", found, "µs", first) for name, found in least.items()),
        line(f"{MANY:,} of all these, one core, by the clock", [clock], "s", None),
        line(f"{MANY:,} of all these, one core, of the processor", [processor], "s", None),
    ]
    report("scoring", lines, under, agree=agree, a_second=round(MANY / processor))


def agreeing(one: Form) -> int:
    """How many totals are the same by both ways. Fails when one is not."""
    product, least = by_product(one), by_numpy(one)
    if product != least:
        raise SystemExit(f"{one.name}: the two ways do not agree")
    return len(product)


def a_million(every: Sequence[Form]) -> tuple[float, float]:
    """Seconds, by the clock and of the processor, for a million in turns of all forms."""
    began, before = time.perf_counter(), time.process_time()
    done = 0
    while done < MANY:
        for one in every:
            done += len(by_product(one))
            if done >= MANY:
                break
    return time.perf_counter() - began, time.process_time() - before


def line(what: str, found: Sequence[float], unit: str, base: float | None) -> Line:
    """The median of the rounds."""
    middle = statistics.median(found)
    ratio = None if base is None else round(middle / base, 2)
    return Line(what, round(middle, 2), round(min(found), 2), round(max(found), 2), unit, ratio)


if __name__ == "__main__":
    main()
