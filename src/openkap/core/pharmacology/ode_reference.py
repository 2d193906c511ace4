"""A plain integration of the same equations, for tests and for nothing else: slow, simple, and written apart.

It walks the flows one by one as a person would write them down, knows nothing of matrices or modes, and
restarts at every moment at which something is given. Needs SciPy (requirements/science).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from openkap.core.pharmacology.linear_system import Floats
from openkap.knowledge.schema.pk_model import Flow

RELATIVE = 1e-11
ABSOLUTE = 1e-14  # of the largest dose
SHORTEST = 1e-12  # of the time: over a shorter step nothing happens, and an integrator would never end


def integrate(
    flows: Sequence[Flow],
    compartments: Sequence[str],
    values: Mapping[str, float],
    doses: Sequence[tuple[str, float, float, float]],
    times: Floats,
) -> Floats:
    """Amounts (times, compartments). Each dose: (compartment, start, span, amount), a bolus where the span is
    0.
    """
    from scipy.integrate import solve_ivp  # noqa: PLC0415  an extra, and slow to load

    place = {name: i for i, name in enumerate(compartments)}
    rates = [
        (place[f.source], None if f.to is None else place[f.to], float(f.rate.evaluate(values))) for f in flows
    ]

    def slope(_time: float, amounts: Floats, inflow: Floats) -> Floats:
        change = inflow.copy()
        for source, to, rate in rates:
            moved = rate * amounts[source]
            change[source] -= moved
            if to is not None:
                change[to] += moved
        return change

    largest = max((amount for *_, amount in doses), default=1.0)
    moments = sorted(
        {start for _, start, _, _ in doses} | {start + span for _, start, span, _ in doses} | set(times)
    )
    amounts = np.zeros(len(compartments))
    seen = {}
    for moment, following in zip(moments, [*moments[1:], moments[-1]], strict=True):
        for name, start, span, amount in doses:
            if span == 0.0 and start == moment:
                amounts[place[name]] += amount
        seen[moment] = amounts.copy()
        inflow = np.zeros(len(compartments))
        for name, start, span, amount in doses:
            if span > 0.0 and start <= moment < start + span:
                inflow[place[name]] += amount / span
        if following - moment > SHORTEST * following:
            found = solve_ivp(
                slope,
                (moment, following),
                amounts,
                args=(inflow,),
                method="LSODA",
                rtol=RELATIVE,
                atol=ABSOLUTE * largest,
            )
            amounts = found.y[:, -1]
    return np.stack([seen[float(time)] for time in times])
