"""Exports: the record's own equations, checked by reading them back."""

import math
import re

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, model, models

from openkap.core.pharmacology import Analyte, Covariates, Route
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
        flat = " ".join(line.removeprefix("; ") for line in text.splitlines())
        for words in model(record).warnings:
            assert words.en in flat
        for block in model(record).variability.between_occasion:
            assert f"between occasions of {', '.join(block.parameters)}" in text


def test_covariates_are_written_with_their_reference():
    assert "TVCL * pow(WT / 70, 0.75)" in to_mrgsolve(model("otto-2021"))
    assert "WT = 70" in to_mrgsolve(model("otto-2021"))
    assert "TVCL * (WT / 70)**(0.75)" in to_nonmem(model("otto-2021"))
    assert "AGE - 60" in to_nonmem(model("perez-ruixo-2021"))


def run_control_stream(text, *, route, device=1.0, covariates):
    """$PK, $DES and $ERROR as they stand, typical: NM-TRAN's abbreviated code is nearly Python."""
    text = text.replace(" &\n", " ")
    thetas = [float(value) for value in re.findall(r"^\$THETA (\S+) FIX", text, re.MULTILINE)]
    code = re.search(r"\$PK\n(.*?)\$THETA", text, re.DOTALL)[1]
    code = re.sub(r"^\$\w+\n|^ +", "", code, flags=re.MULTILINE).replace(".EQ.", " == ").replace(".OR.", " or ")
    code = re.sub(r"^IF (\(.*?\)) (\w+ = .*)$", r"if \1: \2", code, flags=re.MULTILINE)
    code = re.sub(r"\b(THETA|A|DADT)\((\d+)\)", r"\1[\2]", code)

    def at(amounts, compartment=0):
        named = {"THETA": dict(enumerate(thetas, start=1)), "A": amounts, "DADT": {}, "CMT": compartment}
        named |= {"ROUTE": route, "DEVICE": device, "EXP": math.exp, "ABS": abs, **covariates}
        named |= {"ETA": lambda _: 0.0, "EPS": lambda _: 0.0}
        exec(code, named)  # noqa: S102
        return named

    return at


@pytest.mark.parametrize("record", sorted(models()))
def test_the_control_stream_says_what_the_solver_solves(record):
    """Rates, fractions and durations of every route, and what is observed in each compartment."""
    held = model(record)
    structure, size = held.structure, len(held.structure.compartments)
    columns = {"WT": 84.0, "AGE": 71.0, "ASIAN": 1.0, "JAPANESE": 1.0}
    person = Covariates(weight_kg=84.0, age_years=71.0, asian=True, japanese=True)
    values = {k: float(v[0]) for k, v in typical_values(held, [person]).items()}
    values |= {k: (b.low * b.high) ** 0.5 for k, b in held.assumed.items()}
    several = {k: np.array([v]) for k, v in values.items()}
    system = system_of(structure, several, structure.compartments, structure.measured, 1)
    for number, form in enumerate(structure.routes.values(), start=1):
        at = run_control_stream(to_nonmem(held), route=number, device=0.62, covariates=columns)
        for place in range(size):
            alone = {i + 1: float(i == place) for i in range(size)}
            found = at(alone, place + 1)
            slopes = [found["DADT"][i + 1] for i in range(size)]
            assert np.allclose(slopes, system.rates[0, :, place], rtol=1e-10)
            seen = [
                i for i, m in enumerate(structure.measured) if m.compartment == structure.compartments[place]
            ]
            for i in seen:
                assert found["Y"] == pytest.approx(system.scales[0, i])
        for entry in form.inputs:
            place = structure.compartments.index(entry.compartment) + 1
            fraction = entry.fraction.evaluate(values | {"DEVICE": 0.62})
            assert found.get(f"F{place}", 1.0) == pytest.approx(fraction)
            if entry.duration is not None:
                assert found[f"D{place}"] == pytest.approx(entry.duration.evaluate(values))


@pytest.mark.parametrize("record", sorted(models()))
def test_a_control_stream_keeps_to_what_nm_tran_reads(record):
    """Users Guide IV and VIII: names of at most 20 characters, lines of 160, EPS with every population.

    What is called F or D with a number belongs to that compartment.
    """
    held, text = model(record), to_nonmem(model(record))
    assert text.isascii()
    assert all(len(line) <= 160 for line in text.splitlines())
    code = "\n".join(line for line in text.splitlines() if not line.startswith(";"))
    assert max(len(name) for name in re.findall(r"\b[A-Z]\w*", code)) <= 20
    assert (
        code.count("$SIGMA") == len(set(re.findall(r"EPS\((\d+)\)", code))) == 2 * len(held.structure.measured)
    )
    assert max(map(int, re.findall(r"ETA\((\d+)\)", code.replace("THETA", ""))), default=0) == sum(
        len(block.parameters) for block in held.variability.between_subject
    )
    entered = {
        f"{letter}{held.structure.compartments.index(entry.compartment) + 1}": str(value)
        for form in held.structure.routes.values()
        for entry in form.inputs
        for letter, value in (("F", entry.fraction), ("D", entry.duration))
    }
    for name in held.parameters:
        if re.fullmatch(r"[FDRS]\d+|ALAG\d+", name):
            assert entered[name] == name


def test_what_is_swallowed_from_the_mouth_is_not_a_swallowed_dose():
    """One compartment, two routes: each dose has the fraction of its own."""
    routes = list(model("otto-2021").structure.routes)
    number = routes.index(Route.PO) + 1
    assert f"F_gut = (1 - F_MOUTH) * F_GUT;\nif (ROUTE == {number}) F_gut = F_GUT;" in to_mrgsolve(
        model("otto-2021")
    )
    assert f"IF (ROUTE.EQ.{number}) F8 = F_GUT" in to_nonmem(model("otto-2021"))


def test_the_scatter_of_a_sample_is_written_as_variances():
    """Proportional, additive and logarithmic, as the record has them."""
    assert "$SIGMA\n0.01199025\n0\n0.010404\n168.34024516" in to_mrgsolve(model("simons-2022"))
    assert "Y_SKETAMINE = std::max(C_SKETAMINE * exp(EPS(1)) + EPS(2), 0.0)" in to_mrgsolve(
        model("perez-ruixo-2021")
    )
    assert "Y = C_SKETAMINE * EXP(EPS(1)) + EPS(2)" in to_nonmem(model("perez-ruixo-2021"))


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
    assert "dxdt_effect_site = (KE0) * central - (KE0) * effect_site;" in written
