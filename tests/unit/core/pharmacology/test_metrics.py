"""What a curve amounts to."""

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, dose, model

from openkap.core.pharmacology import Analyte, Covariates
from openkap.core.pharmacology.comparison import Regimen, compare
from openkap.core.pharmacology.concentration import WrongConcentration
from openkap.core.pharmacology.metrics import minutes_above, offset, summarise
from openkap.errors import BadInput

TIMES = np.array([0.0, 10.0, 20.0, 30.0, 40.0])
LEVELS = np.array([0.0, 10.0, 20.0, 10.0, 0.0])


def test_a_triangle_is_summed_up_exactly():
    found = summarise(TIMES, LEVELS, 5.0)
    assert (found.cmax, found.tmax_min) == (20.0, 20.0)
    assert found.auc_ng_h_ml == pytest.approx(400.0 / 60.0)
    assert found.minutes_above == pytest.approx(30.0)
    assert found.offset_min == pytest.approx(35.0)


def test_a_curve_that_never_reaches_the_level_has_no_time_above_it():
    assert minutes_above(TIMES, LEVELS, 25.0) == 0.0
    assert offset(TIMES, LEVELS, 25.0) == 0.0


def test_a_curve_that_ends_above_the_level_has_no_offset():
    assert offset(TIMES[:3], LEVELS[:3], 5.0) is None


def test_rising_twice_counts_both_times_and_ends_with_the_last():
    twice = np.array([10.0, 0.0, 10.0, 0.0, 0.0])
    assert minutes_above(TIMES, twice, 5.0) == pytest.approx(5.0 + 5.0 + 5.0)
    assert offset(TIMES, twice, 5.0) == pytest.approx(25.0)


def test_regimens_are_compared_by_one_analyte_at_one_site():
    iv = Regimen("iv", model("otto-2021"), (dose(35, span=40),))
    spray = Regimen("spray", model("perez-ruixo-2021"), (dose(56, "esketamine", "in"),))
    found = compare([iv, spray], ADULT, analyte=Analyte.S_KETAMINE, until_min=360.0, level_ng_ml=30.0)
    assert [one.regimen.name for one in found] == ["iv", "spray"]
    assert found[0].summaries["typical"].cmax == pytest.approx(79.0, rel=1e-2)
    assert found[1].summaries["typical"].offset_min > found[0].summaries["typical"].offset_min


def test_arterial_and_venous_levels_are_not_compared():
    venous = Regimen("venous", model("otto-2021"), (dose(35, span=40),))
    arterial = Regimen("arterial", model("simons-2022"), (dose(35, span=40),))
    with pytest.raises(WrongConcentration, match="different sites"):
        compare([venous, arterial], ADULT, analyte=Analyte.S_KETAMINE, until_min=60.0)


def test_an_assumed_route_is_compared_by_its_band_only():
    iv = Regimen("iv", model("otto-2021"), (dose(35, span=40),))
    muscle = Regimen("im", model("otto-2021"), (dose(35, route="im"),))
    found = compare([iv, muscle], Covariates(weight_kg=70), analyte=Analyte.KETAMINE, until_min=60.0)
    assert set(found[0].summaries) == {"typical"}
    assert set(found[1].summaries) == {"p05", "p50", "p95"}


def test_one_regimen_is_no_comparison():
    with pytest.raises(BadInput):
        compare([], ADULT, analyte=Analyte.KETAMINE, until_min=60.0)
