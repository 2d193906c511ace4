"""Ours beside what mrgsolve said of the same records and of our exports (`python -m tools.mrgsolve_check`)."""

import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tests.factories.pharmacology import FLOOR, model
from tools.mrgsolve_check.exported import Run, doses_of, run_of

from openkap.core.pharmacology import Covariates, Draws, Vary, samples
from openkap.core.pharmacology.assembly import inputs_of, measured_of, system_of
from openkap.core.pharmacology.generic_models import generic_model
from openkap.core.pharmacology.individuals import typical_values
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.plan import plan_of
from openkap.core.pharmacology.record_solver import Carry, RecordModel, solve_records
from openkap.core.pharmacology.records import read_csv
from openkap.knowledge.schema.expression import Expression
from openkap.knowledge.schema.pk_model import Analyte

HERE = Path(__file__).parents[3] / "reference"
ALLOMETRY = {"CL": 0.75, "Q2": 0.75, "V1": 1.0}  # as in the script that asked mrgsolve
ALLOWED = 1e-6
PEOPLE = 4000


@dataclass(frozen=True)
class Spread:
    """The spread between people at one moment: ours, and that of the people mrgsolve drew."""

    model: str
    analyte: str
    time: float
    sd: tuple[float, float]
    mean: tuple[float, float]
    scatter: tuple[float, float]


@cache
def asked_of_records() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "pk_mrgsolve_records.json").read_text(encoding="utf-8"))
    return found


@cache
def asked_of_exports() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "pk_mrgsolve_exports.json").read_text(encoding="utf-8"))
    return found


def family(case: dict[str, Any]) -> str:
    """What a set of records tries."""
    return str(case["name"]).rpartition(",")[0]


@cache
def record_errors() -> tuple[float, ...]:
    """The largest relative difference of each set of records."""
    return tuple(_error(_amounts(case), np.array(case["amounts"])) for case in asked_of_records()["cases"])


@cache
def export_errors() -> tuple[float, ...]:
    """The largest relative difference of each export's typical levels."""
    return tuple(
        max(_error(own, np.array(other)) for own, other in zip(_levels(run), run["levels"], strict=True))
        for run in asked_of_exports()["typical"]
    )


def run_again(kept: dict[str, Any]) -> Run:
    """The same export, made now."""
    return run_of(kept["model"], kept["doses"], kept["person"], kept["times"])


@cache
def spreads() -> tuple[Spread, ...]:
    """Logarithms of people's levels: standard deviation and mean; and of a sample over its level."""
    return tuple(one for kept in asked_of_exports()["spread"] for one in _spread(kept))


def _error(own: np.ndarray, other: np.ndarray) -> float:
    return float((np.abs(own - other) / np.maximum(np.abs(other), FLOOR * np.abs(other).max())).max())


def _amounts(case: dict[str, Any]) -> np.ndarray:
    weighed = "WT" in case["records"][0].split(",")
    formulas = {
        name: f"{value!r} * (WT / 70) ** {ALLOMETRY[name]}" if weighed and name in ALLOMETRY else repr(value)
        for name, value in case["parameters"].items()
    }
    solver = RecordModel(generic_model(case["structure"]), {k: Expression(v) for k, v in formulas.items()})
    records = read_csv(io.StringIO("\n".join(case["records"])))
    carried = Carry.BACKWARD if case["backward"] else Carry.FORWARD
    return np.array([row.amount for row in solve_records(solver, records, carried)])


def _levels(kept: dict[str, Any]) -> np.ndarray:
    """Typical levels of each analyte, and the middle of what is assumed: our solver, without the export."""
    held = model(kept["model"])
    plan = plan_of(held, doses_of(kept["doses"]), kept["times"])
    values = typical_values(held, [Covariates(**kept["person"])])
    values |= {name: np.array([(b.low * b.high) ** 0.5]) for name, b in held.assumed.items()}
    structure = held.structure
    measured = measured_of(held, plan.entries)
    system = system_of(structure, values, structure.compartments, measured, 1)
    inputs = inputs_of(held, plan.entries, dict.fromkeys(plan.occasions, values), structure.compartments)
    return np.asarray(solve(system, inputs, plan.times).values[0])


def _spread(kept: dict[str, Any]) -> list[Spread]:
    held, person = model(kept["model"]), Covariates(**kept["person"])
    doses, times = doses_of(kept["doses"]), np.array(kept["times"])
    subjects = np.arange(PEOPLE)
    exact = Draws(1, subjects, frozenset({Vary.BETWEEN_SUBJECT}))
    seen = Draws(1, subjects, frozenset({Vary.BETWEEN_SUBJECT, Vary.RESIDUAL}))
    levels, measured = (samples(held, doses, [person], times, draws).values for draws in (exact, seen))
    found = []
    for name, other in zip(kept["analytes"], kept["measured"], strict=True):
        level, sample = levels[Analyte(name)], measured[Analyte(name)]
        for i, time in enumerate(kept["times"]):
            kind = np.log(level[:, i])
            above = sample[:, i] > 0.0
            ratio = np.log(sample[above, i] / level[above, i])
            found.append(
                Spread(
                    kept["model"], name, time, (float(kind.std()), other["sd"][i]),
                    (float(kind.mean()), other["mean"][i]), (float(ratio.std()), other["scatter"][i]),
                )
            )  # fmt: skip
    return found
