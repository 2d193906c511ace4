"""From a model and people to parameter values."""

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, model

from openkap.core.pharmacology import Covariates, Draws, Vary
from openkap.core.pharmacology.individuals import (
    check_population,
    covariance,
    individual_values,
    typical_values,
)
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import RandomEffects

MANY = np.arange(40_000)


def drawn(record, vary=frozenset({Vary.BETWEEN_SUBJECT}), occasion=0, borrowed=None, people=MANY):
    typical = typical_values(model(record), [ADULT])
    wide = {k: np.broadcast_to(v, len(people)) for k, v in typical.items()}
    return individual_values(model(record), wide, Draws(5, people, vary, borrowed), occasion)


def test_allometry_is_a_power_of_weight():
    heavy = typical_values(model("otto-2021"), [Covariates(weight_kg=140), Covariates(weight_kg=70)])
    assert heavy["CL"] == pytest.approx([95.2 * 2**0.75, 95.2])
    assert heavy["V1"] == pytest.approx([266.0, 133.0])
    assert heavy["VP1"] == pytest.approx([187.0, 187.0])


def test_age_acts_only_above_its_threshold():
    people = [Covariates(weight_kg=70, age_years=a) for a in (20, 60, 70, 86)] + [Covariates(weight_kg=70)]
    assert typical_values(model("perez-ruixo-2021"), people)["QH"] == pytest.approx(
        [151, 151, 151 - 21.9, 151 - 2.19 * 26, 151]
    )


def test_an_age_that_stops_the_flow_is_refused():
    with pytest.raises(BadInput, match="QH"):
        typical_values(model("perez-ruixo-2021"), [Covariates(weight_kg=70, age_years=140)])


def test_yes_or_no_factors_act_when_yes():
    people = [Covariates(weight_kg=70, asian=a, japanese=a) for a in (True, False, None)]
    values = typical_values(model("perez-ruixo-2021"), people)
    assert values["KEL"] == pytest.approx([1.11 * 0.36, 1.11, 1.11])
    assert values["FRN"] == pytest.approx([0.54 * 1.34, 0.54, 0.54])


def test_a_block_is_drawn_with_its_correlation():
    values = drawn("otto-2021")
    logs = np.log(np.stack([values["V1"], values["CL"]]))
    assert np.cov(logs) == pytest.approx(np.array([[0.084177, 0.02261], [0.02261, 0.026048]]), rel=0.05)
    assert np.median(values["CL"]) == pytest.approx(95.2, rel=0.01)
    other = np.log(values["CLN"])
    assert abs(np.corrcoef(logs[1], other)[0, 1]) < 0.02
    assert np.ptp(values["VP1"]) == 0.0


def test_a_coefficient_of_variation_becomes_a_log_variance():
    assert covariance(RandomEffects(parameters=("A",), cv_percent=120))[0, 0] == pytest.approx(
        np.log(1 + 1.2**2)
    )
    assert covariance(RandomEffects(parameters=("A",), sd=0.708))[0, 0] == pytest.approx(0.708**2)
    spread = np.log(drawn("perez-ruixo-2021")["KA_N"]).var()
    assert spread == pytest.approx(np.log(1 + 0.615**2), rel=0.03)


def test_a_fraction_stays_one_after_its_logit_draw():
    fraction = drawn("perez-ruixo-2021")["FRN"]
    assert 0.0 < fraction.min() < 0.1
    assert 0.9 < fraction.max() < 1.0
    assert np.log(fraction / (1 - fraction)).std() == pytest.approx(0.708, rel=0.02)


def test_occasions_share_the_person_and_differ_in_the_rest():
    iov = frozenset({Vary.BETWEEN_SUBJECT, Vary.BETWEEN_OCCASION})
    first, second = (drawn("simons-2022", iov, occasion=o) for o in (0, 1))
    assert np.array_equal(first["VK1"], second["VK1"])
    changed = np.log(first["D2"] / second["D2"])
    assert changed.var() == pytest.approx(2 * 0.611, rel=0.05)
    transit = np.log(first["MTT_NOR"])
    assert transit.var() == pytest.approx(0.021 + 0.751, rel=0.05)


@pytest.mark.parametrize(
    ("record", "asked", "lender", "field"),
    [
        ("kamp-2020", {Vary.BETWEEN_OCCASION}, None, "vary"),
        ("otto-2021", {Vary.BETWEEN_OCCASION}, None, "vary"),
        ("kamp-2020", {Vary.BETWEEN_SUBJECT, Vary.RESIDUAL}, "otto-2021", "vary"),
        ("kamp-2020", {Vary.BETWEEN_SUBJECT}, None, "borrow"),
        ("kamp-2020", {Vary.BETWEEN_OCCASION}, "simons-2022", "borrow"),
        ("otto-2021", {Vary.BETWEEN_SUBJECT}, "simons-2022", "borrow"),
    ],
)
def test_a_band_of_no_width_is_refused(record, asked, lender, field):
    lent = model(lender) if lender else None
    with pytest.raises(BadInput) as caught:
        check_population(model(record), Draws(5, MANY, frozenset(asked), lent))
    assert caught.value.field == field


def test_borrowed_variances_are_the_lenders():
    check_population(model("kamp-2020"), Draws(5, MANY, borrowed=model("otto-2021")))
    values = drawn("kamp-2020", borrowed=model("otto-2021"))
    logs = np.log(np.stack([values["V1"], values["CL"]]))
    assert np.cov(logs) == pytest.approx(np.array([[0.084177, 0.02261], [0.02261, 0.026048]]), rel=0.05)
    assert np.ptp(values["Q2"]) == 0.0
    only_volume = drawn("domino-1984", borrowed=model("otto-2021"))
    assert np.log(only_volume["V1"]).var() == pytest.approx(0.084177, rel=0.05)
    assert np.ptp(only_volume["K10"]) == 0.0


def test_no_variation_needs_no_variances():
    check_population(model("kamp-2020"), Draws(0, MANY, frozenset()))
    assert np.ptp(drawn("kamp-2020", frozenset(), people=MANY[:10])["CL"]) == 0.0
