"""The shipped models, as people's own linear systems, beside libRoadRunner: 240 minutes, a sample a minute."""

import json
import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from tests.factories.pharmacology import exact_amounts

from benchmarks.pharmacology.bands import ADULT, SHIPPED, model
from benchmarks.pharmacology.workload import Floats
from openkap.core.pharmacology import Draws, Drug, GivenDose, Route
from openkap.core.pharmacology.assembly import inputs_of, kept_compartments, measured_of, system_of
from openkap.core.pharmacology.individuals import individual_values, typical_values
from openkap.core.pharmacology.linear_solver import solve
from openkap.core.pharmacology.linear_system import Inputs, LinearSystem
from openkap.core.pharmacology.plan import Plan, plan_of

HERE = Path(__file__).parent
PEOPLE, PEERS, KEEP = 500, 20, 1
TIMES = np.arange(0.0, 240.0)
SOME = (1, 3, 10, 39, 41, 90, 200, 239)
FLOOR = 1e-6


@dataclass(frozen=True)
class Beside:
    """One model: people per second of ours and of libRoadRunner, and the errors of both; or why not."""

    name: str
    ours: float
    our_error: float
    peer: float | None
    peer_error: float | None
    absent: str = ""

    @property
    def words(self) -> str:
        """As it is printed."""
        ours = f"{self.name}: {self.ours:,.0f} people/s (error {self.our_error:.0e}), libRoadRunner "
        if self.peer is None:
            return ours + self.absent
        return f"{ours}{self.peer:,.0f} (error {self.peer_error:.0e}), {self.ours / self.peer:,.0f}x"


@dataclass(frozen=True)
class Problem:
    """Drawn people of one model, as the solver takes them."""

    plan: Plan
    system: LinearSystem
    inputs: Inputs


def problem_of(record: str, drug: Drug, route: Route, span: float) -> Problem:
    """500 drawn people and one dose."""
    amount = 56.0 if route is Route.IN else 35.0
    dose = GivenDose(amount_mg=amount, drug=drug, route=route, start_min=0.0, span_min=span)
    plan = plan_of(model(record), [dose], TIMES)
    draws = Draws(0, np.arange(PEOPLE, dtype=np.int64))
    typical = {k: np.broadcast_to(v, PEOPLE) for k, v in typical_values(plan.model, [ADULT]).items()}
    values = individual_values(plan.model, typical, draws, 0)
    measured = measured_of(plan.model, plan.entries)
    kept = kept_compartments(plan.model.structure, plan.entries, measured)
    system = system_of(plan.model.structure, values, kept, measured, PEOPLE)
    return Problem(
        plan, system, inputs_of(plan.model, plan.entries, dict.fromkeys(plan.occasions, values), kept)
    )


def measure(rounds: int) -> list[Beside]:
    """Every shipped model with a dose in its own form; one enantiomer: the other is the same model."""
    return [_beside(chosen, rounds) for chosen in SHIPPED if chosen[1] is Drug.ESKETAMINE]


def _beside(chosen: tuple[str, Drug, Route, float], rounds: int) -> Beside:
    problem = problem_of(*chosen)
    out = np.empty((PEOPLE, len(problem.system.observed), len(TIMES)))
    speed = PEOPLE / statistics.median(_seconds(problem, out) for _ in range(rounds + 1))
    exact = _exact(problem)
    name = f"{chosen[0]}, {chosen[1]} {chosen[2]}"
    ours = _error(out[:KEEP], exact)
    python = os.environ.get("OPENKAP_ROADRUNNER_PYTHON")
    if not python:
        return Beside(name, speed, ours, None, None, "OPENKAP_ROADRUNNER_PYTHON names no Python that has it")
    done = subprocess.run(
        [python, str(HERE / "roadrunner_models_peer.py")],
        input=json.dumps(_asked(problem, rounds)), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return Beside(name, speed, ours, None, None, [*done.stderr.strip().splitlines(), "no answer"][-1][:120])
    found = json.loads(done.stdout)
    peer = PEERS / statistics.median(found["seconds"])
    return Beside(name, speed, ours, peer, _error(np.array(found["values"]), exact))


def _seconds(problem: Problem, out: Floats) -> float:
    begun = time.process_time()
    solve(problem.system, problem.inputs, problem.plan.times, out=out)
    return time.process_time() - begun


def _exact(problem: Problem) -> Floats:
    rows = []
    for person in range(KEEP):
        amounts = exact_amounts(
            problem.system.rates[person], _given(problem, person), problem.plan.times[list(SOME)]
        )
        seen = amounts[:, list(problem.system.observed)]
        rows.append((seen * problem.system.scales[person]).T)
    return np.stack(rows)


def _given(problem: Problem, person: int) -> list[tuple[int, float, float, float]]:
    """(compartment, start, span, amount) of each of a person's inputs."""
    inputs = problem.inputs
    starts, spans, amounts = (
        part[person if len(part) > 1 else 0] for part in (inputs.starts, inputs.spans, inputs.amounts)
    )
    rows = zip(inputs.compartments, starts, spans, amounts, strict=True)
    return [(int(place), float(start), float(span), float(amount)) for place, start, span, amount in rows]


def _error(found: Floats, exact: Floats) -> float:
    kept, peak = found[:, :, list(SOME)], found.max(axis=2, keepdims=True)
    return float((np.abs(kept - exact) / np.maximum(np.abs(exact), FLOOR * peak)).max())


def _asked(problem: Problem, rounds: int) -> dict[str, Any]:
    """Our export of the system: flows, and for each person rates, losses and the pieces between inputs."""
    rates = problem.system.rates
    off = rates * (1.0 - np.eye(problem.system.size))
    flows = [(int(s), int(t)) for t, s in zip(*np.nonzero(off.any(axis=0)), strict=True)]
    people = []
    for person in range(PEERS):
        own = {
            "rates": [float(off[person, t, s]) for s, t in flows],
            "losses": (-np.diag(rates[person])).tolist(),
            "scales": problem.system.scales[person].tolist(),
        }
        people.append(own | _pieces(problem, person))
    return {
        "size": problem.system.size, "flows": flows, "observed": list(problem.system.observed),
        "people": people, "rounds": rounds, "keep": KEEP,
    }  # fmt: skip


def _pieces(problem: Problem, person: int) -> dict[str, Any]:
    """The samples between changes of inputs, each stretch with its ends; what flows and jumps in."""
    given, times, size = _given(problem, person), problem.plan.times, problem.system.size
    edges = sorted({0.0, *(s for _, s, _, _ in given), *(s + d for _, s, d, _ in given)})
    edges = [edge for edge in edges if edge <= times[-1]] + [float(times[-1]) + 1.0]
    found: dict[str, Any] = {"pieces": [], "inflow": [], "jumps": [], "counts": []}
    for begin, end in pairwise(edges):
        inside = times[(times >= begin) & (times < end)]
        found["pieces"].append(np.unique(np.concatenate([[begin], inside, [end]])).tolist())
        found["counts"].append(len(inside))
        inflow, jumps = np.zeros(size), np.zeros(size)
        for place, start, span, amount in given:
            if span and start <= begin < start + span:
                inflow[place] += amount / span
            elif not span and start == begin:
                jumps[place] += amount
        found["inflow"].append(inflow.tolist())
        found["jumps"].append(jumps.tolist())
    return found
