"""The compiled effect against the closed form of one compartment, for random people, effects and doses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.turnover import exact_turnover

from openkap.core.pharmacology.fast_effect import fill_effect
from openkap.core.pharmacology.fast_grid import GridDose, Stretch

pytest.importorskip("numba")

MINUTE = 1 / 60
LOOKED_AT = (1, 13, 60, 119)


def between(low: float, high: float) -> st.SearchStrategy[float]:
    """Evenly on the logarithmic scale."""
    return st.floats(np.log(low), np.log(high)).map(lambda x: float(np.exp(x)))


@settings(max_examples=40, deadline=None)
@given(
    rate=between(0.05, 8.0), ke0=between(0.3, 12.0), relative=between(0.02, 50.0), steepness=between(0.5, 4.0),
    emax=st.one_of(st.floats(-1.0, -0.05), st.floats(0.05, 3.0)), kout=between(0.005, 0.5),
    span=st.sampled_from([0.0, 0.1, 0.505, 1.0, 3.0]),
)  # fmt: skip
def test_a_turnover_is_exact_or_left(  # noqa: PLR0917  one number of the model each
    rate: float, ke0: float, relative: float, steepness: float, emax: float, kout: float, span: float
) -> None:
    volume, amount = 25.0, 35.0
    person = np.array([rate * volume, volume, 0.0, 1.0, 0.0, 1.0, 1.3, 58.0, 99.0, 1.0])
    effect = np.array([ke0, amount / volume * relative, steepness, emax, kout])
    out = np.empty((1, 3, 120))
    grid, doses = [Stretch(0.0, MINUTE, 120)], [GridDose(0.0, span)]
    if fill_effect(person[None], effect[None], np.full(1, amount), doses, grid, out, parallel=False).any():
        return  # said not to be solved, which a caller sees
    exact = exact_turnover([i * MINUTE for i in LOOKED_AT], rate, effect, amount / volume, span)
    assert np.abs(out[0, 2, list(LOOKED_AT)] / exact - 1.0).max() <= 1e-9
    assert (np.abs(out[0, 2] - 1.0) <= abs(emax) + 1e-12).all()
