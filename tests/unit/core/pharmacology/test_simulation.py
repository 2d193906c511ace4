"""Predictions: what they say of themselves, and what they refuse."""

import dataclasses

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, dose, model

from openkap.core.pharmacology import (
    Analyte,
    Covariates,
    Draws,
    Population,
    RangeState,
    Site,
    Vary,
    forecast,
    samples,
    simulate,
)
from openkap.core.pharmacology.concentration import WrongConcentration
from openkap.core.pharmacology.linear_system import Status
from openkap.errors import BadInput
from openkap.knowledge.schema.record import Verification

HOURS = np.arange(0.0, 481.0, 10.0)
IV = dose(35, span=40)


def test_a_racemic_infusion_gives_both_enantiomers_and_their_sum():
    found = simulate(model("otto-2021"), [IV], ADULT, HOURS)
    assert [str(c.analyte) for c in found.curves] == ["ketamine", "S-ketamine", "R-ketamine", "S-norketamine"]
    s, r = found.curve(Analyte.S_KETAMINE).typical, found.curve(Analyte.R_KETAMINE).typical
    assert np.allclose(found.curve(Analyte.KETAMINE).typical, s + r, rtol=1e-14)
    assert (r[1:] > s[1:]).all()
    assert found.base_dose_mg == {"ketamine": 35.0}
    assert found.verification is Verification.SECONDARY
    assert {c.site for c in found.curves} == {Site.VENOUS}
    assert {c.unit for c in found.curves} == {"ng/mL"}


def test_the_derived_enantiomer_is_the_model_with_its_factors():
    found = simulate(model("otto-2021"), [dose(2)], ADULT, [0.0])
    peak = {c.analyte: c.typical[0] for c in found.curves}
    assert peak[Analyte.S_KETAMINE] == pytest.approx(1000 / 133)
    assert peak[Analyte.R_KETAMINE] == pytest.approx(1000 / (133 * 0.90))
    late = simulate(model("otto-2021"), [dose(2)], ADULT, np.linspace(0, 60_000, 60_001))
    area = {c.analyte: np.trapezoid(c.typical, late.times_min / 60.0) for c in late.curves}
    assert area[Analyte.S_KETAMINE] == pytest.approx(1000 / 95.2, rel=1e-3)
    assert area[Analyte.R_KETAMINE] == pytest.approx(1000 / (95.2 * 0.87), rel=1e-3)


def test_esketamine_has_no_other_enantiomer():
    found = simulate(model("otto-2021"), [dose(17.5, "esketamine", span=40)], ADULT, HOURS)
    assert [c.analyte for c in found.curves] == [Analyte.S_KETAMINE, Analyte.S_NORKETAMINE]
    racemic = simulate(model("otto-2021"), [IV], ADULT, HOURS)
    own, half = found.curve(Analyte.S_KETAMINE), racemic.curve(Analyte.S_KETAMINE)
    assert np.allclose(own.typical, half.typical, rtol=1e-14)


@pytest.mark.parametrize("route", ["im", "sc", "sl", "buccal", "po"])
def test_an_assumed_route_has_a_band_and_no_line(route):
    found = simulate(model("otto-2021"), [dose(50, route=route)], ADULT, HOURS)
    assert found.band is not None
    for curve in found.curves:
        assert curve.typical is None
        assert (curve.p05 <= curve.p50).all()
        assert (curve.p50 <= curve.p95).all()
    middle = found.curve(Analyte.KETAMINE)
    assert middle.p95.max() > 2.0 * middle.p05.max()
    assert Analyte.S_NORKETAMINE not in {c.analyte for c in found.curves}
    assert any("assumed" in str(words) for words in found.assumptions)
    with pytest.raises(WrongConcentration):
        found.concentration(Analyte.KETAMINE)


