"""A concentration knows where it was sampled and of what; an effect names what it takes, and takes nothing
else.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Analyte, Site

Floats = npt.NDArray[np.float64]


class WrongConcentration(BadInput, TypeError):
    """An effect was offered a concentration of another site or analyte, or one that does not exist."""

    code = "wrong-concentration"


@dataclass(frozen=True)
class Concentration:
    """ng/mL of `analyte` at `site` over time. The subclasses fix both, so that a checker sees a mix-up too."""

    analyte: Analyte
    site: Site
    times_min: Floats
    ng_ml: Floats

    def __post_init__(self) -> None:
        if len(self.times_min) != len(self.ng_ml):
            raise WrongConcentration("Times and concentrations differ in number.")


@dataclass(frozen=True)
class ArterialSKetamine(Concentration):
    """S-ketamine in arterial plasma."""

    @classmethod
    def of(cls, given: Concentration) -> "ArterialSKetamine":
        """Take a concentration that is this. Raises `WrongConcentration` for any other."""
        demand(given, Analyte.S_KETAMINE, Site.ARTERIAL)
        return cls(given.analyte, given.site, given.times_min, given.ng_ml)


@dataclass(frozen=True)
class VenousKetamine(Concentration):
    """Racemic ketamine, both enantiomers, in venous plasma."""

    @classmethod
    def of(cls, given: Concentration) -> "VenousKetamine":
        """Take a concentration that is this. Raises `WrongConcentration` for any other."""
        demand(given, Analyte.KETAMINE, Site.VENOUS)
        return cls(given.analyte, given.site, given.times_min, given.ng_ml)


def demand(given: Concentration, analyte: Analyte, site: Site) -> None:
    """Refuse a concentration of another analyte or site."""
    if given.analyte is not analyte or given.site is not site:
        raise WrongConcentration(
            "This needs %(analyte)s in %(site)s; it was given %(other)s in %(other_site)s. "
            "Early arterial and venous levels differ about twofold and are never exchanged.",
            analyte=analyte,
            site=site,
            other=given.analyte,
            other_site=given.site,
        )
