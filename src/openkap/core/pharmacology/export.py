"""A model as a control stream for mrgsolve or NONMEM: the record's own structure and numbers, in their
languages.

Typical values, covariates, between-subject blocks, fractions and durations of inputs and residual errors are
written; what cannot be (between-occasion effects, devices, ranges) is named in a comment, never dropped in
silence.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import assert_never

from openkap.core.pharmacology.individuals import covariance
from openkap.knowledge.schema.pk_model import (
    CovariateEffect,
    FactorIf,
    Measured,
    Parameter,
    PkModel,
    PowerOf,
    RandomEffects,
    SlopeAbove,
)

LONGEST_NAME = 20  # of a variable in NM-TRAN
WIDTH = 120  # older NM-TRAN reads no more than 160 characters of a line
SWITCHES = {"DEVICE": 1.0, "ROUTE": 1.0}  # columns that say of a dose how it enters
COLUMNS = {"weight_kg": "WT", "age_years": "AGE", "asian": "ASIAN", "japanese": "JAPANESE"}


@dataclass(frozen=True)
class _Language:
    """How one language writes what the two write differently."""

    power: str
    above: str
    log_normal: str
    logit_normal: str
    by_route: str
    either: str
    route: str
    scattered: str
    scattered_log: str
    amount: Callable[[str, int], str]


_MRGSOLVE = _Language(
    power="{base} * pow({column} / {reference:g}, {exponent:g})",
    above="({base} + ({slope:g}) * ({column} > {above:g} ? {column} - {above:g} : 0))",
    log_normal="({typical}) * exp(ETA({number}))",
    logit_normal="1 / (1 + (1 / ({typical}) - 1) * exp(-ETA({number})))",
    by_route="if ({routes}) {name} = {value}",
    either=" || ",
    route="ROUTE == {number}",
    scattered="std::max({level} * (1 + EPS({first})) + EPS({second}), 0.0)",
    scattered_log="std::max({level} * exp(EPS({first})) + EPS({second}), 0.0)",
    amount=lambda name, _number: name,
)
_NONMEM = _Language(
    power="{base} * ({column} / {reference:g})**({exponent:g})",
    above="({base} + ({slope:g}) * ({column} - {above:g} + ABS({column} - {above:g})) / 2)",
    log_normal="({typical}) * EXP(ETA({number}))",
    logit_normal="1 / (1 + (1 / ({typical}) - 1) * EXP(-ETA({number})))",
    by_route="IF ({routes}) {name} = {value}",
    either=".OR.",
    route="ROUTE.EQ.{number}",
    scattered="{level} * (1 + EPS({first})) + EPS({second})",
    scattered_log="{level} * EXP(EPS({first})) + EPS({second})",
    amount=lambda _name, number: f"A({number})",
)


def to_mrgsolve(model: PkModel) -> str:
    """A model file for mrgsolve."""
    lines = ["$PROB", *_heading(model), "", "$PARAM"]
    lines += [f"TV{name} = {parameter.value:.12g}" for name, parameter in model.parameters.items()]
    lines += [f"{name} = {middle:.12g}" for name, middle in _middles(model).items()]
    lines += [f"{column} = {value:.12g}" for column, value in columns_of(model).items()]
    lines += [f"{column} = {value:g}" for column, value in SWITCHES.items()]
    lines += ["", "$CMT", " ".join(model.structure.compartments), "", "$MAIN"]
    lines += [f"double {line};" for line in _individual_lines(model, _MRGSOLVE)]
    lines += [f"{line};" for line in _entry_lines(model, _MRGSOLVE, dict.fromkeys(numbers_of(model), ""))]
    lines += ["", "$ODE"]
    lines += [f"dxdt_{name} = {_balance(model, name, _MRGSOLVE)};" for name in model.structure.compartments]
    for block in model.variability.between_subject:
        lines += ["", "$OMEGA @block" if len(block.parameters) > 1 else "$OMEGA", *_triangle(block)]
    measured = model.structure.measured
    lines += ["", "$SIGMA", *(f"{variance:.12g}" for m in measured for variance in _variances(m)), "", "$TABLE"]
    lines += [f"capture {symbol_of(m.analyte)} = {m.compartment} * {m.scale};" for m in measured]
    lines += [f"capture Y{symbol_of(m.analyte)[1:]} = {_scattered(m, model, _MRGSOLVE)};" for m in measured]
    return "\n".join(lines) + "\n"


def to_nonmem(model: PkModel) -> str:
    """A control stream for NONMEM (ADVAN6; compartments numbered in the record's order)."""
    lines = [f"$PROBLEM {model.id}", *(f"; {part}" for words in _heading(model) for part in wrap(words, WIDTH))]
    lines += [f"$INPUT ID TIME AMT RATE CMT EVID DV {' '.join([*columns_of(model), *SWITCHES])}"]
    lines += ["$DATA data.csv IGNORE=@", "$SUBROUTINES ADVAN6 TOL=9", "$MODEL"]
    lines += [f"  COMP=({name.upper()})" for name in model.structure.compartments]
    lines += ["$PK", *(f"  TV{name} = THETA({i})" for i, name in enumerate(model.parameters, start=1))]
    lines += [f"  {name} = {middle:.12g}" for name, middle in _middles(model).items()]
    lines += [f"  {line}" for line in _individual_lines(model, _NONMEM)]
    number = numbers_of(model)
    lines += [f"  {line}" for line in _entry_lines(model, _NONMEM, number)]
    lines += ["$DES"]
    lines += [
        f"  DADT({number[name]}) = {_balance(model, name, _NONMEM)}" for name in model.structure.compartments
    ]
    lines += ["$ERROR"]
    measured = model.structure.measured
    symbols = [symbol_of(m.analyte) for m in measured]
    lines += [f"  {s} = A({number[m.compartment]}) * {m.scale}" for s, m in zip(symbols, measured, strict=True)]
    for m in measured:
        here = "" if m is measured[0] else f"IF (CMT.EQ.{number[m.compartment]}) "
        lines += [f"  {here}Y = {_scattered(m, model, _NONMEM)}"]
    lines += [f"$THETA {p.value:.12g} FIX ; {name}, {p.unit}" for name, p in model.parameters.items()]
    for block in model.variability.between_subject:
        lines += [f"$OMEGA BLOCK({len(block.parameters)}) FIX", *(f"  {row}" for row in _triangle(block))]
    lines += [f"$SIGMA {variance:.12g} FIX" for m in measured for variance in _variances(m)]
    lines += ["$SIMULATION (20260101) ONLYSIMULATION"]
    lines += [f"$TABLE ID TIME CMT EVID {' '.join(symbols)} NOPRINT ONEHEADER FILE={model.id}.tab"]
    return "\n".join(part for line in lines for part in _continued(line)) + "\n"


def _heading(model: PkModel) -> list[str]:
    said = [
        f"{model.id} version {model.version}, {model.verification}: {model.sources[0].citation}",
        f"Amounts in mg of free base, volumes in L, time in {model.time_unit}; concentrations in ng/mL.",
        *(text.en for text in model.warnings),
    ]
    for position, (route, form) in enumerate(model.structure.routes.items(), start=1):
        into = " and ".join(entry.compartment for entry in form.inputs)
        timed = ", RATE -2 where it has a D" if any(entry.duration is not None for entry in form.inputs) else ""
        said.append(f"Route {route} (ROUTE {position}): the dose goes into {into}{timed}.")
        if form.device:
            said.append(f"DEVICE is 1 for the first device of a session, then {form.device.later_factor}.")
    said += [
        f"Not written: variance between occasions of {', '.join(block.parameters)}."
        for block in model.variability.between_occasion
    ]
    derived = model.structure.derived
    said += [f"Not written: {derived.analyte}, derived from {derived.of}."] if derived is not None else []
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


def _entry_lines(model: PkModel, language: _Language, numbers: Mapping[str, object]) -> list[str]:
    """Fraction and duration of every input that is more than the dose itself, and of which route where they
    differ: what is swallowed from the mouth is not all of a swallowed dose.
    """
    lines = []
    for compartment, entries in _entries(model).items():
        where = f"{numbers[compartment]}" or f"_{compartment}"
        for letter in "FD":
            variants = [(value, routes) for (own, value), routes in entries.items() if own == letter]
            lines += _by_route(f"{letter}{where}", variants, language)
    return lines


def _by_route(name: str, variants: Sequence[tuple[str, list[int]]], language: _Language) -> list[str]:
    """What holds for the first routes holds unless the dose comes by another."""
    if [value for value, _ in variants] in ([], ["1"], [name]):
        return []
    (first, _), *others = variants
    lines = [f"{name} = {first}"]
    for value, routes in others:
        here = language.either.join(language.route.format(number=number) for number in routes)
        lines.append(language.by_route.format(routes=here, name=name, value=value))
    return lines


def _entries(model: PkModel) -> dict[str, dict[tuple[str, str], list[int]]]:
    """By compartment: each fraction F and duration D, with the numbers of the routes that have it."""
    found: dict[str, dict[tuple[str, str], list[int]]] = {}
    for number, route in enumerate(model.structure.routes.values(), start=1):
        for entry in route.inputs:
            own = found.setdefault(entry.compartment, {})
            own.setdefault(("F", str(entry.fraction)), []).append(number)
            if entry.duration is not None:
                own.setdefault(("D", str(entry.duration)), []).append(number)
    return found


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
    return " ".join(terms).removeprefix("+ ") or "0"


def _triangle(block: RandomEffects) -> list[str]:
    matrix = covariance(block)
    return [" ".join(f"{matrix[i, j]:.12g}" for j in range(i + 1)) for i in range(len(matrix))]


def _variances(measured: Measured) -> tuple[float, float]:
    """Of the relative and the additive scatter of a sample; both 0 where nobody has published any."""
    error = measured.residual
    if error is None:
        return 0.0, 0.0
    return float((error.log_sd or error.proportional_sd) ** 2), float(error.additive_ng_ml**2)


def _scattered(measured: Measured, model: PkModel, language: _Language) -> str:
    """A sample as it would be measured; NONMEM takes ETAs for those of people only where there is an EPS."""
    error, first = measured.residual, 2 * model.structure.measured.index(measured) + 1
    form = language.scattered_log if error is not None and error.log_sd else language.scattered
    return form.format(level=symbol_of(measured.analyte), first=first, second=first + 1)


def _continued(line: str) -> list[str]:
    """A line of a control stream, broken where it is long; `&` says that it goes on."""
    parts = wrap(line, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return [line] if line.startswith(";") else [*(f"{part} &" for part in parts[:-1]), parts[-1]]


def symbol_of(analyte: str) -> str:
    """The column of an analyte's concentration; what would be measured has Y_ in place of C_ in mrgsolve."""
    return ("C_" + re.sub(r"\W", "", analyte).upper())[:LONGEST_NAME]