def test_the_band_holds_the_typical_line_and_repeats_by_seed():
    people = Population(size=400, seed=11)
    one, two = (simulate(model("otto-2021"), [IV], ADULT, HOURS, people) for _ in range(2))
    other = simulate(model("otto-2021"), [IV], ADULT, HOURS, Population(size=400, seed=12))
    curve = one.curve(Analyte.KETAMINE)
    assert np.array_equal(curve.p95, two.curve(Analyte.KETAMINE).p95)
    assert not np.array_equal(curve.p95, other.curve(Analyte.KETAMINE).p95)
    assert ((curve.p05 <= curve.typical) & (curve.typical <= curve.p95))[1:].all()
    assert one.band is not None
    assert (one.band.method, one.band.relative_error, one.band.subjects) == ("exact", 0.0, 400)


def test_a_cohort_may_be_cut_anywhere():
    draws = [Draws(5, np.arange(a, b)) for a, b in ((0, 40), (0, 13), (13, 40))]
    whole, first, second = (samples(model("simons-2022"), [IV], [ADULT], HOURS, d).values for d in draws)
    for analyte, values in whole.items():
        assert np.allclose(np.concatenate([first[analyte], second[analyte]]), values, rtol=1e-11)


def test_without_variation_everybody_is_typical():
    found = simulate(
        model("perez-ruixo-2021"), [dose(56, "esketamine", "in")], ADULT, HOURS, Population(vary=frozenset())
    )
    for curve in found.curves:
        assert np.allclose(curve.p05, curve.typical, rtol=1e-9)
        assert np.allclose(curve.p95, curve.typical, rtol=1e-9)


def test_residual_error_widens_the_band_only_when_asked():
    plain = simulate(model("otto-2021"), [IV], ADULT, HOURS, Population(seed=3))
    vary = frozenset({Vary.BETWEEN_SUBJECT, Vary.RESIDUAL})
    noisy = simulate(model("otto-2021"), [IV], ADULT, HOURS, Population(seed=3, vary=vary))
    width = [
        (c.p95 - c.p05)[5:].mean() for c in (plain.curve(Analyte.S_KETAMINE), noisy.curve(Analyte.S_KETAMINE))
    ]
    assert width[1] > 1.1 * width[0]


def test_sessions_of_one_person_differ_by_occasion():
    film = [dose(50, "esketamine", "sl"), dose(50, "esketamine", "sl", start=7 * 1440)]
    times = np.array([30.0, 7 * 1440 + 30.0])
    own = {}
    for vary in (Vary.BETWEEN_SUBJECT, Vary.BETWEEN_OCCASION):
        draws = Draws(2, np.arange(200), frozenset({vary}))
        own[vary] = samples(model("simons-2022"), film, [ADULT], times, draws).values[Analyte.S_KETAMINE]
    same, differs = own[Vary.BETWEEN_SUBJECT], own[Vary.BETWEEN_OCCASION]
    assert np.allclose(same[:, 0], same[:, 1], rtol=0.05)
    assert np.std(np.log(differs[:, 1] / differs[:, 0])) > 0.2


def test_weight_moves_only_what_the_model_scales():
    light, heavy = (
        simulate(
            model("perez-ruixo-2021"),
            [dose(56, "esketamine", "in")],
            Covariates(weight_kg=w, age_years=40),
            HOURS,
        )
        for w in (50.0, 100.0)
    )
    assert np.array_equal(light.curves[0].typical, heavy.curves[0].typical)
    light, heavy = (
        simulate(model("kamp-2020"), [IV], Covariates(weight_kg=w), HOURS).curves[0].typical
        for w in (50.0, 100.0)
    )
    assert (light[1:5] > heavy[1:5]).all()


def test_age_and_ancestry_act_where_the_model_has_them():
    def auc(**known):
        found = simulate(
            model("perez-ruixo-2021"), [dose(28, "esketamine", "in")], Covariates(weight_kg=70, **known),
            np.arange(0.0, 1441.0),
        )  # fmt: skip
        return np.trapezoid(found.curves[0].typical, found.times_min)

    assert auc(age_years=80) > auc(age_years=60) == auc(age_years=30)
    assert auc(age_years=30, asian=True) > auc(age_years=30)
    assert auc(age_years=30, asian=True, japanese=True) > auc(age_years=30)


