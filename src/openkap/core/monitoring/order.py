"""What was ordered for a session: the drug, the way, the amount and the time it takes."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from openkap.knowledge.schema.record import Text
from openkap.units import Drug, Route

STEP_MG = Decimal("0.1")  # amounts are prepared to a tenth of a milligram, never above what was asked


@dataclass(frozen=True)
class Uncleared:
    """An examination that medical clearance asks for and that does not count; `state` says why, as a code."""

    item: str
    title: Text
    state: str


@dataclass(frozen=True)
class Order:
    """`mg_per_kg` of today's weight, or `fixed_mg`; free base, over `duration` (zero: at once).

    `consented`: whether a valid consent for this drug and route stands; `risk_allows`: whether suicide risk
    and the decision on it let a dose be given; `uncleared`: what medical clearance lacks. None when nobody
    looked.
    """

    drug: Drug
    route: Route
    duration: timedelta
    mg_per_kg: Decimal | None = None
    fixed_mg: Decimal | None = None
    age: int | None = None  # years on the day; None when not known
    consented: bool | None = None
    risk_allows: bool | None = None
    uncleared: tuple[Uncleared, ...] | None = None

    def __post_init__(self) -> None:
        if (self.mg_per_kg is None) == (self.fixed_mg is None):
            raise ValueError("an order has either an amount per kilogram or a fixed amount")
        if self.duration < timedelta(0):
            raise ValueError("a dose cannot take less than no time")
        if (self.mg_per_kg or self.fixed_mg or Decimal(0)) <= 0:
            raise ValueError("a dose is more than nothing")

    def amount_mg(self, weight_kg: Decimal | None) -> Decimal | None:
        """Milligrams of free base for `weight_kg`, measured today; None while that is unknown and needed."""
        if self.mg_per_kg is None:
            return self.fixed_mg
        if weight_kg is None:
            return None
        return (self.mg_per_kg * weight_kg).quantize(STEP_MG, rounding=ROUND_DOWN)
