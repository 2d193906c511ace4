"""A number with its unit.

Magnitudes are `Decimal`: what people enter and what records state is decimal, and 0.1 mg must stay 0.1 mg
through every conversion (UCUM's factors are exact decimals). Models, which compute in floats, ask for one by
`float_in(unit)` and come back through `Quantity.of(float, unit)`; nothing converts silently.

pint does the conversions. It takes 0.4 s to import, so it is loaded on the first conversion, not with the
module: reading, printing and comparing quantities of one unit need none.
"""

import re
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from functools import cache, total_ordering
from typing import TYPE_CHECKING, Any, Final

from openkap.errors import BadInput
from openkap.units.ucum import COMPOUND_SPELLINGS, DEFINITIONS, PINT_NAMES, SPELLINGS

if TYPE_CHECKING:
    from pint import UnitRegistry

_NUMBER = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*([^\d\s.,].*?)?\s*", re.DOTALL | re.ASCII)
_TERM = re.compile(r"(?P<name>\{[^}]*\}|\[[^\]]*\]|.*?)(?P<power>(?<=[a-zA-Z\]}])[23])?")
# Conversions compute with 28 digits and keep 24, so that -40 Cel is -40 [degF] and not a hair beside it.
_DIGITS: Final = Context(prec=24)


class BadUnit(BadInput):
    """A unit OpenKAP does not know, or one that does not fit where it stands."""

    code = "bad-unit"


@cache
def canonical_unit(text: str) -> str:
    """The UCUM code of a unit as people write it: 'mcg/mL' is 'ug/mL'. Raises `BadUnit`."""
    wanted = text.strip()
    if known := SPELLINGS.get(wanted) or COMPOUND_SPELLINGS.get(wanted.lower()):
        return known
    numerator, *denominators = wanted.split("/")
    if not denominators:
        return _term(wanted, text)
    head = _term(numerator, text) if numerator not in {"", "1"} else ""
    return "/".join([head, *(_term(part, text) for part in denominators)])


def _term(part: str, whole: str) -> str:
    found = _TERM.fullmatch(part.strip())
    name = SPELLINGS.get(found["name"]) if found else None
    if found is None or name is None:
        raise BadUnit("'%(whole)s' is not a unit OpenKAP knows.", whole=whole)
    return name + (found["power"] or "")


def parse_decimal(text: str) -> Decimal:
    """A plain decimal number with a point. Raises `BadInput` on anything else, 'nan' and '1,5' included."""
    if re.fullmatch(r"\s*[+-]?\d+(\.\d+)?\s*", text, re.ASCII) is None:
        raise BadInput(
            "'%(text)s' is not a number. Write it with digits and a point, such as 0.5.", text=text.strip()
        )
    return Decimal(text.strip())


@cache
def _registry() -> "UnitRegistry[Any]":
    from pint import UnitRegistry  # noqa: PLC0415 - 0.4 s that most commands do not need

    registry: UnitRegistry[Any] = UnitRegistry(None, non_int_type=Decimal)
    for definition in DEFINITIONS:
        registry.define(definition)
    return registry


@cache
def _pint_name(unit: str) -> str:
    """The registry's expression for a canonical unit."""
    terms = unit.split("/")
    names = [_pint_term(term) if term else "openkap_one" for term in terms]
    return " / ".join(names)


def _pint_term(term: str) -> str:
    if term in PINT_NAMES:
        return PINT_NAMES[term]
    return f"{PINT_NAMES[term[:-1]]} ** {term[-1]}"


@cache
def same_dimension(one: str, other: str) -> bool:
    """Whether quantities in these units can be compared and added."""
    left, right = canonical_unit(one), canonical_unit(other)
    if left == right:
        return True
    registry = _registry()
    return bool(registry(_pint_name(left)).check(registry(_pint_name(right)).dimensionality))


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """A magnitude in a unit, in UCUM's spelling. Arithmetic across dimensions raises `BadUnit`."""

    magnitude: Decimal
    unit: str

    def __post_init__(self) -> None:
        if not self.magnitude.is_finite():
            raise BadInput("A quantity needs a finite decimal number.")
        object.__setattr__(self, "unit", canonical_unit(self.unit))

    @classmethod
    def of(cls, number: Decimal | int | float | str, unit: str) -> "Quantity":
        """A quantity from any plain number; a float is taken at its shortest decimal reading."""
        try:
            return cls(Decimal(str(number)), unit)
        except InvalidOperation as error:
            raise BadInput("'%(number)s' is not a number.", number=number) from error

    def to(self, unit: str) -> "Quantity":
        """The same amount in another unit. Raises `BadUnit` when the dimensions differ."""
        target = canonical_unit(unit)
        if target == self.unit:
            return self
        if not same_dimension(self.unit, target):
            raise BadUnit("%(quantity)s cannot be expressed in %(target)s.", quantity=self, target=target)
        registry = _registry()
        converted = registry.Quantity(self.magnitude, _pint_name(self.unit)).to(_pint_name(target))
        return Quantity(_DIGITS.plus(Decimal(converted.magnitude)), target)

    def float_in(self, unit: str) -> float:
        """The magnitude in `unit`, for numerical models."""
        return float(self.to(unit).magnitude)

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.magnitude + other.to(self.unit).magnitude, self.unit)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.magnitude - other.to(self.unit).magnitude, self.unit)

    def __mul__(self, factor: Decimal | int) -> "Quantity":
        return Quantity(self.magnitude * factor, self.unit)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Decimal | int) -> "Quantity":
        return Quantity(self.magnitude / divisor, self.unit)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        if not same_dimension(self.unit, other.unit):
            return False
        return self.magnitude == other.to(self.unit).magnitude

    def __lt__(self, other: "Quantity") -> bool:
        return self.magnitude < other.to(self.unit).magnitude

    def __hash__(self) -> int:
        # Equal amounts in different units must hash alike; the unit alone would part them.
        return hash("Quantity")

    def __str__(self) -> str:
        number = f"{self.magnitude.normalize():f}" if self.magnitude else "0"
        return number if self.unit == "1" else f"{number} {self.unit}"


def parse_quantity(text: str, *, expected: str | None = None) -> Quantity:
    """Read '25 mg' or '120 mmHg'. A bare number is refused.

    `expected` names a unit whose dimension the quantity must have, such as 'kg' for a weight.
    Raises `BadInput` or `BadUnit`.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise BadInput("'%(text)s' is not a number with a unit, such as '25 mg'.", text=text.strip())
    if not found[2]:
        raise BadInput(
            "'%(text)s' has no unit. Write the number with its unit, such as '25 mg'.", text=text.strip()
        )
    quantity = Quantity(parse_decimal(found[1]), found[2])
    if expected is not None and not same_dimension(quantity.unit, expected):
        raise BadUnit(
            "%(quantity)s is not an amount in %(unit)s.", quantity=quantity, unit=canonical_unit(expected)
        )
    return quantity