def test_the_first_device_counts_more_and_starts_anew_each_session():
    esketamine = model("perez-ruixo-2021")
    one_go = simulate(esketamine, [dose(56, "esketamine", "in")], ADULT, HOURS).curves[0].typical
    device = [dose(28, "esketamine", "in"), dose(28, "esketamine", "in", start=5)]
    assert np.allclose(simulate(esketamine, device, ADULT, HOURS).curves[0].typical, one_go, rtol=1e-12)
    both = [dataclasses.replace(d, occasion=i) for i, d in enumerate(device)]
    assert (simulate(esketamine, both, ADULT, HOURS).curves[0].typical[2:] > one_go[2:]).all()


def test_range_is_checked_and_the_reasons_are_given():
    inside = simulate(model("otto-2021"), [IV], ADULT, HOURS)
    assert (inside.range_state, inside.range_reasons) == (RangeState.IN_RANGE, ())
    heavy = simulate(model("otto-2021"), [IV], Covariates(weight_kg=140, age_years=30), HOURS)
    assert heavy.range_state is RangeState.EXTRAPOLATED
    assert "140" in heavy.range_reasons[0]
    unknown = simulate(model("otto-2021"), [IV], Covariates(weight_kg=70), HOURS)
    assert unknown.range_state is RangeState.EXTRAPOLATED
    assert simulate(model("domino-1984"), [IV], ADULT, HOURS).range_state is RangeState.EXTRAPOLATED


def test_a_model_without_variances_makes_no_population_unless_they_are_borrowed_by_name():
    with pytest.raises(BadInput, match="otto-2021"):
        simulate(model("kamp-2020"), [IV], ADULT, HOURS, Population())
    with pytest.raises(BadInput, match="cannot borrow"):
        simulate(model("kamp-2020"), [IV], ADULT, HOURS, Population(borrow=model("simons-2022")))
    found = simulate(model("kamp-2020"), [IV], ADULT, HOURS, Population(borrow=model("otto-2021")))
    assert any("borrowed from otto-2021" in str(words) for words in found.assumptions)
    curve = found.curves[0]
    assert (curve.p05 < curve.p95)[1:].all()


@pytest.mark.parametrize(
    ("record", "given", "words", "field"),
    [
        ("perez-ruixo-2021", [dose(50, "ketamine", "in")], "Dose 1: drug", "doses[0].drug"),
        ("perez-ruixo-2021", [dose(30, "esketamine", "in")], "whole number of 28-mg", "doses[0].amount_mg"),
        ("perez-ruixo-2021", [dose(28, "esketamine", "sl")], "no route 'sl'", "doses[0].route"),
        ("simons-2022", [dose(50, "ketamine", "sl")], "only of esketamine", "doses[0].drug"),
        ("simons-2022", [dose(50, "esketamine", "sl", span=5)], "not given over a time", "doses[0].span_min"),
        ("kamp-2020", [dose(35, "esketamine")], "only of ketamine", "doses[0].drug"),
        ("otto-2021", [dose(-1)], "more than zero", "doses[0].amount_mg"),
        ("otto-2021", [dose(float("nan"))], "finite", "doses[0].amount_mg"),
        ("otto-2021", [dose(1), dose(1, start=float("inf"))], "Dose 2: start_min", "doses[1].start_min"),
        ("otto-2021", [dose(1, span=-3)], "not be negative", "doses[0].span_min"),
        ("otto-2021", [dose(1, start=5), dose(1, start=1)], "order of time", "doses[1].start_min"),
        ("otto-2021", [dose(9, span=40), dose(9, start=30, span=10)], "overlaps dose 1", "doses[1].start_min"),
        ("otto-2021", [], "no dose", "doses"),
    ],
)
def test_doses_that_do_not_fit_are_refused_by_number_and_field(record, given, words, field):
    with pytest.raises(BadInput, match=words.replace("[", r"\[")) as error:
        simulate(model(record), given, ADULT, HOURS)
    assert error.value.field == field


@pytest.mark.parametrize("weight", [0, -70, float("nan"), float("inf"), None])
def test_a_weight_is_a_positive_number(weight):
    with pytest.raises(BadInput) as error:
        Covariates(weight_kg=weight)
    assert error.value.field == "weight_kg"


