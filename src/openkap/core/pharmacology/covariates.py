"""Who a prediction is for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from openkap.core.pharmacology.given_dose import GivenDose
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Interval, PkModel
from openkap.units.dose import Drug, Route


class Sex(StrEnum):
    """As pharmacokinetic data sets record it."""

    FEMALE = "female"
    MALE = "male"


class RangeState(StrEnum):
    """Whether the model saw people like this one."""

    IN_RANGE = "in_range"
    EXTRAPOLATED = "extrapolated"


@dataclass(frozen=True, kw_only=True)
class Covariates:
    """What is known of a person. `None` is unknown; the ancestry flags stay unknown unless somebody says so.

    Raises `BadInput` naming the field: a weight must be given, positive and finite; so must an age, if there
    is one. Japanese ancestry is Asian ancestry: the models count both.
    """

    weight_kg: float
    age_years: float | None = None
    sex: Sex | None = None
    asian: bool | None = None
    japanese: bool | None = None

    def __post_init__(self) -> None:
        for name in ("weight_kg", "age_years"):
            number = getattr(self, name)
            if number is None and name == "age_years":
                continue
            if number is None or isinstance(number, bool) or not math.isfinite(number) or number <= 0:
                raise BadInput("%(name)s must be a positive number.", field=name, name=name)
        if self.japanese and not self.asian:
            raise BadInput("asian: somebody of Japanese ancestry is of Asian ancestry too.", field="asian")

    def get(self, name: str) -> float | None:
        """A covariate as a number (yes is 1), or None where it is not known."""
        if name not in {field.name for field in fields(self)}:
            raise BadInput("No covariate is named %(name)s.", field=name, name=name)
        value = getattr(self, name)
        return None if value is None else float(value)


@dataclass(frozen=True)
class RangeCheck:
    """In range or extrapolated, and why."""

    state: RangeState
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class AmountOutside:
    """What a session gives by a route, where nobody gave so much or so little to the model's people."""

    drug: Drug
    route: Route
    amount_mg: float
    seen: Interval

    def __str__(self) -> str:
        return (
            f"{self.amount_mg:g} mg of {self.drug} by route '{self.route}' in one session lies outside "
            f"{self.seen.low:g} to {self.seen.high:g} mg ({self.seen.basis})."
        )


def amounts_outside(model: PkModel, doses: Sequence[GivenDose]) -> tuple[AmountOutside, ...]:
    """Sessions whose amount the model never saw, by routes whose uptake may change with the amount."""
    totals: dict[tuple[int, Drug, Route], float] = {}
    for dose in doses:
        key = (dose.session, dose.drug, dose.route)
        totals[key] = totals.get(key, 0.0) + dose.amount_mg
    found = []
    for (_, drug, route), amount in totals.items():
        form = model.structure.routes.get(route)
        seen = None if form is None else form.session_mg
        if seen is not None and not seen.low <= amount <= seen.high:
            found.append(AmountOutside(drug, route, amount, seen))
    return tuple(found)


def check_range(model: PkModel, covariates: Covariates, doses: Sequence[GivenDose] = ()) -> RangeCheck:
    """Compare a person, and what is given, with what the model was made from. What is not known does not count
    as in range.
    """
    if not model.range:
        return RangeCheck(RangeState.EXTRAPOLATED, ("The range of people behind this model was not read.",))
    reasons = [str(one) for one in amounts_outside(model, doses)]
    for name, interval in model.range.items():
        value = covariates.get(name)
        if value is None:
            reasons.append(f"{name} is not known; the model saw {interval.low:g} to {interval.high:g}.")
        elif not interval.low <= value <= interval.high:
            reasons.append(
                f"{name} {value:g} lies outside {interval.low:g} to {interval.high:g} ({interval.basis})."
            )
    return RangeCheck(RangeState.EXTRAPOLATED if reasons else RangeState.IN_RANGE, tuple(reasons))
