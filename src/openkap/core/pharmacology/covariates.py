"""Who a prediction is for."""

import math
from dataclasses import dataclass, fields
from enum import StrEnum

from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import PkModel


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
    is one.
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
                raise BadInput(f"{name} must be a positive number.", field=name)

    def get(self, name: str) -> float | None:
        """A covariate as a number (yes is 1), or None where it is not known."""
        if name not in {field.name for field in fields(self)}:
            raise BadInput(f"No covariate is named {name}.", field=name)
        value = getattr(self, name)
        return None if value is None else float(value)


@dataclass(frozen=True)
class RangeCheck:
    """In range or extrapolated, and why."""

    state: RangeState
    reasons: tuple[str, ...]


def check_range(model: PkModel, covariates: Covariates) -> RangeCheck:
    """Compare a person with whom the model was made from. What is not known does not count as in range."""
    if not model.range:
        return RangeCheck(RangeState.EXTRAPOLATED, ("The range of people behind this model was not read.",))
    reasons = []
    for name, interval in model.range.items():
        value = covariates.get(name)
        if value is None:
            reasons.append(f"{name} is not known; the model saw {interval.low:g} to {interval.high:g}.")
        elif not interval.low <= value <= interval.high:
            reasons.append(
                f"{name} {value:g} lies outside {interval.low:g} to {interval.high:g} ({interval.basis})."
            )
    return RangeCheck(RangeState.EXTRAPOLATED if reasons else RangeState.IN_RANGE, tuple(reasons))
