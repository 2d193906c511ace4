"""Predicted concentrations, with everything needed to know what they are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.assumptions import Assumption
from openkap.core.pharmacology.concentration import Concentration, WrongConcentration
from openkap.core.pharmacology.covariates import RangeState
from openkap.core.pharmacology.linear_system import Status
from openkap.knowledge.schema.pk_model import Analyte, Site
from openkap.knowledge.schema.record import Text, Verification

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """One analyte at one sampling site, ng/mL at each time.

    `typical` is None on an assumed route, where only a band is honest; the quantiles are None without a
    population.
    """

    analyte: Analyte
    site: Site
    unit: str
    typical: Floats | None
    p05: Floats | None = None
    p50: Floats | None = None
    p95: Floats | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, for JSON."""
        series = {name: getattr(self, name) for name in ("typical", "p05", "p50", "p95")}
        plain = {
            name: None if values is None else [float(v) for v in values] for name, values in series.items()
        }
        return {"site": str(self.site), "unit": self.unit, **plain}


@dataclass(frozen=True)
class Band:
    """How the quantiles came about."""

    subjects: int
    seed: int
    vary: tuple[str, ...]  # what differs between these people
    without: tuple[str, ...]  # asked for, but the model has no numbers for it
    method: str  # exact, or counted in bins of a stated width
    relative_error: float


@dataclass(frozen=True)
class Exposure:
    """A prediction, never a measurement; it never counts toward discharge."""

    model_id: str
    model_version: int
    verification: Verification
    times_min: Floats
    base_dose_mg: dict[str, float]
    curves: tuple[Curve, ...]
    assumptions: tuple[Assumption, ...]
    warnings: tuple[Text, ...]
    range_state: RangeState
    range_reasons: tuple[str, ...]
    status: Status
    band: Band | None = None

    def curve(self, analyte: Analyte) -> Curve:
        """The curve of one analyte. Raises `WrongConcentration` where the model has none."""
        for curve in self.curves:
            if curve.analyte is analyte:
                return curve
        raise WrongConcentration(
            "%(model)s says nothing of %(analyte)s here; it has %(known)s.",
            model=self.model_id,
            analyte=analyte,
            known=", ".join(curve.analyte for curve in self.curves),
        )

    def concentration(self, analyte: Analyte, quantile: str = "typical") -> Concentration:
        """One analyte's values as an effect takes them: site, analyte and times with the numbers."""
        curve = self.curve(analyte)
        values: Floats | None = getattr(curve, quantile)
        if values is None:
            raise WrongConcentration(
                "There is no %(quantile)s line of %(analyte)s here.", quantile=quantile, analyte=analyte
            )
        return Concentration(curve.analyte, curve.site, self.times_min, values)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "model": self.model_id,
            "version": self.model_version,
            "verification": str(self.verification),
            "status": str(self.status),
            "times_min": [float(t) for t in self.times_min],
            "base_dose_mg": self.base_dose_mg,
            "range": str(self.range_state),
            "range_reasons": list(self.range_reasons),
            "assumptions": [str(one) for one in self.assumptions],
            "warnings": [text.en for text in self.warnings],
            "band": None if self.band is None else vars(self.band),
            "analytes": {str(curve.analyte): curve.as_dict() for curve in self.curves},
        }
