"""Every number of the pharmacokinetic records, against a second transcription made apart from them."""

from pathlib import Path

import pytest
import yaml

from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.pd_model import PdModel
from openkap.knowledge.schema.pk_interaction import PkInteraction
from openkap.knowledge.schema.pk_model import FactorIf, PkModel, PowerOf, SlopeAbove

SECOND = yaml.safe_load((Path(__file__).parents[2] / "reference" / "pk_parameters.yaml").read_text("utf-8"))
MODELS = read_kind("pk_models", PkModel)
EFFECTS = read_kind("pd_models", PdModel)
INTERACTIONS = read_kind("pk_interactions", PkInteraction)


@pytest.fixture(params=sorted(MODELS))
def both(request):
    return MODELS[request.param], SECOND[request.param]


def test_typical_values_and_units(both):
    model, second = both
    assert {name: [p.value, p.unit] for name, p in model.parameters.items()} == second["values"]


def test_standard_errors(both):
    model, second = both
    own = {name: p.standard_error for name, p in model.parameters.items() if p.standard_error is not None}
    assert own == second.get("standard_errors", {})


def test_covariates(both):
    model, second = both
    found = []
    for name, parameter in model.parameters.items():
        for effect in parameter.covariates:
            match effect:
                case PowerOf():
                    assert effect.reference == (1 if model.id == "domino-1984" else 70)
                    found.append([name, effect.covariate, effect.exponent])
                case SlopeAbove():
                    assert effect.above == 60
                    found.append([name, effect.covariate, effect.slope])
                case FactorIf():
                    found.append([name, effect.covariate, effect.factor])
    assert sorted(found) == sorted(second["covariates"])


def spread_of(blocks):
    found = {}
    for block in blocks:
        matrix = block.omega2 if isinstance(block.omega2, tuple) else None
        one = next((v for v in (block.omega2, block.cv_percent, block.sd) if v is not None), None)
        for i, name in enumerate(block.parameters):
            found[name] = matrix[i][i] if matrix else one
            for j in range(i if matrix else 0):
                found[f"{block.parameters[j]},{name}"] = matrix[i][j]
    return found


def test_variability_within_and_between_people(both):
    model, second = both
    assert spread_of(model.variability.between_subject) == second.get("between_subject", {})
    assert spread_of(model.variability.between_occasion) == second.get("between_occasion", {})


def test_printed_forms_are_kept():
    """Variances stay variances and coefficients stay coefficients: one read as the other is a factor apart."""
    forms = {
        model.id: {
            "omega2" if b.omega2 is not None else "cv" if b.cv_percent is not None else "sd"
            for b in (*model.variability.between_subject, *model.variability.between_occasion)
        }
        for model in MODELS.values()
    }
    assert forms["simons-2022"] == forms["otto-2021"] == {"omega2"}
    assert forms["perez-ruixo-2021"] == {"cv", "sd"}
    assert forms["kamp-2020"] == forms["domino-1984"] == set()
    logit = [name for name, p in MODELS["perez-ruixo-2021"].parameters.items() if p.scale == "logit"]
    assert logit == ["FRN"]


def test_residual_errors_and_sites(both):
    model, second = both
    residuals = {}
    for measured in model.structure.measured:
        if (error := measured.residual) is not None:
            relative = error.proportional_sd or error.log_sd
            residuals[str(measured.analyte)] = [e for e in (relative, error.additive_ng_ml) if e]
    assert residuals == second.get("residual", {})
    assert {str(m.analyte): str(m.site) for m in model.structure.measured} == second["sites"]
    of_the_log = [m.residual is not None and m.residual.log_sd > 0 for m in model.structure.measured]
    assert set(of_the_log) == {model.id == "perez-ruixo-2021"}


def test_published_ratios_of_interactions():
    found = {
        record.id: [
            [str(ratio.route), of, value]
            for ratio in record.published
            for of in ("auc", "cmax", "half_life", "clearance")
            if (value := getattr(ratio, of)) is not None
        ]
        for record in INTERACTIONS.values()
    }
    assert found == SECOND["published_interactions"]


def test_a_factor_on_clearance_or_uptake_is_the_published_ratio():
    """Where one factor alone gives the ratio, it is the ratio; the tests of interactions replay the others."""
    for name in ("ticlopidine-oral", "clarithromycin-oral", "grapefruit-oral"):
        auc = INTERACTIONS[name].published[0].auc
        by_model = {change.model: change.factors for change in INTERACTIONS[name].changes}
        assert by_model["otto-2021"] == {"F_GUT": auc}
        assert set(by_model["perez-ruixo-2021"].values()) == {round(1 / auc, 6)}
    for name in ("cyp2b6-one-star-6", "cyp2b6-two-star-6"):
        assert INTERACTIONS[name].changes[0].factors == {"CL": INTERACTIONS[name].published[0].clearance}


def test_effects():
    pressure, high, spines = (EFFECTS[name].form for name in ("blood-pressure", "dissociation", "plasticity"))
    assert SECOND["effects"] == {
        "blood-pressure": {
            **{name: slope.value for name, slope in pressure.outcomes.items()},
            "between_subject_cv_percent": pressure.between_subject_cv_percent.value,
            "up_to": pressure.up_to.value,
        },
        "dissociation": {
            "c50": high.c50.value,
            "steepness": [high.steepness.low, high.steepness.high],
            "equilibration_half_life": [high.equilibration_half_life.low, high.equilibration_half_life.high],
        },
        "plasticity": {
            "c50": spines.c50.value,
            "transits": spines.transits,
            "mean_transit_time": spines.mean_transit_time.value,
            "turnover_half_life": spines.turnover_half_life.value,
        },
    }
