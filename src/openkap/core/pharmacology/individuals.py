"""From a model and people to their parameter values, typical or drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.covariates import Covariates
from openkap.core.pharmacology.random_stream import normals_of, uniforms
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import (
    CovariateEffect,
    FactorIf,
    Parameter,
    PkModel,
    PowerOf,
    RandomEffects,
    SlopeAbove,
)

Floats = npt.NDArray[np.float64]
Values = dict[str, Floats]


class Vary(StrEnum):
    """What differs within a population."""

    BETWEEN_SUBJECT = "bsv"
    BETWEEN_OCCASION = "iov"
    RESIDUAL = "residual"


DEFAULT_VARY = frozenset({Vary.BETWEEN_SUBJECT, Vary.BETWEEN_OCCASION})


@dataclass(frozen=True)
class Draws:
    """Which subjects of which random stream, and what varies. `borrowed` lends variances to a model without
    any.
    """

    seed: int
    subjects: npt.NDArray[np.int64]
    vary: frozenset[Vary] = DEFAULT_VARY
    borrowed: PkModel | None = None


def typical_values(model: PkModel, people: Sequence[Covariates]) -> Values:
    """Typical values with the covariates' effects, (people,) each. Unknown covariates leave the reference
    value.
    """
    return {name: _typical(parameter, name, people) for name, parameter in model.parameters.items()}


def individual_values(model: PkModel, typical: Mapping[str, Floats], draws: Draws, occasion: int) -> Values:
    """One person's values each, on one occasion: random effects added where each parameter has them."""
    blocks: list[tuple[RandomEffects, str]] = []
    if Vary.BETWEEN_SUBJECT in draws.vary:
        blocks += [(b, f"bsv:{','.join(b.parameters)}") for b in _between_subject(model, draws.borrowed)]
    if Vary.BETWEEN_OCCASION in draws.vary:
        within = model.variability.between_occasion
        blocks += [(b, f"iov:{occasion}:{','.join(b.parameters)}") for b in within]
    effects: Values = {}
    wanted = [(stream, len(block.parameters)) for block, stream in blocks]
    for (block, _), scores in zip(blocks, normals_of(draws.seed, draws.subjects, wanted), strict=True):
        drawn = scores @ _root(block).T
        _add(effects, {name: drawn[:, i] for i, name in enumerate(block.parameters)})
    values = {
        name: _with_effect(model.parameters[name], value, effects.get(name)) for name, value in typical.items()
    }
    return values | assumed_values(model, draws)


def assumed_values(model: PkModel, draws: Draws) -> Values:
    """The numbers nobody has fitted, spread evenly over their ranges on the log scale."""
    values: Values = {}
    for name, bounds in model.assumed.items():
        share, _ = uniforms(draws.seed, draws.subjects, f"assumed:{name}", 0)
        values[name] = bounds.low * (bounds.high / bounds.low) ** share
    return values


def check_population(model: PkModel, draws: Draws) -> None:
    """Refuse a population in which nothing would vary: a model whose variances nobody published, unless they
    are borrowed by name, and a kind of variability that this model does not have.
    """
    own = model.variability
    if draws.borrowed is not None and own.between_subject:
        raise BadInput(
            "%(model)s has between-subject variances of its own and borrows none.",
            field="borrow",
            model=model.id,
        )
    if draws.borrowed is not None and draws.borrowed.id not in own.borrowable:
        raise BadInput(
            "%(model)s cannot borrow variances from %(lender)s; it can from: %(lenders)s.",
            field="borrow",
            model=model.id,
            lender=draws.borrowed.id,
            lenders=_lenders(model),
        )
    if Vary.BETWEEN_SUBJECT in draws.vary and not own.between_subject and draws.borrowed is None:
        raise BadInput(
            "%(model)s has no between-subject variances: %(unknown)s Name a model to borrow them from: "
            "%(lenders)s.",
            field="borrow",
            model=model.id,
            unknown=own.unknown,
            lenders=_lenders(model),
        )
    there = varying(model, draws.vary, draws.borrowed)
    missing = draws.vary - DEFAULT_VARY - there
    if missing or (draws.vary and not there):
        raise BadInput(
            "vary: %(model)s has no variance of the kind %(kinds)s.",
            field="vary",
            model=model.id,
            kinds=", ".join(sorted(missing or draws.vary)),
        )


