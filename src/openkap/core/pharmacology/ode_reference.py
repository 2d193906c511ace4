"""A plain integration of the same equations, for tests and for nothing else: slow, simple, and written apart.

It walks the flows one by one as a person would write them down, knows nothing of matrices or modes, and
restarts at every moment at which something is given. Needs SciPy (requirements/science).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from openkap.core.pharmacology.linear_system import Floats
from openkap.knowledge.schema.pk_model import Flow

Doses = Sequence[tuple[str, float, float, float]]

RELATIVE = 1e-11
ABSOLUTE = 1e-14  # of the largest dose
SHORTEST = 1e-12  # of the time: over a shorter step nothing happens, and an integrator would never end


def integrate(
    flows: Sequence[Flow],
    compartments: Sequence[str],
    values: Mapping[str, float],
    doses: Doses,
    times: Floats,
) -> Floats:
    """Amounts (times, compartments). Each dose: (compartment, start, span, amount), a bolus where the span is
    0.
    """
    system = _Flows(flows, {name: i for i, name in enumerate(compartments)}, values)
    absolute = ABSOLUTE * max((amount for *_, amount in doses), default=1.0)
    moments = sorted(
        {start for _, start, _, _ in doses} | {start + span for _, start, span, _ in doses} | set(times)
    )
    amounts, seen = np.zeros(len(compartments)), {}
    for moment, following in zip(moments, [*moments[1:], moments[-1]], strict=True):
        amounts = amounts + system.jumps(doses, moment)
        seen[moment] = amounts
        if following - moment > SHORTEST * following:
            amounts = system.carry(amounts, system.inflow(doses, moment), (moment, following), absolute)
    return np.stack([seen[float(time)] for time in times])


class _Flows:
    """The flows of one person with their rates worked out."""

    def __init__(self, flows: Sequence[Flow], place: Mapping[str, int], values: Mapping[str, float]) -> None:
        self._place = place
        self._rates = [
            (place[f.source], None if f.to is None else place[f.to], float(f.rate.evaluate(values)))
            for f in flows
        ]

    def jumps(self, doses: Doses, moment: float) -> Floats:
        """What is given at once at this moment."""
        found = np.zeros(len(self._place))
        for name, start, span, amount in doses:
            if span == 0.0 and start == moment:
                found[self._place[name]] += amount
        return found

    def inflow(self, doses: Doses, moment: float) -> Floats:
        """What flows in from this moment on."""
        found = np.zeros(len(self._place))
        for name, start, span, amount in doses:
            if span > 0.0 and start <= moment < start + span:
                found[self._place[name]] += amount / span
        return found

    def carry(self, amounts: Floats, inflow: Floats, between: tuple[float, float], absolute: float) -> Floats:
        """Amounts at the end of a stretch in which nothing starts or stops."""
        from scipy.integrate import solve_ivp  # noqa: PLC0415  an extra, and slow to load

        found = solve_ivp(
            self._slope, between, amounts, args=(inflow,), method="LSODA", rtol=RELATIVE, atol=absolute
        )
        return np.asarray(found.y[:, -1])

    def _slope(self, _time: float, amounts: Floats, inflow: Floats) -> Floats:
        change = inflow.copy()
        for source, to, rate in self._rates:
            moved = rate * amounts[source]
            change[source] -= moved
            if to is not None:
                change[to] += moved
        return change
