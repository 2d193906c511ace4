"""The pharmacokinetic records: honest about what was read, and whole."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from openkap.knowledge.loader import RECORDS, read_kind
from openkap.knowledge.schema.expression import Expression
from openkap.knowledge.schema.pd_model import PdModel
from openkap.knowledge.schema.pk_model import Confidence, PkModel
from openkap.knowledge.schema.record import Verification

MODELS = read_kind("pk_models", PkModel)
RAW = yaml.safe_load((RECORDS / "pk_models" / "otto-2021.yaml").read_text(encoding="utf-8"))


def changed(*path, to):
    record = deepcopy(RAW)
    place = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return record


def test_the_shipped_models_are_there():
    assert set(MODELS) == {"domino-1984", "kamp-2020", "otto-2021", "perez-ruixo-2021", "simons-2022"}
    for name in MODELS:
        assert Path(RECORDS / "pk_models" / f"{name}.yaml").exists()


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_transcription_says_so_and_runs_without_a_sign_off(model):
    assert model.verification is Verification.SECONDARY
    assert not model.needs_sign_off
    for evidence in model.evidence:
        assert evidence.verification is not Verification.MEMORY
        if evidence.confidence in (Confidence.ASSUMED, Confidence.DERIVED):
            assert evidence.verification is Verification.CONVENTION
        if evidence.confidence is Confidence.TRANSCRIPTION:
            assert evidence.verification is Verification.SECONDARY


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_typical_values_and_variances_are_plausible(model):
    for block in model.variability.between_subject:
        if isinstance(block.omega2, tuple):
            (a, b), (c, d) = block.omega2
            assert b == c
            assert b * b < a * d
    for interval in model.range.values():
        assert interval.low < interval.high
    assert all(r.assumption is None or r.analytes for r in model.structure.routes.values())


def test_the_derived_enantiomer_has_the_same_factors_everywhere():
    kinds = []
    for model in MODELS.values():
        if model.structure.derived:
            kinds.append({name[0]: f for name, f in model.structure.derived.factors.items() if name[0] in "VQ"})
            clearance = [f for name, f in model.structure.derived.factors.items() if name in ("CL", "CLK1")]
            assert clearance == [0.87]
    assert kinds
    assert all(set(k.values()) == {0.9} for k in kinds)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (changed("parameters", "V1", to={"value": -5, "unit": "L"}), "greater than or equal"),
        (changed("parameters", "V1", to={"value": float("nan"), "unit": "L"}), "finite"),
        (changed("structure", "flows", 0, to={"source": "central", "to": "brain", "rate": "Q1 / V1"}), "brain"),
        (changed("structure", "flows", 0, to={"source": "central", "to": "shallow", "rate": "Q9 / V1"}), "Q9"),
        (
            changed("structure", "flows", 0, to={"source": "central", "to": "shallow", "rate": "open('x')"}),
            "formula|holds",
        ),
        (changed("variability", "between_subject", 0, "omega2", to=[[1, 2], [3, 1]]), "symmetric"),
        (changed("variability", to={}), "unknown"),
        (changed("assumed", "KA_GUT", "low", to=9), "below high"),
        (changed("structure", "derived", "factors", to={"ZZ": 1.0}), "ZZ"),
        (changed("parameters", "V1", to={"value": 1, "unit": "L", "evidence": {"source": 99}}), "past the end"),
        (changed("colour", to="blue"), "Extra inputs"),
    ],
)
def test_a_record_with_a_fault_is_refused(record, words):
    with pytest.raises(ValidationError, match=words):
        PkModel.model_validate(record)


def test_effects_read_and_name_their_needs():
    effects = read_kind("pd_models", PdModel)
    assert set(effects) == {"dissociation", "blood-pressure", "plasticity"}


@pytest.mark.parametrize("text", ["CL / V1", "(1 - FM) * CL * (WT / 70) ** 0.75", "-K + 2", "1e-3 * X"])
def test_formulas_compute_what_they_say(text):
    names = {"CL": 3.0, "V1": 4.0, "FM": 0.25, "WT": 80.0, "K": 2.0, "X": 7.0}
    assert Expression(text).evaluate(names) == pytest.approx(eval(text, {}, names))  # noqa: S307
    assert Expression(text).names <= set(names)


@pytest.mark.parametrize(
    "text",
    ["", "a b", "f(x)", "x.y", "x[0]", "lambda: 1", "'a'", "a if b else c", "1 < 2", "True", "x @ y",
     "(" * 99 + ")" * 99, "1+" * 300 + "1"],
)  # fmt: skip
def test_anything_else_is_no_formula(text):
    with pytest.raises(ValueError):  # noqa: PT011  the words differ by fault
        Expression(text)


def test_a_missing_name_is_told():
    with pytest.raises(KeyError, match="CL"):
        Expression("CL / V1").evaluate({"V1": 1.0})
