"""How many minutes a week patients should be asked to fill in: by the cadence's record, or the site's word.

More than that is not left out: the schedule warns, and a person decides what to leave out.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openkap.apps.measures.models import BurdenLimit

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site
    from openkap.knowledge.schema.cadence import Cadence


@dataclass(frozen=True)
class Limit:
    """Minutes in seven days. `set_here`: what the director said for the site; None where the record's holds."""

    minutes: float
    set_here: BurdenLimit | None = None


def limit_at(site: "Site", cadence: "Cadence | None") -> Limit | None:
    """The limit that holds; None where neither the site nor a signed cadence names one."""
    said = limits_of(site)
    if said and said[0].minutes is not None:
        return Limit(said[0].minutes, said[0])
    return Limit(cadence.burden.minutes_in_a_week) if cadence else None


def limits_of(site: "Site") -> list[BurdenLimit]:
    """What was said about the site's own limit, newest first."""
    return list(BurdenLimit.objects.filter(site=site).select_related("set_by").order_by("-id")[:20])
