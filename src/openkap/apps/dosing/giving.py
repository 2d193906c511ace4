"""What was really given in a session, as the models take it: the ordered dose, and any further ketamine."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from openkap.core.monitoring.dose import Dose
from openkap.core.monitoring.events import Kind
from openkap.core.monitoring.order import Order
from openkap.core.monitoring.state import SessionState
from openkap.core.pharmacology import GivenDose
from openkap.errors import OpenkapError
from openkap.units import Route
from openkap.units.dose import DoseInstruction, parse_dose_instruction

MINUTE = timedelta(minutes=1)
# What people write for it among 'drugs given': its names in either language, with or without its salt; brands.
_NAMED = re.compile(r"(?:k|qu)etamin|ketalar|ketanest|spravato", re.IGNORECASE)


@dataclass(frozen=True)
class Further:
    """Ketamine that was entered among the drugs given. `dose` is None where the words cannot be read as one."""

    at: datetime
    words: str
    dose: DoseInstruction | None


def doses_given(state: SessionState, order: Order, occasion: int) -> tuple[GivenDose, ...]:
    """All of it by start, minutes from the start of the dose; the running stretch as it will end.

    Empty before the dose. Further ketamine counts as given at once unless its route says 'over 5 min'; what
    could not be read is left out: ask `further_of` before a prediction is drawn.
    """
    if state.dose is None:
        return ()
    more = [
        _further(one.dose, (one.at - state.dose.started_at) / MINUTE, occasion)
        for one in further_of(state)
        if one.dose is not None
    ]
    found = [*_ordered(state.dose, order, occasion), *more]
    return tuple(sorted(found, key=lambda dose: dose.start_min))


def _further(read: DoseInstruction, start_min: float, occasion: int) -> GivenDose:
    return GivenDose(
        amount_mg=float(read.dose.amount_mg_base),
        drug=read.dose.drug,
        route=read.route,
        start_min=start_min,
        span_min=read.over / MINUTE,
        occasion=occasion,
    )


def _ordered(dose: Dose, order: Order, occasion: int) -> list[GivenDose]:
    found = [
        GivenDose(
            amount_mg=float(portion.mg),
            drug=order.drug,
            route=order.route,
            start_min=(portion.since - dose.started_at) / MINUTE,
            span_min=(portion.until - portion.since) / MINUTE,
            occasion=occasion,
        )
        for portion in dose.portions()
    ]
    return [_ending_by(a, b.start_min) for a, b in pairwise(found)] + found[-1:]


def _ending_by(dose: GivenDose, moment: float) -> GivenDose:
    """Stretches follow each other without a gap: rounding must not let one reach into the next."""
    while dose.end_min > moment:
        dose = replace(dose, span_min=math.nextafter(dose.span_min, 0.0))
    return dose


def further_of(state: SessionState) -> tuple[Further, ...]:
    """The ketamine among the drugs given, as corrected, by time."""
    found = [_said(event.occurred_at, _payload(state, event.id, event.payload)) for event in state.applied
             if event.kind is Kind.DRUG_GIVEN]  # fmt: skip
    return tuple(one for one in found if one is not None)


def _payload(state: SessionState, event: object, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    correction = state.corrections.get(str(event))
    corrected = correction.payload.get("payload") if correction else None
    return payload if corrected is None else corrected


def _said(at: datetime, payload: Mapping[str, Any]) -> Further | None:
    drug, amount, route = (str(payload.get(part, "")).strip() for part in ("drug", "amount", "route"))
    words = f"{amount} {drug} {route}".strip()
    if not _NAMED.search(words):  # people write it beside the amount, too
        return None
    return Further(at, words, _read(amount, drug, route))


def _read(amount: str, drug: str, route: str) -> DoseInstruction | None:
    """By the one parser of doses: nothing is guessed."""
    name = re.sub("(?:k|qu)etamina", "ketamine", drug, flags=re.IGNORECASE)
    way = re.sub(r"\s+(bolus|push)$", "", route, flags=re.IGNORECASE)
    once = " bolus" if way.lower() in {Route.IV, Route.SC} else ""
    try:
        return parse_dose_instruction(f"{amount} {name} {way}{once}")
    except OpenkapError:
        return None
