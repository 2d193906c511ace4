"""The plasticity layer: a hypothesis from mice, as a shape per unit of an unknown largest effect.

A saturating stimulus passes a transit chain and drives a turnover. All of it is linear in the stimulus, so
each step is exact but for the stimulus itself, which is read at the nodes of a Gauss-Legendre rule.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from openkap.core.pharmacology.concentration import Concentration, demand
from openkap.core.pharmacology.exponential import exponential
from openkap.core.pharmacology.linear_system import Floats
from openkap.errors import BadInput
from openkap.knowledge.schema.pd_model import PdModel, Plasticity, Standing

_NODES = 8
_MINUTES_PER_HOUR = 60.0
_HOURS_PER_DAY = 24.0


@dataclass(frozen=True)
class PlasticityShape:
    """Rise above baseline per unit of the largest effect. Always a hypothesis."""

    record_id: str
    record_version: int
    standing: Standing
    times_min: Floats
    per_unit: Floats


def plasticity(
    effect: PdModel, level_at: Callable[[Floats], Concentration], times_min: Floats
) -> PlasticityShape:
    """The shape at ascending times from the first of them, before which nothing was given.

    `level_at` predicts the concentration at any ascending times (minutes); steps between `times_min` should
    be short against the changes of the level. Raises `WrongConcentration` unless it is what the effect needs.
    """
    form = effect.form
    if not isinstance(form, Plasticity):
        raise BadInput("%(effect)s is not a plasticity layer.", field="effect", effect=effect.id)
    nodes, weights = _rule()
    starts, spans = times_min[:-1], np.diff(times_min)
    inner = (starts[:, None] + spans[:, None] * nodes).ravel()
    level = level_at(inner)
    demand(level, effect.needs.analyte, effect.needs.site)
    stimulus = (level.ng_ml / (form.c50.value + level.ng_ml)).reshape(len(starts), len(nodes))
    rates = _rates(form)
    state = np.zeros(len(rates))
    found = [0.0]
    for span, driven in zip(spans, stimulus, strict=True):
        state = exponential(rates, float(span)) @ state
        late = exponential(np.broadcast_to(rates, (len(nodes), *rates.shape)), span * (1.0 - nodes))
        state = state + span * (weights * driven) @ late[:, :, 0] * -rates[0, 0]
        found.append(float(state[-1]))
    return PlasticityShape(effect.id, effect.version, effect.standing, times_min, np.array(found))


def _rates(form: Plasticity) -> Floats:
    """Per minute: the transits, each of mean time MTT / n, then the turnover, which the last of them drives."""
    transit = form.transits / (form.mean_transit_time.value * _MINUTES_PER_HOUR)
    turnover = math.log(2.0) / (form.turnover_half_life.value * _HOURS_PER_DAY * _MINUTES_PER_HOUR)
    size = form.transits + 1
    rates = np.diag([-transit] * form.transits + [-turnover])
    for i in range(1, size):
        rates[i, i - 1] = transit if i < form.transits else turnover
    return rates


def _rule() -> tuple[Floats, Floats]:
    """Nodes and weights on (0, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1.0) / 2.0, weights / 2.0
