"""A band of each shipped model. Apart, so that a cold process imports what a user's would and nothing else."""

import numpy as np

from openkap.core.pharmacology import Covariates, Drug, GivenDose, PkModel, Population, Route, simulate
from openkap.knowledge.loader import read_kind

TIMES = np.arange(0.0, 240.0)
ADULT = Covariates(weight_kg=70.0, age_years=30.0)
SHIPPED = (
    ("otto-2021", Drug.KETAMINE, Route.IV, 40.0),
    ("otto-2021", Drug.ESKETAMINE, Route.IV, 40.0),
    ("simons-2022", Drug.ESKETAMINE, Route.SL, 0.0),
    ("perez-ruixo-2021", Drug.ESKETAMINE, Route.IN, 0.0),
)


def model(record: str) -> PkModel:
    return read_kind("pk_models", PkModel)[record]


def band(record: str, drug: Drug, route: Route, span: float) -> None:
    """500 people, 240 minutes."""
    amount = 56.0 if route is Route.IN else 35.0
    dose = GivenDose(amount_mg=amount, drug=drug, route=route, start_min=0.0, span_min=span)
    simulate(model(record), [dose], ADULT, TIMES, Population(size=500))
