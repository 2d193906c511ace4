"""Pharmacokinetics and pharmacodynamics of ketamine: exact, pure, with every assumption named.

A model is a knowledge record (`PkModel`); a dose is a `GivenDose` (mg of free base, minutes); a result is an
`Exposure` (ng/mL, by analyte and sampling site). The session console calls `forecast`.
"""

from openkap.core.pharmacology.covariates import Covariates, RangeState, Sex
from openkap.core.pharmacology.exposure import Curve, Exposure
from openkap.core.pharmacology.given_dose import GivenDose
from openkap.core.pharmacology.individuals import Draws, Vary
from openkap.core.pharmacology.simulation import Population, forecast, samples, simulate
from openkap.knowledge.schema.pk_model import Analyte, PkModel, Site
from openkap.units.dose import Drug, Route

__all__ = [
    "Analyte",
    "Covariates",
    "Curve",
    "Draws",
    "Drug",
    "Exposure",
    "GivenDose",
    "PkModel",
    "Population",
    "RangeState",
    "Route",
    "Sex",
    "Site",
    "Vary",
    "forecast",
    "samples",
    "simulate",
]
