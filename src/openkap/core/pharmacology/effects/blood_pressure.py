"""The rise of blood pressure with venous racemic ketamine: exploratory, for a group and not for a person."""

import math
from dataclasses import dataclass

import numpy as np

from openkap.core.pharmacology.concentration import Concentration, demand
from openkap.core.pharmacology.linear_system import Floats
from openkap.errors import BadInput
from openkap.knowledge.schema.pd_model import PdModel, Slope, Standing

_Z95 = 1.6448536269514722  # the 95th percentile of the standard normal distribution


@dataclass(frozen=True)
class Rise:
    """mmHg above the start: typical, and 5 to 95 % of people; `extrapolated` marks levels nobody looked at."""

    outcome: str
    standing: Standing
    times_min: Floats
    typical: Floats
    p05: Floats
    p95: Floats
    extrapolated: bool


def blood_pressure_rise(effect: PdModel, level: Concentration, outcome: str) -> Rise:
    """The rise over time. Raises `WrongConcentration` unless `level` is what the effect needs."""
    demand(level, effect.needs.analyte, effect.needs.site)
    form = effect.form
    if not isinstance(form, Slope):
        raise BadInput("%(effect)s has no slope.", field="effect", effect=effect.id)
    slope = form.outcomes.get(outcome)
    if slope is None:
        raise BadInput(
            "%(effect)s has %(outcomes)s, not %(outcome)s.",
            field="outcome",
            effect=effect.id,
            outcomes=", ".join(form.outcomes),
            outcome=outcome,
        )
    spread = math.exp(_Z95 * math.sqrt(math.log1p((form.between_subject_cv_percent.value / 100.0) ** 2)))
    typical = slope.value * level.ng_ml
    beyond = bool((level.ng_ml > form.up_to.value).any())
    return Rise(
        outcome,
        effect.standing,
        level.times_min,
        typical,
        np.asarray(typical / spread),
        np.asarray(typical * spread),
        beyond,
    )
