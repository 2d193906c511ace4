"""Exports: the record's own equations, checked by reading them back."""

import re

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, model, models

from openkap.core.pharmacology import Analyte
from openkap.core.pharmacology.assembly import system_of
from openkap.core.pharmacology.effects.effect_site import with_effect_site
from openkap.core.pharmacology.export import to_mrgsolve, to_nonmem
from openkap.core.pharmacology.individuals import Draws, assumed_values, typical_values


def middle_values(record):
    values = {k: float(v[0]) for k, v in typical_values(model(record), [ADULT]).items()}
    return values | {k: (b.low * b.high) ** 0.5 for k, b in model(record).assumed.items()}


@pytest.mark.parametrize("record", sorted(models()))
def test_the_written_equations_give_the_solvers_matrix(record):
    """Evaluates the dxdt lines as they stand, with the written typical values."""
    text = to_mrgsolve(model(record))
    lines = dict(re.findall(r"dxdt_(\w+) = (.+);", text))
    structure = model(record).structure
    assert tuple(lines) == structure.compartments
    values = middle_values(record)
    system = system_of(
        structure, {k: np.array([v]) for k, v in values.items()}, structure.compartments, structure.measured, 1
    )
    for column, compartment in enumerate(structure.compartments):
        amounts = {name: float(name == compartment) for name in structure.compartments}
        found = [eval(lines[row], {}, values | amounts) for row in structure.compartments]  # noqa: S307
        assert np.allclose(found, system.rates[0, :, column], rtol=1e-12)


@pytest.mark.parametrize("record", sorted(models()))
def test_both_languages_hold_every_parameter_block_and_warning(record):
    for text in (to_mrgsolve(model(record)), to_nonmem(model(record))):
        for name in model(record).parameters:
            assert f"TV{name} = " in text
        assert text.count("$OMEGA") == len(model(record).variability.between_subject)
        for words in model(record).warnings:
            assert words.en in text
        for block in model(record).variability.between_occasion:
            assert f"between occasions of {', '.join(block.parameters)}" in text


def test_covariates_are_written_with_their_reference():
    assert "TVCL * pow(WT / 70, 0.75)" in to_mrgsolve(model("otto-2021"))
    assert "WT = 70" in to_mrgsolve(model("otto-2021"))
    assert "TVCL * (WT / 70)**(0.75)" in to_nonmem(model("otto-2021"))
    assert "AGE - 60" in to_nonmem(model("perez-ruixo-2021"))


def test_an_assumed_middle_is_named_as_no_estimate():
    assert "the middle is no estimate" in to_mrgsolve(model("otto-2021"))
    drawn = assumed_values(model("otto-2021"), Draws(0, np.arange(50)))
    for name, bounds in model("otto-2021").assumed.items():
        assert ((drawn[name] >= bounds.low) & (drawn[name] <= bounds.high)).all()


def test_what_an_effect_site_follows_loses_nothing_to_it():
    plain, beside = model("otto-2021"), with_effect_site(model("otto-2021"), Analyte.S_KETAMINE, 5.0)
    central = next(line for line in to_mrgsolve(plain).splitlines() if line.startswith("dxdt_central"))
    written = to_mrgsolve(beside).splitlines()
    assert central in written
    assert "dxdt_effect_site = + (KE0) * central - (KE0) * effect_site;" in written
