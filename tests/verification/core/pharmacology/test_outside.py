"""An outside judge: mrgsolve, on the same records and on our exports; asked once, its numbers kept."""

import pytest
from tests.factories.pharmacology import models
from tests.verification.core.pharmacology import outside
from tools.mrgsolve_check.exported import fingerprint, typical_runs

from openkap.core.pharmacology.export import to_mrgsolve
from openkap.core.pharmacology.individuals import covariance

ASK_AGAIN = "A model or its export has changed: ask mrgsolve again, by `python -m tools.mrgsolve_check`."


def test_every_set_of_records_gives_the_same_amounts():
    cases = outside.asked_of_records()["cases"]
    assert len(cases) >= 60
    wrong = {
        case["name"]: error
        for case, error in zip(cases, outside.record_errors(), strict=True)
        if not error <= outside.ALLOWED
    }
    assert wrong == {}


def test_the_records_try_something():
    """Amounts that are nothing everywhere would agree with anything."""
    for case in outside.asked_of_records()["cases"]:
        assert len(case["amounts"]) >= 3
        assert max(case["amounts"]) > 0.1


@pytest.mark.parametrize("name", sorted(models()))
def test_what_is_exported_now_is_what_mrgsolve_was_given(name):
    assert outside.asked_of_exports()["models"][name] == fingerprint(to_mrgsolve(models()[name])), ASK_AGAIN


def test_so_are_the_records_of_every_route():
    kept = outside.asked_of_exports()
    for run in [*kept["typical"], *kept["spread"]]:
        assert fingerprint(outside.run_again(run).records) == run["records"], ASK_AGAIN
    routes = {(run["model"], run["doses"][0]["route"]) for run in kept["typical"]}
    assert routes == {(n, str(route)) for n, record in models().items() for route in record.structure.routes}
    assert len(kept["typical"]) == len(list(typical_runs()))


def test_every_exported_model_gives_our_levels():
    assert max(outside.export_errors()) <= outside.ALLOWED


def test_the_variances_it_read_are_the_models_own():
    for run in outside.asked_of_exports()["spread"]:
        own = [covariance(block) for block in models()[run["model"]].variability.between_subject]
        read = list(run["omega"].values())
        assert [pytest.approx(block, rel=1e-9) for block in own] == read


def test_people_it_draws_spread_as_ours_do():
    """2,000 of its people and 4,000 of ours: a standard deviation is known to some 2 %, a mean to 3 % of it."""
    assert len(outside.spreads()) >= 20
    for one in outside.spreads():
        (own, other), (middle, its_middle) = one.sd, one.mean
        assert own == pytest.approx(other, rel=0.08), one
        assert abs(middle - its_middle) <= 0.12 * other, one
        assert one.scatter[0] == pytest.approx(one.scatter[1], rel=0.12), one
