"""The common workload: an infusion of 0.5 mg/kg over 40 min on six days, 21 days, three compartments and a
metabolite.

1,920 samples a person: each minute for four hours of every session, hourly between. Parameters vary
log-normally between people; the numbers only have to be of the right size, and are no model of a drug.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.fast_grid import GridDose, GridPlan, Stretch, grid_plan
from openkap.core.pharmacology.linear_system import Inputs, LinearSystem
from openkap.core.pharmacology.random_stream import normals

Floats = npt.NDArray[np.float64]

DAYS = (0, 3, 7, 10, 14, 17)
SPAN = 40 / 60
END_DAY = 21
TYPICAL = {"CL": 84.0, "V1": 25.0, "Q2": 161.0, "V2": 56.0, "Q3": 79.0, "V3": 157.0}
SPREAD = (0.30, 0.35, 0.30, 0.30, 0.30, 0.30)
KA, CLM, VM, FM = 1.3, 58.0, 99.0, 1.0


@dataclass(frozen=True)
class Workload:
    """People's parameters and doses, and when to look."""

    parameters: Floats  # (people, 10), hours and litres
    amounts: Floats
    depot: bool

    @property
    def people(self) -> int:
        return len(self.amounts)

    @property
    def doses(self) -> list[GridDose]:
        return [GridDose(24.0 * day, 0.0 if self.depot else SPAN, self.depot) for day in DAYS]

    @property
    def plan(self) -> GridPlan:
        return grid_plan(self.doses, stretches())

    @property
    def system(self) -> LinearSystem:
        """The same as a general linear system: depot, three of plasma, metabolite."""
        cl, v1, q2, v2, q3, v3, ka, clm, vm, fm = self.parameters.T
        rates = np.zeros((self.people, 5, 5))
        flows = [
            (0, 1, ka),
            (1, 2, q2 / v1),
            (2, 1, q2 / v2),
            (1, 3, q3 / v1),
            (3, 1, q3 / v3),
            (1, 4, fm * cl / v1),
        ]
        for source, target, rate in flows:
            rates[:, source, source] -= rate
            rates[:, target, source] += rate
        rates[:, 4, 4] -= clm / vm
        return LinearSystem(rates, (1, 4), np.stack([1 / v1, 1 / vm], axis=1))

    @property
    def inputs(self) -> Inputs:
        starts = np.array([[24.0 * day for day in DAYS]])
        spans = np.zeros_like(starts) if self.depot else np.full_like(starts, SPAN)
        place = np.full(len(DAYS), 0 if self.depot else 1, dtype=np.int64)
        return Inputs(place, starts, spans, np.repeat(self.amounts[:, None], len(DAYS), axis=1))

    def first(self, count: int) -> "Workload":
        return self.of(np.arange(count))

    def of(self, chosen: npt.NDArray[Any]) -> "Workload":
        return Workload(self.parameters[chosen], self.amounts[chosen], self.depot)


def workload(people: int, *, depot: bool = False, seed: int = 1) -> Workload:
    """A cohort; its first people are the same whatever its size."""
    scores = normals(seed, np.arange(people), "workload", 1 + len(TYPICAL))
    weight = 70.0 * np.exp(0.2 * scores[:, 0])
    columns = []
    for i, ((name, typical), spread) in enumerate(zip(TYPICAL.items(), SPREAD, strict=True), start=1):
        exponent = 1.0 if name.startswith("V") else 0.75
        columns.append(typical * (weight / 70.0) ** exponent * np.exp(spread * scores[:, i]))
    fixed = [np.full(people, value) for value in (KA, CLM, VM, FM)]
    return Workload(np.stack([*columns, *fixed], axis=1), 500.0 * weight, depot)


def stretches() -> list[Stretch]:
    found = []
    for position, day in enumerate(DAYS):
        following = DAYS[position + 1] if position + 1 < len(DAYS) else END_DAY
        found.append(Stretch(24.0 * day, 1 / 60, 240))
        found.append(Stretch(24.0 * day + 4.0, 1.0, 24 * (following - day) - 4))
    return found


def times() -> Floats:
    return np.concatenate([s.first + s.step * np.arange(s.count) for s in stretches()])
