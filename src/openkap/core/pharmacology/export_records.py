"""Doses and moments as the data file that goes with an exported model, for mrgsolve and NONMEM alike.

One row for every input of every dose (a device's, a depot's), in the time unit of the model; RATE -2 where the
model has the duration. Amounts are what the model takes: half of a racemate in a model of S-ketamine.
"""

import csv
import io
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.assembly import MINUTES_PER, Entry, measured_of
from openkap.core.pharmacology.covariates import Covariates
from openkap.core.pharmacology.export import COLUMNS, SWITCHES, columns_of, numbers_of
from openkap.core.pharmacology.given_dose import GivenDose
from openkap.core.pharmacology.plan import Plan, plan_of
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import PkModel

Floats = npt.NDArray[np.float64]
Row = list[object]

_FIRST = ("ID", "TIME", "AMT", "RATE", "CMT", "EVID", "DV")
_MISSING = "."


def to_records(
    model: PkModel, doses: Sequence[GivenDose], covariates: Covariates, times_min: Sequence[float] | Floats
) -> str:
    """A CSV file: doses and, at each time, an observation row for each analyte. What is not known of the person
    is the model's reference value. Raises `BadInput` where a dose does not fit the model or cannot be written.
    """
    plan = plan_of(model, doses, times_min)
    rows = sorted([*_doses(plan), *_observations(plan)], key=lambda row: (row[1], -int(str(row[5]))))
    person = [_value(covariates, name, reference) for name, reference in columns_of(model).items()]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*_FIRST, *columns_of(model), *SWITCHES])
    writer.writerows([*row[: len(_FIRST)], *person, *row[len(_FIRST) :]] for row in rows)
    return written.getvalue()


def _doses(plan: Plan) -> Iterator[Row]:
    number, routes = numbers_of(plan.model), list(plan.model.structure.routes)
    for entry in plan.entries:
        place = number[entry.form.compartment]
        switches = [_device(plan.model, entry), routes.index(entry.dose.route) + 1]
        yield [1, entry.start, entry.amount, _rate(plan, entry), place, 1, _MISSING, *switches]


def _rate(plan: Plan, entry: Entry) -> float:
    if entry.form.duration is not None:
        return -2.0
    if not entry.dose.span_min:
        return 0.0
    if str(entry.form.fraction) != "1":
        raise BadInput(
            f"A dose over a time by route '{entry.dose.route}' cannot be written: its fraction is estimated.",
            field="span_min",
        )
    return entry.amount / (entry.dose.span_min / MINUTES_PER[plan.model.time_unit])


def _device(model: PkModel, entry: Entry) -> float:
    device = entry.route.device
    return 1.0 if device is None or entry.device == 1 else model.parameters[device.later_factor].value


def _observations(plan: Plan) -> Iterator[Row]:
    number = numbers_of(plan.model)
    for time in plan.times:
        for measured in measured_of(plan.model, plan.entries):
            yield [1, float(time), _MISSING, _MISSING, number[measured.compartment], 0, _MISSING, 1.0, 1]


def _value(covariates: Covariates, column: str, reference: float) -> float:
    name = next(name for name, short in COLUMNS.items() if short == column)
    known = covariates.get(name)
    return reference if known is None else known
