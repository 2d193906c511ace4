"""People through a model: each one's concentrations, all analytes, all occasions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.assembly import inputs_of, kept_compartments, measured_of, system_of
from openkap.core.pharmacology.covariates import Covariates
from openkap.core.pharmacology.individuals import Draws, Values, Vary, individual_values, typical_values
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.linear_system import Inputs, Status
from openkap.core.pharmacology.plan import Plan, analytes_of
from openkap.core.pharmacology.random_stream import normals
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Analyte, Measured, ResidualError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """What each simulated person's concentrations are: (people, times) per analyte."""

    values: dict[Analyte, Floats]
    status: Status

    def rows(self, chosen: slice) -> "Samples":
        """Some of them."""
        return Samples({analyte: values[chosen] for analyte, values in self.values.items()}, self.status)


def run_typical(plan: Plan, covariates: Covariates) -> Samples:
    """The person with every random effect at zero."""
    typical = typical_values(plan.model, [covariates])
    return _solve(plan, dict.fromkeys(plan.occasions, typical), 1, by_epoch=False)


def run_drawn(plan: Plan, people: Sequence[Covariates], draws: Draws) -> Samples:
    """Drawn people: one covariate set for all of them, or one each."""
    return _run(plan, people, draws, ahead=0)


def run_both(plan: Plan, covariates: Covariates, draws: Draws) -> tuple[Samples, Samples]:
    """The typical person and drawn ones, solved together: one more row costs less than a run of its own."""
    both = _run(plan, [covariates], draws, ahead=1)
    return both.rows(slice(0, 1)), both.rows(slice(1, None))


def _run(plan: Plan, people: Sequence[Covariates], draws: Draws, *, ahead: int) -> Samples:
    """Drawn people, with `ahead` times the typical one of the first covariates before them."""
    count = len(draws.subjects)
    if len(people) not in (1, count):
        raise BadInput("Give one person's covariates, or one for each subject.", field="people")
    own = typical_values(plan.model, people)
    typical = {k: np.broadcast_to(v, count) for k, v in own.items()}
    varies = Vary.BETWEEN_OCCASION in draws.vary and bool(plan.model.variability.between_occasion)
    values = {o: individual_values(plan.model, typical, draws, o) for o in (plan.occasions if varies else (0,))}
    if ahead:
        values = {
            o: {k: np.concatenate([own.get(k, v)[:ahead], v]) for k, v in drawn.items()}
            for o, drawn in values.items()
        }
    by_occasion = values if varies else dict.fromkeys(plan.occasions, values[0])
    solved = _solve(plan, by_occasion, count + ahead, by_epoch=varies)
    return _with_residual(plan, solved, draws) if Vary.RESIDUAL in draws.vary else solved


def _solve(plan: Plan, by_occasion: Mapping[int, Values], count: int, *, by_epoch: bool) -> Samples:
    """The model's own analytes, then the derived enantiomer and the total."""
    measured = measured_of(plan.model, plan.entries)
    own, status = _solve_for(plan, by_occasion, count, measured, by_epoch=by_epoch)
    values = {m.analyte: own[:, i] for i, m in enumerate(measured)}
    derived = plan.derived
    if derived is None:
        return Samples(values, status)
    scaled = {o: {k: v * derived.factors.get(k, 1.0) for k, v in vs.items()} for o, vs in by_occasion.items()}
    parent = [m for m in measured if m.analyte is derived.of]
    other, other_status = _solve_for(plan, scaled, count, parent, by_epoch=by_epoch)
    values[derived.analyte] = other[:, 0]
    values[derived.total] = values[derived.of] + other[:, 0]
    return Samples({a: values[a] for a in analytes_of(plan)}, worse(status, other_status))


def _solve_for(
    plan: Plan, by_occasion: Mapping[int, Values], count: int, measured: Sequence[Measured], *, by_epoch: bool
) -> tuple[Floats, Status]:
    """Solve in one go, or occasion by occasion where parameters change between them; amounts carry over."""
    structure = plan.model.structure
    kept = kept_compartments(structure, plan.entries, measured)
    inputs = inputs_of(plan.model, plan.entries, by_occasion, kept)
    edges = _edges(plan, by_epoch=by_epoch)
    values = np.empty((count, len(measured), len(plan.times)))
    amounts = np.zeros((count, len(kept)))
    status: Status | None = None
    for position, (occasion, start) in enumerate(edges):
        last = position == len(edges) - 1
        end = float("inf") if last else edges[position + 1][1]
        inside = (plan.times >= start) & (plan.times < end)
        system = system_of(structure, by_occasion[occasion], kept, measured, count)
        part: Inputs = inputs if len(edges) == 1 else inputs.between(start, end)
        whole = values if len(edges) == 1 else None
        solution = solve(
            system, part, plan.times[inside], start=start, end=None if last else end, before=amounts, out=whole
        )
        if whole is None:
            values[:, :, inside] = solution.values
        amounts = solution.final
        status = solution.status if status is None else worse(status, solution.status)
    if status is Status.NOT_FINITE or status is None:
        raise BadInput("The model's numbers leave the range of what can be computed for this person.")
    return values, status


def _edges(plan: Plan, *, by_epoch: bool) -> list[tuple[int, float]]:
    """(occasion, from when): one stretch, or one from the first dose of each occasion."""
    occasions = plan.occasions
    if not by_epoch:
        return [(occasions[0], plan.start)]
    firsts = {o: min(e.start for e in plan.entries if e.dose.session == o) for o in occasions}
    ordered = sorted(occasions, key=firsts.__getitem__)
    return [(o, plan.start if i == 0 else firsts[o]) for i, o in enumerate(ordered)]


def _with_residual(plan: Plan, solved: Samples, draws: Draws) -> Samples:
    """Add measurement scatter to those drawn, who come last. A derived enantiomer and the total have none that
    anybody estimated.
    """
    noisy, drawn = dict(solved.values), len(draws.subjects)
    for measured in plan.model.structure.measured:
        if measured.analyte in noisy and measured.residual is not None:
            values = noisy[measured.analyte]
            scores = normals(draws.seed, draws.subjects, f"residual:{measured.analyte}", 2 * values.shape[1])
            scattered = _scatter(values[-drawn:], measured.residual, scores)
            noisy[measured.analyte] = np.concatenate([values[:-drawn], scattered])
    return Samples(noisy, solved.status)


def _scatter(values: Floats, error: ResidualError, scores: Floats) -> Floats:
    one, two = scores[:, 0::2], scores[:, 1::2]
    scattered = (
        values * np.exp(error.log_sd * one) if error.log_sd else values * (1.0 + error.proportional_sd * one)
    )
    return np.asarray(np.maximum(scattered + error.additive_ng_ml * two, 0.0))


def worse(one: Status, other: Status) -> Status:
    """The status of two results together."""
    if Status.NOT_FINITE in (one, other):
        return Status.NOT_FINITE
    return one if one is other else Status.MIXED
