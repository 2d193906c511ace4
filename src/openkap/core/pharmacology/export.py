"""A model as a control stream for mrgsolve or NONMEM: the record's own structure and numbers, in their
languages.

Typical values, covariates, between-subject blocks, fractions and durations of inputs and residual errors are
written; what cannot be (between-occasion effects, devices, ranges) is named in a comment, never dropped in
silence.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from openkap.core.pharmacology.individuals import covariance
from openkap.knowledge.schema.pk_model import (
    CovariateEffect,
    FactorIf,
    Parameter,
    PkModel,
    PowerOf,
    RandomEffects,
    SlopeAbove,
)

COLUMNS = {"weight_kg": "WT", "age_years": "AGE", "asian": "ASIAN", "japanese": "JAPANESE"}


@dataclass(frozen=True)
class _Language:
    """How one language writes what the two write differently."""

    power: str
    above: str
    log_normal: str
    logit_normal: str
    amount: Callable[[str, int], str]


_MRGSOLVE = _Language(
    power="{base} * pow({column} / {reference:g}, {exponent:g})",
    above="({base} + ({slope:g}) * ({column} > {above:g} ? {column} - {above:g} : 0))",
    log_normal="({typical}) * exp(ETA({number}))",
    logit_normal="1 / (1 + (1 / ({typical}) - 1) * exp(-ETA({number})))",
    amount=lambda name, _number: name,
)
_NONMEM = _Language(
    power="{base} * ({column} / {reference:g})**({exponent:g})",
    above="({base} + ({slope:g}) * ({column} - {above:g} + ABS({column} - {above:g})) / 2)",
    log_normal="({typical}) * EXP(ETA({number}))",
    logit_normal="1 / (1 + (1 / ({typical}) - 1) * EXP(-ETA({number})))",
    amount=lambda _name, number: f"A({number})",
)


def to_mrgsolve(model: PkModel) -> str:
    """A model file for mrgsolve."""
    lines = ["$PROB", *_heading(model), "", "$PARAM"]
    lines += [f"TV{name} = {parameter.value:g}" for name, parameter in model.parameters.items()]
    lines += [f"{name} = {middle:.6g}" for name, middle in _middles(model).items()]
    lines += [f"{column} = {value:g}" for column, value in columns_of(model).items()]
    lines += ["DEVICE = 1", "", "$CMT", " ".join(model.structure.compartments), "", "$MAIN"]
    lines += [f"double {line};" for line in _individual_lines(model, _MRGSOLVE)]
    for compartment, fraction, duration in _entries(model):
        lines += [f"F_{compartment} = {fraction};"] + ([f"D_{compartment} = {duration};"] if duration else [])
    lines += ["", "$ODE"]
    lines += [f"dxdt_{name} = {_balance(model, name, _MRGSOLVE)};" for name in model.structure.compartments]
    for block in model.variability.between_subject:
        lines += ["", "$OMEGA @block" if len(block.parameters) > 1 else "$OMEGA", *_triangle(block)]
    lines += ["", "$TABLE"]
    lines += [f"capture {_symbol(m.analyte)} = {m.compartment} * {m.scale};" for m in model.structure.measured]
    return "\n".join(lines) + "\n"


def to_nonmem(model: PkModel) -> str:
    """A control stream for NONMEM (ADVAN6; compartments numbered in the record's order)."""
    lines = [f"$PROBLEM {model.id}", *(f"; {words}" for words in _heading(model))]
    lines += [f"$INPUT ID TIME AMT RATE CMT EVID DV {' '.join([*columns_of(model), 'DEVICE'])}"]
    lines += ["$DATA data.csv IGNORE=@", "$SUBROUTINES ADVAN6 TOL=9", "$MODEL"]
    lines += [f"  COMP=({name.upper()})" for name in model.structure.compartments]
    lines += ["$PK", *(f"  TV{name} = THETA({i})" for i, name in enumerate(model.parameters, start=1))]
    lines += [f"  {name} = {middle:.6g}" for name, middle in _middles(model).items()]
    lines += [f"  {line}" for line in _individual_lines(model, _NONMEM)]
    number = numbers_of(model)
    for compartment, fraction, duration in _entries(model):
        lines += [f"  F{number[compartment]} = {fraction}"]
        lines += [f"  D{number[compartment]} = {duration}"] if duration else []
    lines += ["$DES"]
    lines += [
        f"  DADT({number[name]}) = {_balance(model, name, _NONMEM)}" for name in model.structure.compartments
    ]
    lines += ["$ERROR"]
    measured = model.structure.measured
    lines += [f"  {_symbol(m.analyte)} = A({number[m.compartment]}) * {m.scale}" for m in measured]
    lines += [f"  Y = {_symbol(measured[0].analyte)}"]
    lines += [f"$THETA {p.value:g} FIX ; {name}, {p.unit}" for name, p in model.parameters.items()]
    for block in model.variability.between_subject:
        lines += [f"$OMEGA BLOCK({len(block.parameters)}) FIX", *(f"  {row}" for row in _triangle(block))]
    return "\n".join(lines) + "\n"


def _heading(model: PkModel) -> list[str]:
    said = [
        f"{model.id} version {model.version}, {model.verification}: {model.sources[0].citation}",
        f"Amounts in mg of free base, volumes in L, time in {model.time_unit}; concentrations in ng/mL.",
        *(text.en for text in model.warnings),
    ]
    for route, form in model.structure.routes.items():
        into = " and ".join(entry.compartment for entry in form.inputs)
        timed = ", RATE -2 where it has a D" if any(entry.duration is not None for entry in form.inputs) else ""
        said.append(f"Route {route}: the dose goes into {into}{timed}.")
        if form.device:
            said.append(f"DEVICE is 1 for the first device of a session, then {form.device.later_factor}.")
    said += [
        f"Not written: variance between occasions of {', '.join(block.parameters)}."
        for block in model.variability.between_occasion
    ]
    said += [
        f"{name} is assumed, between {bounds.low:g} and {bounds.high:g}; the middle is no estimate."
        for name, bounds in model.assumed.items()
    ]
    for m in model.structure.measured:
        if m.residual is not None:
            error = m.residual
            said.append(
                f"Residual of {m.analyte}: proportional SD {error.proportional_sd:g}, log SD {error.log_sd:g}, "
                f"additive {error.additive_ng_ml:g} ng/mL."
            )
    return said


def _entries(model: PkModel) -> list[tuple[str, str, str]]:
    """Compartment, fraction and duration of every input that is more than the dose itself."""
    found: dict[str, tuple[str, str]] = {}
    for route in model.structure.routes.values():
        for entry in route.inputs:
            found[entry.compartment] = (str(entry.fraction), str(entry.duration or ""))
    return [(place, fraction, span) for place, (fraction, span) in found.items() if fraction != "1" or span]


def _middles(model: PkModel) -> dict[str, float]:
    return {name: float((bounds.low * bounds.high) ** 0.5) for name, bounds in model.assumed.items()}


def columns_of(model: PkModel) -> dict[str, float]:
    """The covariates' columns, with the value that leaves every typical value at its reference."""
    effects = [effect for p in model.parameters.values() for effect in p.covariates]
    references = {e.covariate: e.reference for e in effects if isinstance(e, PowerOf)}
    return {COLUMNS[e.covariate]: references.get(e.covariate, 0.0) for e in effects}


def _individual_lines(model: PkModel, language: _Language) -> list[str]:
    order = [name for block in model.variability.between_subject for name in block.parameters]
    lines = []
    for name, parameter in model.parameters.items():
        typical = _typical(name, parameter, language)
        if name in order:
            form = language.logit_normal if parameter.scale == "logit" else language.log_normal
            typical = form.format(typical=typical, number=order.index(name) + 1)
        lines.append(f"{name} = {typical}")
    return lines


def _typical(name: str, parameter: Parameter, language: _Language) -> str:
    text = f"TV{name}"
    for effect in parameter.covariates:
        text = _effect(text, effect, language)
    return text


def _effect(base: str, effect: CovariateEffect, language: _Language) -> str:
    column = COLUMNS[effect.covariate]
    match effect:
        case PowerOf(reference=reference, exponent=exponent):
            return language.power.format(base=base, column=column, reference=reference, exponent=exponent)
        case SlopeAbove(slope=slope, above=above):
            return language.above.format(base=base, column=column, slope=slope, above=above)
        case FactorIf(factor=factor):
            return f"{base} * (1 + ({factor:g} - 1) * {column})"
        case _:
            assert_never(effect)


def numbers_of(model: PkModel) -> dict[str, int]:
    """Compartments are numbered in the record's order."""
    return {name: i for i, name in enumerate(model.structure.compartments, start=1)}


def _balance(model: PkModel, name: str, language: _Language) -> str:
    number = numbers_of(model)
    flows = model.structure.flows
    terms = [f"+ ({f.rate}) * {language.amount(f.source, number[f.source])}" for f in flows if f.to == name]
    terms += [
        f"- ({f.rate}) * {language.amount(f.source, number[f.source])}"
        for f in flows
        if f.source == name and not f.copies
    ]
    return " ".join(terms) or "0"


def _triangle(block: RandomEffects) -> list[str]:
    matrix = covariance(block)
    return [" ".join(f"{matrix[i, j]:.6g}" for j in range(i + 1)) for i in range(len(matrix))]


def _symbol(analyte: str) -> str:
    return "C_" + re.sub(r"\W", "", analyte).upper()