@pytest.mark.parametrize("times", [[], [0.0, float("nan")], [5.0, 1.0]])
def test_times_ascend_and_are_finite(times):
    with pytest.raises(BadInput) as error:
        simulate(model("otto-2021"), [IV], ADULT, times)
    assert error.value.field == "times_min"


@pytest.mark.parametrize("size", [0, 1, 19, 10**8])
def test_a_population_is_neither_tiny_nor_endless(size):
    with pytest.raises(BadInput):
        Population(size=size)


def test_a_booster_adds_to_what_is_there():
    booster = dose(10, start=90)
    together = simulate(model("otto-2021"), [IV, booster], ADULT, HOURS)
    apart = [simulate(model("otto-2021"), [d], ADULT, HOURS) for d in (IV, booster)]
    for position, curve in enumerate(together.curves):
        total = sum(one.curves[position].typical for one in apart)
        assert np.allclose(curve.typical, total, rtol=1e-9, atol=1e-9)


def test_predictions_before_the_dose_are_zero():
    found = simulate(model("otto-2021"), [IV], ADULT, [-30.0, -1.0, 0.0, 1.0])
    assert found.curves[0].typical[:3].tolist() == [0.0, 0.0, 0.0]
    assert found.curves[0].typical[3] > 0


def test_the_forecast_is_cached_and_equals_the_simulation():
    times = [float(t) for t in range(0, 200, 7)]
    given = [dose(27.7, span=31.66), dose(7.3, start=31.66, span=8.34)]
    one = forecast(model("otto-2021"), given, ADULT, times)
    assert forecast(model("otto-2021"), given, ADULT, times) is one
    plain = simulate(model("otto-2021"), given, ADULT, times, Population(size=300))
    assert np.array_equal(one.curves[0].p95, plain.curves[0].p95)
    ordered = simulate(model("otto-2021"), [dose(35, span=40)], ADULT, times)
    assert np.allclose(one.curves[0].typical, ordered.curves[0].typical, rtol=2e-3)


def test_results_are_plain_values_for_json():
    found = simulate(model("otto-2021"), [IV], ADULT, [10.0, 20.0], Population(size=50)).as_dict()
    assert found["model"] == "otto-2021"
    assert found["version"] == 1
    assert found["range"] == "in_range"
    assert set(found["analytes"]["ketamine"]) == {"site", "unit", "typical", "p05", "p50", "p95"}
    assert found["band"]["subjects"] == 50


def test_every_shipped_model_solves_and_says_how():
    for record_id, drug in (("otto-2021", "ketamine"), ("simons-2022", "ketamine"), ("kamp-2020", "ketamine"),
                            ("domino-1984", "ketamine"), ("perez-ruixo-2021", "esketamine")):  # fmt: skip
        found = simulate(model(record_id), [dose(35, drug, span=40)], ADULT, HOURS)
        assert found.status in (Status.CLOSED_FORM, Status.PROPAGATED, Status.MIXED)
        assert found.warnings or record_id == "none"


def test_the_status_of_a_band_is_that_of_its_people():
    film = simulate(
        model("simons-2022"), [dose(50, "esketamine", "sl")], ADULT, [20.0, 60.0], Population(size=30)
    )
    assert film.status is Status.PROPAGATED
    assert simulate(model("otto-2021"), [IV], ADULT, [20.0], Population(size=30)).status is Status.CLOSED_FORM


def test_a_band_says_what_differs_in_it_and_of_what_no_error_was_estimated():
    asked = Population(size=40, vary=frozenset({Vary.BETWEEN_SUBJECT, Vary.BETWEEN_OCCASION, Vary.RESIDUAL}))
    found = simulate(model("otto-2021"), [dose(35, span=40)], ADULT, [40.0], asked)
    assert (found.band.vary, found.band.without) == (("bsv", "residual"), ("iov",))
    said = [str(one) for one in found.assumptions]
    assert "No residual error was estimated for ketamine, R-ketamine; the band leaves it out there." in said
    film = simulate(model("simons-2022"), [dose(50, "esketamine", "sl")], ADULT, [40.0], asked)
    assert (film.band.vary, film.band.without) == (("bsv", "iov", "residual"), ())
    assert not [one for one in film.assumptions if "residual" in str(one)]


