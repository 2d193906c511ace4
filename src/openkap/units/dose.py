"""Doses of ketamine and esketamine: an amount of free base of a named drug (DEFINITIONS: Dose, drug, unit)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from openkap.errors import BadInput
from openkap.units.quantity import Quantity, parse_quantity, same_dimension
from openkap.units.span import format_span, parse_span

# Molar masses of base over hydrochloride, 237.73 / 274.19: a property of the molecule, not a clinical choice.
BASE_PER_HYDROCHLORIDE: Final = Decimal("0.867")


class Drug(StrEnum):
    """What is given. The two are never converted into each other."""

    KETAMINE = "ketamine"  # the racemate
    ESKETAMINE = "esketamine"


class Basis(StrEnum):
    """What a label's strength counts."""

    BASE = "base"
    HYDROCHLORIDE = "hydrochloride"


class Route(StrEnum):
    IV = "iv"
    IM = "im"
    SC = "sc"
    SL = "sl"
    BUCCAL = "buccal"
    PO = "po"
    IN = "in"


_INFUSED: Final = frozenset({Route.IV, Route.SC})
_BASIS_WORDS: Final = {"base": Basis.BASE, "hydrochloride": Basis.HYDROCHLORIDE, "hcl": Basis.HYDROCHLORIDE}


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount of a drug as free base, in milligrams; positive."""

    amount_mg_base: Decimal
    drug: Drug

    def __post_init__(self) -> None:
        if not (self.amount_mg_base.is_finite() and self.amount_mg_base > 0):
            raise BadInput("A dose must be more than zero.")

    @classmethod
    def of(cls, amount: Quantity, drug: Drug, basis: Basis) -> "Dose":
        """A dose from a mass on a stated basis; hydrochloride is counted as the base it contains."""
        milligrams = amount.to("mg").magnitude
        factor = BASE_PER_HYDROCHLORIDE if basis is Basis.HYDROCHLORIDE else Decimal(1)
        return cls(milligrams * factor, drug)

    @property
    def quantity(self) -> Quantity:
        """The base, as a quantity in mg."""
        return Quantity(self.amount_mg_base, "mg")

    def __str__(self) -> str:
        return f"{self.quantity} {self.drug} (base)"


@dataclass(frozen=True, slots=True)
class DoseInstruction:
    """One dose, how it is given, and when, from the start of the regimen. `over` is zero for a bolus."""

    dose: Dose
    route: Route
    over: timedelta
    at: timedelta

    def __str__(self) -> str:
        given = f" over {format_span(self.over)}" if self.over else ""
        return f"{self.dose} {self.route}{given} at {format_span(self.at)}"


def parse_dose(text: str) -> Dose:
    """Read '35 mg ketamine base'. Number, unit, drug and basis must all be there. Raises `BadInput`."""
    words = text.split()
    if len(words) < 4 or words[-1].lower() not in _BASIS_WORDS:
        raise BadInput(
            "'%(text)s' needs a number, a unit, a drug and a basis: '35 mg ketamine base'.", text=text.strip()
        )
    return Dose.of(
        parse_quantity(" ".join(words[:-2]), expected="mg"), _drug(words[-2]), _BASIS_WORDS[words[-1].lower()]
    )


_INSTRUCTION: Final = re.compile(
    r"\s*(?P<amount>[\d.,+-]+\s*\S*?)"
    r"\s+(?:(?P<basis1>base|hydrochloride|hcl)\s+)?(?P<drug>[a-z-]*ketamine)(?:\s+(?P<basis2>base|hydrochloride|hcl))?"
    r"\s+(?P<route>iv|im|sc|sl|buccal|po|in)(?:\s+(?P<bolus>bolus))?(?:\s+over\s+(?P<over>.+?))?"
    r"(?:\s+at\s+(?P<at>.+?))?\s*",
    re.IGNORECASE | re.ASCII,
)


def parse_dose_instruction(text: str, *, weight: Quantity | None = None) -> DoseInstruction:
    """Read '35 mg ketamine iv over 40 min at 0 min'.

    The amount is free base unless 'hydrochloride' is written. An amount per kilogram needs `weight`.
    An infusion says 'over ...'; an intravenous push says 'bolus'. Without 'at' the dose starts at 0 min.
    Raises `BadInput` for anything that can be read in two ways, naming the part: amount, drug, route, over, at.
    """
    found = _INSTRUCTION.fullmatch(text)
    if found is None:
        raise _unread(text)
    if found["basis1"] and found["basis2"]:
        raise BadInput("basis: '%(text)s' names it twice.", field="basis", text=text.strip())
    with _part("drug"):
        drug = _drug(found["drug"])
    route = Route(found["route"].lower())
    basis = _BASIS_WORDS[(found["basis1"] or found["basis2"] or "base").lower()]
    if drug is Drug.KETAMINE and route is Route.IN:
        raise BadInput("drug: Intranasal ketamine is refused: the nasal product is esketamine.", field="drug")
    with _part("amount"):
        dose = Dose.of(_mass(found["amount"], weight), drug, basis)
    with _part("over"):
        over = _duration(route, found["over"], bolus=bool(found["bolus"]))
    with _part("at"):
        at = parse_span(found["at"]) if found["at"] else timedelta(0)
    return DoseInstruction(dose, route, over, at)


@contextmanager
def _part(name: str) -> Iterator[None]:
    """Name the part of an instruction that cannot be read."""
    try:
        yield
    except BadInput as error:
        raise BadInput("%(name)s: %(error)s", field=name, name=name, error=error) from error


_ROUGHLY: Final = re.compile(
    r"\s*[\d.,+-]+\s*[^\s\d]\S*\s+(?:(?:base|hydrochloride|hcl)\s+)?(?P<drug>[a-z-]+)"
    r"(?:\s+(?:base|hydrochloride|hcl))?\s+(?P<route>[a-z-]+)\b.*",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)


def _unread(text: str) -> BadInput:
    """What is wrong with words that are no dose: the drug, the route, or something else."""
    roughly = _ROUGHLY.fullmatch(text)
    if roughly is not None and roughly["drug"].lower() in [*Route]:
        roughly = None  # the drug is not there at all
    if roughly is not None and roughly["drug"].lower() not in [*Drug]:
        return BadInput(
            "drug: '%(drug)s' is not a drug OpenKAP doses: write ketamine or esketamine.",
            field="drug",
            drug=roughly["drug"],
        )
    if roughly is not None and roughly["route"].lower() not in [*Route]:
        return BadInput(
            "route: '%(route)s' is no route; there are %(routes)s.",
            field="route",
            route=roughly["route"],
            routes=", ".join(Route),
        )
    return BadInput(
        "'%(text)s' is not a dose. Write amount, drug, route and time: "
        "'35 mg ketamine iv over 40 min at 0 min'.",
        text=text.strip(),
    )


def _drug(word: str) -> Drug:
    try:
        return Drug(word.lower())
    except ValueError:
        raise BadInput(
            "'%(word)s' is not a drug OpenKAP doses: write ketamine or esketamine.", word=word
        ) from None


def _mass(text: str, weight: Quantity | None) -> Quantity:
    amount = parse_quantity(text)
    if not same_dimension(amount.unit, "mg/kg"):
        return parse_quantity(text, expected="mg")
    if weight is None:
        raise BadInput("'%(text)s' needs the body weight.", text=text.strip())
    return Quantity(amount.to("mg/kg").magnitude * weight.to("kg").magnitude, "mg")


def _duration(route: Route, over: str | None, *, bolus: bool) -> timedelta:
    if over is None:
        if route is Route.IV and not bolus:
            raise BadInput("An intravenous dose says 'over 40 min' or 'bolus'.")
        return timedelta(0)
    if bolus or route not in _INFUSED:
        if bolus:
            raise BadInput("'over %(over)s' does not fit a bolus.", over=over)
        raise BadInput("'over %(over)s' does not fit a dose given %(route)s.", over=over, route=route)
    span = parse_span(over)
    if not span:
        raise BadInput("An infusion takes longer than no time; write 'bolus' for a push.")
    return span