def _lenders(model: PkModel) -> str:
    return ", ".join(sorted(model.variability.borrowable)) or "-"


def varying(model: PkModel, asked: frozenset[Vary], borrowed: PkModel | None = None) -> frozenset[Vary]:
    """Of the kinds asked for, those that this model has numbers for."""
    residuals = (measured.residual for measured in model.structure.measured)
    there = {
        Vary.BETWEEN_SUBJECT: bool(model.variability.between_subject) or borrowed is not None,
        Vary.BETWEEN_OCCASION: bool(model.variability.between_occasion),
        Vary.RESIDUAL: any(residual is not None for residual in residuals),
    }
    return frozenset(kind for kind in asked if there[kind])


def covariance(block: RandomEffects) -> Floats:
    """The block's covariance matrix; a coefficient of variation becomes ln(1 + CV^2)."""
    if isinstance(block.omega2, tuple):
        return np.array(block.omega2)
    if block.omega2 is not None:
        return np.array([[block.omega2]])
    if block.cv_percent is not None:
        return np.array([[np.log1p((block.cv_percent / 100.0) ** 2)]])
    return np.array([[float(block.sd or 0.0) ** 2]])


def _typical(parameter: Parameter, name: str, people: Sequence[Covariates]) -> Floats:
    values = np.full(len(people), parameter.value)
    for effect in parameter.covariates:
        known = [person.get(effect.covariate) for person in people]
        values = _apply(effect, values, known)
    bad = ~(np.isfinite(values) & (values >= 0.0))
    if parameter.scale == "logit":
        bad |= values >= 1.0
    if bad.any():
        names = ", ".join(effect.covariate for effect in parameter.covariates) or name
        raise BadInput(
            "%(names)s: takes %(parameter)s out of its bounds.",
            field=names.partition(",")[0],
            names=names,
            parameter=name,
        )
    return values


def _apply(effect: CovariateEffect, values: Floats, known: list[float | None]) -> Floats:
    match effect:
        case PowerOf():
            ratio = np.array([1.0 if v is None else v / effect.reference for v in known])
            return np.asarray(values * ratio**effect.exponent)
        case SlopeAbove():
            excess = np.array([0.0 if v is None else max(v - effect.above, 0.0) for v in known])
            return np.asarray(values + effect.slope * excess)
        case FactorIf():
            return np.asarray(values * np.array([effect.factor if v else 1.0 for v in known]))
        case _:
            assert_never(effect)


def _between_subject(model: PkModel, borrowed: PkModel | None) -> tuple[RandomEffects, ...]:
    if model.variability.between_subject or borrowed is None:
        return model.variability.between_subject
    pairs = dict(model.variability.borrowable[borrowed.id])
    return tuple(
        lent for block in borrowed.variability.between_subject if (lent := _lent(block, pairs)) is not None
    )


def _lent(block: RandomEffects, pairs: Mapping[str, str]) -> RandomEffects | None:
    """The part of a lender's block that the borrower uses, under the borrower's names."""
    kept = [i for i, name in enumerate(block.parameters) if name in pairs]
    if not kept:
        return None
    matrix = covariance(block)[np.ix_(kept, kept)]
    return RandomEffects(
        parameters=tuple(pairs[block.parameters[i]] for i in kept),
        omega2=tuple(tuple(float(x) for x in row) for row in matrix),
    )


@lru_cache(maxsize=256)
def _root(block: RandomEffects) -> Floats:
    matrix = covariance(block)
    return np.asarray(np.linalg.cholesky(matrix) if (np.diag(matrix) > 0).all() else np.sqrt(matrix))


def _add(effects: Values, more: Values) -> None:
    for name, values in more.items():
        effects[name] = effects[name] + values if name in effects else values


def _with_effect(parameter: Parameter, typical: Floats, effect: Floats | None) -> Floats:
    if effect is None:
        return typical
    if parameter.scale == "logit":
        return np.asarray(1.0 / (1.0 + (1.0 / typical - 1.0) * np.exp(-effect)))
    return np.asarray(typical * np.exp(effect))
