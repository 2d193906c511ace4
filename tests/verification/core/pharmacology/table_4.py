"""Perez-Ruixo's Table 4, all of it: a check of the covariates (age, ancestry) that the list leaves out."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from tests.factories.pharmacology import dose, model
from tests.verification.core.pharmacology.validation import IMPLEMENTATION

from openkap.core.pharmacology import Analyte, Covariates, simulate

TABLE = Path(__file__).parents[3] / "reference" / "perez_ruixo_table_4.yaml"
FIGURES = ("esketamine Cmax", "esketamine AUC0-24", "noresketamine Cmax", "noresketamine AUC0-24")
HALF_A_DIGIT = 0.05  # the table is printed to one decimal


@dataclass(frozen=True)
class Cell:
    """One printed figure and ours."""

    stratum: str
    dose_mg: float
    figure: str
    published: float
    predicted: float

    @property
    def ratio(self) -> float:
        return self.predicted / self.published

    @property
    def holds(self) -> bool:
        return abs(self.ratio - 1.0) <= IMPLEMENTATION

    @property
    def within_its_rounding(self) -> bool:
        """Whether some number that is printed so is met."""
        short = abs(self.predicted - self.published) - HALF_A_DIGIT
        return short <= IMPLEMENTATION * self.published


@cache
def cells() -> tuple[Cell, ...]:
    strata = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["strata"]
    return tuple(cell for stratum in strata for row in stratum["rows"] for cell in _replay(stratum, *row))


def _replay(stratum: dict, dose_mg: float, *published: float) -> list[Cell]:
    times = np.concatenate([np.arange(0.0, 180.0, 0.25), np.arange(180.0, 1440.5, 1.0)])
    person = Covariates(
        weight_kg=74.0, age_years=stratum["age_years"], asian=stratum["asian"], japanese=stratum["japanese"]
    )
    found = simulate(model("perez-ruixo-2021"), [dose(dose_mg, "esketamine", "in")], person, times)
    values = []
    for analyte in (Analyte.S_KETAMINE, Analyte.S_NORKETAMINE):
        level = found.curve(analyte).typical
        values += [float(level.max()), float(np.trapezoid(level, times)) / 60.0]
    return [
        Cell(stratum["name"], dose_mg, name, printed, own)
        for name, printed, own in zip(FIGURES, published, values, strict=True)
    ]
