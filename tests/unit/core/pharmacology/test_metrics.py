"""What a curve amounts to."""

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, dose, model

from openkap.core.pharmacology import Analyte, Covariates, Draws, Population, samples
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
    assert found[0].typical.cmax == pytest.approx(79.0, rel=1e-2)
    assert found[1].typical.offset_min > found[0].typical.offset_min
    assert found[0].people is None


def test_arterial_and_venous_levels_are_not_compared():
    venous = Regimen("venous", model("otto-2021"), (dose(35, span=40),))
    arterial = Regimen("arterial", model("simons-2022"), (dose(35, span=40),))
    with pytest.raises(WrongConcentration, match="different sites"):
        compare([venous, arterial], ADULT, analyte=Analyte.S_KETAMINE, until_min=60.0)


def test_an_assumed_route_is_compared_by_its_band_only():
    iv = Regimen("iv", model("otto-2021"), (dose(35, span=40),))
    muscle = Regimen("im", model("otto-2021"), (dose(35, route="im"),))
    found = compare([iv, muscle], Covariates(weight_kg=70), analyte=Analyte.KETAMINE, until_min=60.0)
    assert (found[0].people, found[1].typical) == (None, None)
    peak = found[1].people.cmax
    assert peak.p05 < peak.p50 < peak.p95
    assert peak.p50 > found[1].exposure.curve(Analyte.KETAMINE).p50.max()  # the edge of a band is nobody's


def test_a_band_is_summed_up_person_by_person():
    """Chunks or not, the same people: so many at so many moments are drawn in parts."""
    one, other = (Regimen("iv", model("otto-2021"), (dose(amount, span=40),)) for amount in (35, 20))
    people = Population(size=1_100, seed=4)
    found = compare([one, other], ADULT, analyte=Analyte.KETAMINE, until_min=300.0, population=people)[0]
    draws = Draws(4, np.arange(1_100))
    curves = samples(one.model, one.doses, [ADULT], found.exposure.times_min, draws).values[Analyte.KETAMINE]
    expected = np.quantile(curves.max(axis=1), [0.05, 0.5, 0.95], method="inverted_cdf")
    got = found.people.cmax
    assert [got.p05, got.p50, got.p95] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("record", "volume", "at"), [("kamp-2020", 25.0, 20.5), ("otto-2021", 126.0, 0.25)])
def test_a_push_between_two_minutes_has_its_peak(record, volume, at):
    push = Regimen("push", model(record), (dose(10, start=at),))
    found = compare([push, push], ADULT, analyte=Analyte.KETAMINE, until_min=60.0)[0]
    assert (found.typical.tmax_min, found.typical.cmax) == (at, pytest.approx(10_000 / volume))


def test_a_push_is_worth_the_same_whenever_it_is_given():
    """Nothing rises before it: a line from the minute before would add to area and time above a level."""
    now, later = (Regimen("push", model("otto-2021"), (dose(10, start=at),)) for at in (0.0, 5.0))
    (first, _), (_, second) = (
        [
            one.typical
            for one in compare(
                [now, later], ADULT, analyte=Analyte.KETAMINE, until_min=300.0 + at, level_ng_ml=30.0
            )
        ]
        for at in (0.0, 5.0)
    )
    assert second.auc_ng_h_ml == pytest.approx(first.auc_ng_h_ml, rel=1e-7)
    assert second.minutes_above == pytest.approx(first.minutes_above, rel=1e-7)


def test_a_comparison_ends_when_it_was_asked_to():
    push = Regimen("push", model("otto-2021"), (dose(10),))
    for until in (1 / 3, 30.25, 30.75):
        times = _until(push, until).times_min
        assert (times[0], times[-1]) == (0.0, until)


def _until(regimen, until):
    found = compare([regimen, regimen], ADULT, analyte=Analyte.KETAMINE, until_min=until)
    return found[0].exposure


def test_only_who_needs_variances_borrows_them():
    own, none = (Regimen(r, model(r), (dose(20, span=20),)) for r in ("otto-2021", "domino-1984"))
    lent = Population(size=20, borrow=model("otto-2021"))
    both = [_compared(regimen, lent) for regimen in (own, none)]
    said = ["borrowed" in " ".join(map(str, one.exposure.assumptions)) for one in both]
    assert said == [False, True]


def _compared(regimen, people):
    return compare([regimen, regimen], ADULT, analyte=Analyte.KETAMINE, until_min=30.0, population=people)[0]


@pytest.mark.parametrize("until", [0.0, -5.0, float("nan"), float("inf"), 2e6])
def test_a_comparison_looks_for_some_time_but_not_for_ever(until):
    iv = Regimen("iv", model("otto-2021"), (dose(35, span=40),))
    with pytest.raises(BadInput, match="until"):
        compare([iv, iv], ADULT, analyte=Analyte.KETAMINE, until_min=until)


def test_one_regimen_is_no_comparison():
    with pytest.raises(BadInput):
        compare([], ADULT, analyte=Analyte.KETAMINE, until_min=60.0)
