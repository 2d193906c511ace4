"""What a run needs besides people: the model, the doses split into entries, the times."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.assembly import MINUTES_PER, Entry, entries_of, measured_of
from openkap.core.pharmacology.given_dose import GivenDose, check_doses
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Analyte, DerivedEnantiomer, PkModel, Site
from openkap.units.dose import Drug

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """A run, checked and ready for people."""

    model: PkModel
    entries: tuple[Entry, ...]
    times_min: Floats
    derived: DerivedEnantiomer | None

    @property
    def occasions(self) -> tuple[int, ...]:
        """The dosing sessions, by number."""
        return tuple(sorted({entry.dose.session for entry in self.entries}))

    @property
    def times(self) -> Floats:
        """When to observe, in the model's own unit."""
        return self.times_min / MINUTES_PER[self.model.time_unit]

    @property
    def start(self) -> float:
        """The first dose or observation, in the model's own unit."""
        return min([entry.start for entry in self.entries] + [float(t) for t in self.times[:1]])


def plan_of(model: PkModel, doses: Sequence[GivenDose], times_min: Sequence[float] | Floats) -> Plan:
    """Check doses and times against the model. Raises `BadInput` naming what does not fit."""
    times = _checked_times(times_min)
    check_doses(doses)
    return Plan(model, entries_of(model, doses), times, _derived(model, doses))


def analytes_of(plan: Plan) -> tuple[Analyte, ...]:
    """What this plan yields, the total of both enantiomers first."""
    own = tuple(m.analyte for m in measured_of(plan.model, plan.entries))
    if plan.derived is None:
        return own
    return (plan.derived.total, *own[:1], plan.derived.analyte, *own[1:])


def site_of(plan: Plan, analyte: Analyte) -> Site:
    """Where an analyte is sampled; a derived one where its origin is."""
    derived = plan.derived
    source = derived.of if derived is not None and analyte in (derived.analyte, derived.total) else analyte
    return next(m.site for m in plan.model.structure.measured if m.analyte is source)


def _checked_times(times_min: Sequence[float] | Floats) -> Floats:
    times = np.asarray(times_min, dtype=np.float64)
    if times.ndim != 1 or not len(times):
        raise BadInput("There are no times to predict at.", field="times_min")
    if not np.isfinite(times).all():
        raise BadInput("Every time must be a finite number.", field="times_min")
    if (np.diff(times) < 0).any():
        raise BadInput("Times must ascend.", field="times_min")
    return times


def _derived(model: PkModel, doses: Sequence[GivenDose]) -> DerivedEnantiomer | None:
    """The other enantiomer is told only where all that was given is racemic."""
    return model.structure.derived if all(dose.drug is Drug.KETAMINE for dose in doses) else None
