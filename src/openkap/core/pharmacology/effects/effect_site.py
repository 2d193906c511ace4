"""A site that follows the plasma with a delay, as one more compartment: exact like the rest of the system.

It copies the plasma and takes nothing from it.
"""

import math

from openkap.errors import BadInput
from openkap.knowledge.schema.expression import Expression
from openkap.knowledge.schema.pk_model import (
    Analyte,
    Confidence,
    Evidence,
    Flow,
    Measured,
    Parameter,
    PkModel,
    Site,
)
from openkap.knowledge.schema.record import Verification

COMPARTMENT = "effect_site"
RATE = "KE0"

_SITES = {Site.ARTERIAL: Site.ARTERIAL_EFFECT, Site.VENOUS: Site.VENOUS_EFFECT}
_MINUTES = {"min": 1.0, "h": 60.0}


def with_effect_site(model: PkModel, analyte: Analyte, half_life_min: float) -> PkModel:
    """The model measuring `analyte` at an effect site only. A half-life of 0 is the plasma itself,
    relabelled.
    """
    if not (math.isfinite(half_life_min) and half_life_min >= 0):
        raise BadInput("An equilibration half-life is a number from 0 on.", field="half_life_min")
    plasma = next((m for m in model.structure.measured if m.analyte is analyte), None)
    if plasma is None or plasma.site not in _SITES:
        raise BadInput(
            "%(model)s does not measure %(analyte)s at a site that an effect can follow.",
            field="analyte",
            model=model.id,
            analyte=analyte,
        )
    site = _SITES[plasma.site]
    if half_life_min == 0:
        return _measuring(model, plasma.model_copy(update={"site": site}))
    rate = math.log(2.0) / (half_life_min / _MINUTES[model.time_unit])
    assumed = Evidence(verification=Verification.CONVENTION, confidence=Confidence.ASSUMED)
    parameter = Parameter(value=rate, unit=f"1/{model.time_unit}", evidence=assumed)
    link = (
        Flow(source=plasma.compartment, to=COMPARTMENT, rate=Expression(RATE), copies=True),
        Flow(source=COMPARTMENT, rate=Expression(RATE)),
    )
    structure = model.structure.model_copy(
        update={
            "compartments": (*model.structure.compartments, COMPARTMENT),
            "flows": (*model.structure.flows, *link),
        }
    )
    wider = model.model_copy(
        update={"structure": structure, "parameters": {**model.parameters, RATE: parameter}}
    )
    return _measuring(wider, Measured(analyte=analyte, site=site, compartment=COMPARTMENT, scale=plasma.scale))


def _measuring(model: PkModel, measured: Measured) -> PkModel:
    structure = model.structure.model_copy(update={"measured": (measured,), "derived": None})
    return model.model_copy(update={"structure": structure})
