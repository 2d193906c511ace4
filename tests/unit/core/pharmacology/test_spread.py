"""What people's own curves amount to."""

from dataclasses import astuple

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, dose, model

from openkap.core.pharmacology import Analyte, Draws, GivenDose, Population, samples, simulate
from openkap.core.pharmacology.metrics import CurveSummary
from openkap.core.pharmacology.spread import predict, spread, spread_of
from openkap.errors import BadInput

TIMES = np.arange(0.0, 241.0, 2.0)
PEOPLE = Population(size=120, seed=4)
IV = dose(35, span=40)


def test_each_person_has_their_own_peak() -> None:
    found = spread(model("otto-2021"), [IV], ADULT, TIMES, PEOPLE, analyte=Analyte.KETAMINE, level_ng_ml=60)
    drawn = samples(model("otto-2021"), [IV], [ADULT], TIMES, Draws(4, np.arange(120)))
    peaks = np.sort(drawn.values[Analyte.KETAMINE].max(axis=1))
    assert found.cmax.p05 == peaks[5]  # the sixth of 120: 5 % lie below
    assert found.cmax.p95 == peaks[113]
    assert found.tmax_min.p50 == 40
    assert found.minutes_above is not None
    above = found.minutes_above
    assert None not in (above.p05, above.p50, above.p95)
    assert (above.p05 or 0) < (above.p50 or 0) < (above.p95 or 0)


def test_the_peaks_lie_as_the_band_does_where_all_peak_together() -> None:
    found = spread(model("otto-2021"), [IV], ADULT, TIMES, PEOPLE, analyte=Analyte.KETAMINE)
    band = simulate(model("otto-2021"), [IV], ADULT, TIMES, PEOPLE).curve(Analyte.KETAMINE)
    assert band.p95 is not None
    assert found.cmax.p95 == pytest.approx(band.p95.max(), rel=0.03)
    assert found.minutes_above is None
    assert found.offset_min is None


def test_a_route_nobody_has_fitted_has_a_spread_of_its_own() -> None:
    found = spread(model("otto-2021"), [dose(35, route="im")], ADULT, TIMES, PEOPLE, analyte=Analyte.KETAMINE)
    assert (found.cmax.p95 or 0) > 2 * (found.cmax.p05 or 0)


def test_who_is_still_above_at_the_end_has_no_offset() -> None:
    people = [CurveSummary(90, 10, 1, 30, 40.0) for _ in range(90)]
    people += [CurveSummary(90, 10, 1, 240, None) for _ in range(10)]
    found = spread_of(people, above=True)
    assert found.offset_min is not None
    assert (found.offset_min.p05, found.offset_min.p50, found.offset_min.p95) == (40.0, 40.0, None)


def test_an_analyte_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(BadInput, match="says nothing of S-hydroxynorketamine") as caught:
        spread(model("otto-2021"), [IV], ADULT, TIMES, PEOPLE, analyte=Analyte.S_HYDROXYNORKETAMINE)
    assert caught.value.field == "analyte"


@pytest.mark.parametrize(("name", "given", "lender"), [
    ("otto-2021", IV, None),
    ("otto-2021", dose(35, route="im"), None),
    ("perez-ruixo-2021", dose(56, "esketamine", "in"), None),
    ("kamp-2020", IV, "otto-2021"),
])  # fmt: skip
def test_predicting_at_once_is_simulating_and_spreading(
    name: str, given: GivenDose, lender: str | None
) -> None:
    people = Population(size=40, seed=2, borrow=model(lender) if lender else None)
    analyte = Analyte.S_KETAMINE if name == "perez-ruixo-2021" else Analyte.KETAMINE
    exposure, found = predict(model(name), [given], ADULT, TIMES, people, analyte=analyte, level_ng_ml=30)
    plain = simulate(model(name), [given], ADULT, TIMES, people)
    apart = spread(model(name), [given], ADULT, TIMES, people, analyte=analyte, level_ng_ml=30)
    ours, theirs = (
        np.array([astuple(part) for part in (s.cmax, s.tmax_min, s.auc_ng_h_ml, s.minutes_above)], dtype=float)
        for s in (found, apart)
    )
    assert np.allclose(ours, theirs, rtol=1e-9, atol=0.0, equal_nan=True)
    assert exposure.as_dict() == plain.as_dict()


def test_predicting_refuses_what_the_model_does_not_have() -> None:
    with pytest.raises(BadInput) as caught:
        predict(model("otto-2021"), [IV], ADULT, TIMES, PEOPLE, analyte=Analyte.NORKETAMINE)
    assert caught.value.field == "analyte"
