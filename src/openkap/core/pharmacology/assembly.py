"""From a structure and parameter values to a linear system and its inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.given_dose import GivenDose
from openkap.core.pharmacology.linear_system import Inputs, LinearSystem
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Input, Measured, Parent, PkModel, RouteInput, Structure
from openkap.units.dose import Drug

Floats = npt.NDArray[np.float64]
Values = Mapping[str, Floats]

MINUTES_PER: Mapping[str, float] = {"min": 1.0, "h": 60.0}
S_SHARE_OF_RACEMATE = 0.5


@dataclass(frozen=True)
class Entry:
    """One share of one dose on its way into a compartment, times in the model's unit."""

    dose: GivenDose
    start: float
    amount: float
    device: int  # 1 for the first device of a session, and for everything that is not a device
    form: Input
    route: RouteInput


def entries_of(model: PkModel, doses: Sequence[GivenDose]) -> tuple[Entry, ...]:
    """Split doses into devices and depots. Raises `BadInput` naming the dose that does not fit the model."""
    unit = MINUTES_PER[model.time_unit]
    used: dict[int, int] = {}
    entries: list[Entry] = []
    for number, dose in enumerate(doses, start=1):
        route = _route(model, dose, number)
        share = _share(model, dose.drug)
        for start, amount in _portions(route, dose, number):
            device = 1
            if route.device is not None:
                device = used[dose.session] = used.get(dose.session, 0) + 1
            entries += [Entry(dose, start / unit, amount * share, device, form, route) for form in route.inputs]
    return tuple(entries)


def kept_compartments(
    structure: Structure, entries: Sequence[Entry], measured: Sequence[Measured]
) -> tuple[str, ...]:
    """The compartments that a dose reaches and that a measured one depends on; the others stay empty or
    unseen.
    """
    downstream = _closure({e.form.compartment for e in entries}, [(f.source, f.to) for f in structure.flows])
    upstream = _closure({m.compartment for m in measured}, [(f.to, f.source) for f in structure.flows])
    seen = {m.compartment for m in measured}
    return tuple(c for c in structure.compartments if (c in downstream and c in upstream) or c in seen)


def system_of(
    structure: Structure, values: Values, kept: Sequence[str], measured: Sequence[Measured], people: int
) -> LinearSystem:
    """Rates and scales for everybody. A flow into a compartment that is not kept still leaves its source."""
    place = {name: i for i, name in enumerate(kept)}
    rates = np.zeros((people, len(kept), len(kept)))
    for flow in structure.flows:
        if flow.source not in place:
            continue
        rate = flow.rate.evaluate(values)
        if not flow.copies:
            rates[:, place[flow.source], place[flow.source]] -= rate
        if flow.to in place:
            rates[:, place[flow.to], place[flow.source]] += rate
    scales = np.stack([np.broadcast_to(m.scale.evaluate(values), people) for m in measured], axis=1)
    return LinearSystem(rates, tuple(place[m.compartment] for m in measured), scales)


def inputs_of(
    model: PkModel, entries: Sequence[Entry], by_occasion: Mapping[int, Values], kept: Sequence[str]
) -> Inputs:
    """Amounts, starts and spans of what enters, with each occasion's own fractions and durations."""
    place = {name: i for i, name in enumerate(kept)}
    inside = [entry for entry in entries if entry.form.compartment in place]
    if not inside:
        return Inputs.none()
    unit = MINUTES_PER[model.time_unit]
    amounts, spans = [], []
    for entry in inside:
        values = by_occasion[entry.dose.session]
        device = entry.route.device
        factor = values[device.later_factor] if device is not None and entry.device > 1 else np.ones(1)
        fraction = entry.form.fraction.evaluate({**values, "DEVICE": factor})
        amounts.append(np.atleast_1d(fraction * entry.amount))
        span = (
            entry.dose.span_min / unit if entry.form.duration is None else entry.form.duration.evaluate(values)
        )
        spans.append(np.atleast_1d(np.asarray(span, dtype=np.float64)))
    starts = np.array([[entry.start for entry in inside]])
    return Inputs(
        np.array([place[e.form.compartment] for e in inside]), starts, _columns(spans), _columns(amounts)
    )


def measured_of(model: PkModel, entries: Sequence[Entry]) -> tuple[Measured, ...]:
    """What the model can say of these routes: all it measures, or what every assumed route allows."""
    limits = [set(e.route.analytes) for e in entries if e.route.analytes]
    allowed = set.intersection(*limits) if limits else None
    return tuple(m for m in model.structure.measured if allowed is None or m.analyte in allowed)


def _route(model: PkModel, dose: GivenDose, number: int) -> RouteInput:
    route = model.structure.routes.get(dose.route)
    if route is None:
        raise BadInput(
            "Dose %(number)s: route: %(model)s has no route '%(route)s'; it has %(routes)s.",
            field=f"doses[{number - 1}].route",
            number=number,
            model=model.id,
            route=dose.route,
            routes=", ".join(sorted(model.structure.routes)),
        )
    if dose.drug not in route.drugs:
        raise BadInput(
            "Dose %(number)s: drug: %(model)s cannot say anything of %(drug)s by route '%(route)s'; "
            "only of %(drugs)s.",
            field=f"doses[{number - 1}].drug",
            number=number,
            model=model.id,
            drug=dose.drug,
            route=dose.route,
            drugs=", ".join(route.drugs),
        )
    return route


def _share(model: PkModel, drug: Drug) -> float:
    """A racemate is half S-ketamine."""
    racemate_in_s_model = model.parent is Parent.S_ENANTIOMER and drug is Drug.KETAMINE
    return S_SHARE_OF_RACEMATE if racemate_in_s_model else 1.0


def _portions(route: RouteInput, dose: GivenDose, number: int) -> list[tuple[float, float]]:
    """Start (min) and amount (mg) of each device, or of the whole dose."""
    modelled = any(form.duration is not None for form in route.inputs)
    if dose.span_min and (modelled or route.device is not None):
        raise BadInput(
            "Dose %(number)s: span_min: a dose by route '%(route)s' is not given over a time in this model.",
            field=f"doses[{number - 1}].span_min",
            number=number,
            route=dose.route,
        )
    if route.device is None:
        return [(dose.start_min, dose.amount_mg)]
    device = route.device
    count = round(dose.amount_mg / device.amount_mg)
    if count < 1 or abs(count * device.amount_mg - dose.amount_mg) > 1e-9 * dose.amount_mg:
        raise BadInput(
            "Dose %(number)s: amount_mg: %(amount)s mg is not a whole number of %(device)s-mg devices.",
            field=f"doses[{number - 1}].amount_mg",
            number=number,
            amount=f"{dose.amount_mg:g}",
            device=f"{device.amount_mg:g}",
        )
    return [(dose.start_min + i * device.minutes_apart, device.amount_mg) for i in range(count)]


def _closure(start: set[str], steps: Sequence[tuple[str | None, str | None]]) -> set[str]:
    found = set(start)
    while True:
        more = {there for here, there in steps if here in found and there is not None} - found
        if not more:
            return found
        found |= more


def _columns(columns: Sequence[Floats]) -> Floats:
    rows = max(len(c) for c in columns)
    return np.stack([np.broadcast_to(c, rows) for c in columns], axis=1)
