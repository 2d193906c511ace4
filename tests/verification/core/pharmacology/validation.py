"""Every published figure we hold the models against: replayed, judged, and kept whatever the outcome."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from tests.factories.pharmacology import model

from openkap.core.pharmacology import Analyte, Covariates, Draws, GivenDose, samples, simulate
from openkap.units import parse_dose_instruction

ROWS = Path(__file__).parents[3] / "reference" / "pk_validation.yaml"
IMPLEMENTATION = 0.005
GOOD = (0.8, 1.25)
WRONG = 2.0
PEOPLE = 500
SECONDS = 1 / 60
INFINITE_MIN = 20_000


class Outcome(StrEnum):
    """How a row came out."""

    REPRODUCED = "reproduced"
    INSIDE = "inside the published interval"
    CLOSE = "ratio within 0.80 to 1.25"
    HELD = "inside the assumed band"
    OFF = "off, less than twofold"
    FAILED = "FAILED"
    NOT_PREDICTED = "not predicted"


PASSED = frozenset({Outcome.REPRODUCED, Outcome.INSIDE, Outcome.CLOSE, Outcome.HELD})


@dataclass(frozen=True)
class Replayed:
    """One row with what the model says. `band` is the 5 to 95 % range where the route is assumed."""

    row: dict[str, Any]
    predicted: float | None
    band: tuple[float, float] | None
    outcome: Outcome

    @property
    def ratio(self) -> float | None:
        return None if self.predicted is None else self.predicted / self.row["value"]


@cache
def rows() -> tuple[dict[str, Any], ...]:
    return tuple(yaml.safe_load(ROWS.read_text(encoding="utf-8"))["rows"])


@cache
def replayed() -> tuple[Replayed, ...]:
    return tuple(_replay(row) for row in rows())


def doses_of(row: dict[str, Any]) -> list[GivenDose]:
    return [GivenDose.from_instruction(parse_dose_instruction(text)) for text in row["doses"]]


def person_of(row: dict[str, Any]) -> Covariates:
    return Covariates(weight_kg=row["weight_kg"], age_years=row.get("age_years"))


def _replay(row: dict[str, Any]) -> Replayed:
    if "unpredicted" in row:
        return Replayed(row, None, None, Outcome.NOT_PREDICTED)
    if row.get("assumed"):
        low, middle, high = np.quantile(_drawn(row), [0.05, 0.5, 0.95])
        held = Outcome.HELD if low <= row["value"] <= high else _by_ratio(middle / row["value"])
        return Replayed(row, float(middle), (float(low), float(high)), held)
    predicted = _metric(row, *_curve(row))
    return Replayed(row, predicted, None, _judge(row, predicted))


def _judge(row: dict[str, Any], predicted: float) -> Outcome:
    ratio = predicted / row["value"]
    if row["kind"] == "implementation":
        return Outcome.REPRODUCED if abs(ratio - 1) <= IMPLEMENTATION else Outcome.FAILED
    if "low" in row and row["low"] <= predicted <= row["high"]:
        return Outcome.INSIDE
    return _by_ratio(ratio)


def _by_ratio(ratio: float) -> Outcome:
    if GOOD[0] <= ratio <= GOOD[1]:
        return Outcome.CLOSE
    return Outcome.FAILED if not 1 / WRONG <= ratio <= WRONG else Outcome.OFF


def _times(row: dict[str, Any]) -> np.ndarray:
    metric = row["metric"]
    if metric.startswith("C("):
        return np.array([_minutes(metric)])
    if metric in ("CL", "AUC0-inf"):
        return np.concatenate(
            [np.arange(0, 120, 0.05), np.arange(120, 1440, 1.0), np.arange(1440, INFINITE_MIN, 20.0)]
        )
    step = 1.0 if row.get("assumed") else 0.1
    return np.arange(row.get("from_min", 0), row["until_min"] + step / 2, step)


def _minutes(metric: str) -> float:
    number, unit = re.fullmatch(r"C\(([\d.]+) (h|min)\)", metric).groups()
    return float(number) * (60 if unit == "h" else 1)


def _curve(row: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    found = simulate(model(row["model"]), doses_of(row), person_of(row), _times(row))
    return found.times_min, found.curve(Analyte(row["analyte"])).typical


def _drawn(row: dict[str, Any]) -> np.ndarray:
    times = _times(row)
    draws = Draws(0, np.arange(PEOPLE))
    people = samples(model(row["model"]), doses_of(row), [person_of(row)], times, draws).values[
        Analyte(row["analyte"])
    ]
    return np.array([_metric(row, times, one) for one in people])


def _metric(row: dict[str, Any], times: np.ndarray, level: np.ndarray) -> float:
    """In the row's unit."""
    metric, unit = row["metric"], row["unit"]
    if metric.startswith("C("):
        return float(level[0])
    if metric.startswith("Cmax"):
        return float(level.max())
    if metric.startswith("Tmax"):
        return float(times[level.argmax()]) / (60 if unit == "h" else 1)
    area = float(np.trapezoid(level, times))  # ng x min / mL
    if metric.startswith("AUC"):
        return area / (60 if unit == "ng*h/mL" else 1)
    if metric == "CL":
        share = 0.5 if "ketamine" in row["doses"][0].split() else 1.0
        clearance = doses_of(row)[0].amount_mg * share * 1e6 / area  # mL / min
        return clearance / (row["weight_kg"] if unit == "mL/min/kg" else 1)
    raise ValueError(f"row {row['number']}: no way to compute {metric}")
