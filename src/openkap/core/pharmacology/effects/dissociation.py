"""Dissociation (feeling high) from arterial S-ketamine: an area between assumed ends, never one line."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openkap.core.pharmacology.concentration import demand
from openkap.core.pharmacology.covariates import Covariates
from openkap.core.pharmacology.effects.effect_site import with_effect_site
from openkap.core.pharmacology.given_dose import GivenDose
from openkap.core.pharmacology.linear_system import Floats
from openkap.core.pharmacology.simulation import simulate
from openkap.errors import BadInput
from openkap.knowledge.schema.pd_model import PdModel, Sigmoid, Standing
from openkap.knowledge.schema.pk_model import PkModel

# Shares of the assumed range of delays, denser where an effect is fast.
_DELAYS = tuple(part / 48 for part in (0, 1, 2, 4, 8, 12, 18, 24, 36, 48))


@dataclass(frozen=True)
class EffectArea:
    """The lowest and highest value the assumed range allows at each time, and what kind of statement it is."""

    record_id: str
    record_version: int
    standing: Standing
    outcome: str
    times_min: Floats
    low: Floats
    high: Floats


def dissociation(
    effect: PdModel, model: PkModel, doses: Sequence[GivenDose], covariates: Covariates, times_min: Floats
) -> EffectArea:
    """The share of the largest effect over time, for the typical person.

    Raises `WrongConcentration` for a model that does not predict what the effect needs.
    """
    form = effect.form
    if not isinstance(form, Sigmoid):
        raise BadInput("%(effect)s is not a sigmoid effect.", field="effect", effect=effect.id)
    demand(
        simulate(model, doses, covariates, times_min).concentration(effect.needs.analyte),
        effect.needs.analyte,
        effect.needs.site,
    )
    shares = []
    for delay in _delays(form):
        at_site = simulate(with_effect_site(model, effect.needs.analyte, delay), doses, covariates, times_min)
        level = at_site.concentration(effect.needs.analyte).ng_ml
        shares += [sigmoid(level, form.c50.value, steep) for steep in (form.steepness.low, form.steepness.high)]
    everything = np.stack(shares)
    return EffectArea(
        effect.id,
        effect.version,
        effect.standing,
        effect.outcome,
        times_min,
        everything.min(axis=0),
        everything.max(axis=0),
    )


def _delays(form: Sigmoid) -> list[float]:
    """The assumed half-lives at which the ends of the area are looked for; found to within 0.01 of the share.

    Just after a dose a delay between the two ends gives the highest level at the site. In the steepness the
    share only rises or only falls, so that its two ends suffice.
    """
    ends = form.equilibration_half_life
    return [ends.low + share * (ends.high - ends.low) for share in _DELAYS]


def sigmoid(level: Floats, c50: float, steepness: float) -> Floats:
    """C^g / (C50^g + C^g)."""
    raised = (level / c50) ** steepness
    return np.asarray(raised / (1.0 + raised))
