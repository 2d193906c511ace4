"""A dose as it was, or is to be, given."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from openkap.errors import BadInput
from openkap.units.dose import DoseInstruction, Drug, Route

MINUTES_PER_DAY = 24 * 60
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class GivenDose:
    """An amount of free base, in milligrams, that goes in from `start_min` for `span_min` minutes (0: at once).

    `occasion` numbers the dosing session it belongs to; left out, each 24 hours from time zero are one
    occasion.
    """

    amount_mg: float
    drug: Drug
    route: Route
    start_min: float
    span_min: float = 0.0
    occasion: int | None = None

    @property
    def end_min(self) -> float:
        """When the last of it has gone in."""
        return self.start_min + self.span_min

    @property
    def session(self) -> int:
        """The occasion it belongs to."""
        return self.occasion if self.occasion is not None else math.floor(self.start_min / MINUTES_PER_DAY)

    @classmethod
    def from_instruction(cls, instruction: DoseInstruction) -> "GivenDose":
        """The dose that a written instruction orders."""
        return cls(
            amount_mg=float(instruction.dose.amount_mg_base),
            drug=instruction.dose.drug,
            route=instruction.route,
            start_min=instruction.at / _MINUTE,
            span_min=instruction.over / _MINUTE,
        )


def check_doses(doses: Sequence[GivenDose]) -> None:
    """Refuse what cannot be meant, naming the dose and the field. Raises `BadInput`."""
    if not doses:
        raise BadInput("There is no dose.", field="doses")
    for number, dose in enumerate(doses, start=1):
        _check_numbers(dose, number)
    for number, (earlier, later) in enumerate(itertools.pairwise(doses), start=2):
        if later.start_min < earlier.start_min:
            raise BadInput(
                "Dose %(number)s: start_min: it starts before dose %(other)s; list doses in the order of time.",
                field=f"doses[{number - 1}].start_min",
                number=number,
                other=number - 1,
            )
    _check_overlaps(doses)


def _check_numbers(dose: GivenDose, number: int) -> None:
    for name in ("amount_mg", "span_min", "start_min"):
        if not math.isfinite(getattr(dose, name)):
            raise BadInput(
                "Dose %(number)s: %(name)s: must be a finite number.",
                field=f"doses[{number - 1}].{name}",
                number=number,
                name=name,
            )
    if dose.amount_mg <= 0:
        raise BadInput(
            "Dose %(number)s: amount_mg: must be more than zero.",
            field=f"doses[{number - 1}].amount_mg",
            number=number,
        )
    if dose.span_min < 0:
        raise BadInput(
            "Dose %(number)s: span_min: must not be negative.",
            field=f"doses[{number - 1}].span_min",
            number=number,
        )


def _check_overlaps(doses: Sequence[GivenDose]) -> None:
    """Two infusions by one route at one time are one of them entered twice, more often than not."""
    until: dict[Route, tuple[float, int]] = {}
    for number, dose in enumerate(doses, start=1):
        if not dose.span_min:
            continue
        end, other = until.get(dose.route, (-math.inf, 0))
        if dose.start_min < end:
            raise BadInput(
                "Dose %(number)s: start_min: it overlaps dose %(other)s, which runs until %(end)s min.",
                field=f"doses[{number - 1}].start_min",
                number=number,
                other=other,
                end=f"{end:g}",
            )
        until[dose.route] = (dose.end_min, number)