def test_the_other_enantiomer_is_told_only_where_all_was_racemic():
    mixed = [IV, dose(10, "esketamine", start=60.0)]
    names = [curve.analyte for curve in simulate(model("otto-2021"), mixed, ADULT, [90.0]).curves]
    assert names == [Analyte.S_KETAMINE, Analyte.S_NORKETAMINE]
    apart = [simulate(model("otto-2021"), [one], ADULT, [90.0]).curve(Analyte.S_KETAMINE) for one in mixed]
    together = simulate(model("otto-2021"), mixed, ADULT, [90.0]).curve(Analyte.S_KETAMINE)
    assert together.typical == pytest.approx(apart[0].typical + apart[1].typical, rel=1e-9)


@pytest.mark.parametrize(
    ("record", "analyte", "relative", "additive"),
    [
        ("perez-ruixo-2021", Analyte.S_KETAMINE, 0.276, 0.0),
        ("perez-ruixo-2021", Analyte.S_NORKETAMINE, 0.422, 0.0),
        ("otto-2021", Analyte.S_KETAMINE, 0.23609, 0.0),
        ("simons-2022", Analyte.S_KETAMINE, 0.1095, 0.0),
        ("simons-2022", Analyte.S_NORKETAMINE, 0.102, 12.9746),
        ("simons-2022", Analyte.S_HYDROXYNORKETAMINE, 0.079, 4.794),
    ],
)
def test_measured_values_scatter_as_the_residual_error_says(record, analyte, relative, additive):
    given = [dose(200, "esketamine", span=40)]
    typical = simulate(model(record), given, ADULT, [90.0]).curve(analyte).typical[0]
    asked = Draws(3, np.arange(6_000), frozenset({Vary.RESIDUAL}))
    drawn = samples(model(record), given, [ADULT], [90.0], asked).values[analyte][:, 0]
    if record == "perez-ruixo-2021":  # log-normal: the scatter is of the logarithm
        assert np.log(drawn / typical).std() == pytest.approx(relative, rel=0.04)
        assert np.median(drawn) == pytest.approx(typical, rel=0.02)
    else:
        assert drawn.std() == pytest.approx(np.hypot(relative * typical, additive), rel=0.04)
        assert drawn.mean() == pytest.approx(typical, rel=0.02)


def test_under_the_tongue_what_is_swallowed_arrives_too():
    """The parts of the mouth and of the gut together come to what was measured: 0.32 (SD 0.17) and 0.29."""
    near, far = np.arange(0.0, 480.0, 2.0), np.arange(480.0, 5_000.0, 40.0)
    times = np.concatenate([near, far])
    draws = Draws(0, np.arange(300))

    def areas(**form):
        found = samples(model("otto-2021"), [dose(25, **form)], [ADULT], times, draws).values[Analyte.KETAMINE]
        return np.trapezoid(found, times, axis=1)

    by_vein = areas(span=1.0)
    for route in ("sl", "buccal"):
        taken_up = areas(route=route) / by_vein
        assert np.quantile(taken_up, [0.05, 0.5, 0.95]) == pytest.approx([0.17, 0.34, 0.54], abs=0.02)
        assert (taken_up > 0.05).all()


def test_a_session_has_its_own_uptake_from_its_first_dose_on():
    """Nothing but uptake differs between the sessions of S-ketamine here, so that the two films add up."""
    films = [dose(50, "esketamine", "sl"), dose(50, "esketamine", "sl", start=2_880.0)]
    times = [2_880.5, 2_881.0, 2_882.0, 2_900.0]
    draws = Draws(2, np.arange(30))

    def level(*given):
        return samples(model("simons-2022"), given, [ADULT], times, draws).values[Analyte.S_KETAMINE]

    assert level(*films) == pytest.approx(level(films[0]) + level(films[1]), rel=1e-6)
    assert not np.allclose(level(films[1]), level(dataclasses.replace(films[1], occasion=0)), rtol=0.01)
