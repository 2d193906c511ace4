"""`openkap pk`: predict concentrations, solve dosing records, compare regimens. Needs no database."""

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from openkap.cli import pk_output as output
from openkap.core.pharmacology import Covariates, GivenDose, PkModel, Population, Sex, Vary, simulate
from openkap.core.pharmacology.comparison import Regimen, compare
from openkap.core.pharmacology.export import to_mrgsolve, to_nonmem
from openkap.core.pharmacology.export_records import to_records
from openkap.core.pharmacology.generic_models import GenericModel, generic_model
from openkap.core.pharmacology.individuals import DEFAULT_VARY
from openkap.core.pharmacology.interactions import taken_of, with_interactions
from openkap.core.pharmacology.record_solver import Carry, RecordModel, solve_records
from openkap.core.pharmacology.records import read_csv
from openkap.errors import BadInput, NotFound
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.expression import Expression
from openkap.knowledge.schema.pk_interaction import PkInteraction
from openkap.knowledge.schema.pk_model import Analyte
from openkap.units import Quantity, parse_dose_instruction, parse_quantity, parse_span

_MINUTE = timedelta(minutes=1)
_MOST_TIMES = 1_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe `simulate`, `solve`, `compare`, `models` and `export`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _configure_simulate(verbs.add_parser("simulate", help="concentrations of one person, with a band"))
    _configure_solve(verbs.add_parser("solve", help="dosing records through a generic model"))
    _configure_compare(verbs.add_parser("compare", help="two regimens side by side; never a dose conversion"))
    models = verbs.add_parser("models", help="the models there are")
    models.add_argument("--json", action="store_true", help="write JSON")
    _configure_export(verbs.add_parser("export", help="a model, or doses as its data, for other software"))


def run(options: argparse.Namespace) -> int:
    """Run one verb. Raises `BadInput` or `NotFound`."""
    match options.verb:
        case "simulate":
            return _simulate(options)
        case "solve":
            return _solve(options)
        case "compare":
            return _compare(options)
        case "export":
            return _export(options)
        case _:
            output.models(_models(), as_json=options.json)
            return 0


def _configure_simulate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, help="such as otto-2021; see `openkap pk models`")
    _add_person(parser)
    parser.add_argument(
        "--dose",
        action="append",
        required=True,
        metavar="TEXT",
        help="'35 mg ketamine iv over 40 min at 0 min'",
    )
    parser.add_argument(
        "--taken", action="append", default=[], metavar="AGENT", help="rifampicin; only where it was published"
    )
    parser.add_argument("--until", help="'24 h'; with --every")
    when = parser.add_mutually_exclusive_group(required=True)
    when.add_argument("--every", help="'1 min'; with --until")
    when.add_argument("--at", help="'10 min,20 min,1 h'")
    _add_population(parser)
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw it (needs matplotlib)")
    _add_forms(parser)


def _configure_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model")
    parser.add_argument(
        "--to", choices=("mrgsolve", "nonmem", "records"), required=True,
        help="a control stream, or a CSV file of doses and times that goes with either",
    )  # fmt: skip
    parser.add_argument("--dose", action="append", default=[], metavar="TEXT", help="of the records")
    _add_person(parser, required=False)
    parser.add_argument("--at", metavar="TIMES", help="'20 min,40 min', of the records")
    parser.add_argument("--until", help="instead of --at: from 0 to here")
    parser.add_argument("--every", default="1 min", help="with --until")


def _configure_solve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="CSV with a header: ID, TIME, AMT, RATE, CMT, EVID, ADDL, II, SS"
    )
    parser.add_argument("--structure", required=True, help="1cmt, 2cmt or 3cmt, then +depot and +metab")
    parser.add_argument(
        "--param", action="append", nargs="+", required=True, metavar="NAME=VALUE",
        help="CL=60 V1=100, or a formula of columns: CL=60*(WT/70)**0.75",
    )  # fmt: skip
    for name, default in (("amount", "mg"), ("volume", "L"), ("time", "h")):
        parser.add_argument(f"--{name}-unit", default=default, help=f"what the file's {name}s are in")
    parser.add_argument("--covariates", choices=[*Carry], default=Carry.FORWARD, help="between two records")
    _add_forms(parser)


def _configure_compare(parser: argparse.ArgumentParser) -> None:
    _add_person(parser)
    parser.add_argument(
        "--regimen", action="append", required=True, metavar="TEXT",
        help="'otto-2021: 35 mg ketamine iv over 40 min; 10 mg ketamine iv bolus at 60 min'",
    )  # fmt: skip
    parser.add_argument("--analyte", default=str(Analyte.S_KETAMINE), choices=[*Analyte])
    parser.add_argument("--until", default="24 h")
    parser.add_argument("--above", metavar="LEVEL", help="'70 ng/mL'")
    _add_population(parser)
    _add_forms(parser)


def _add_person(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument("--weight", type=float, required=required, metavar="KG")
    parser.add_argument("--age", type=float, metavar="YEARS")
    parser.add_argument("--sex", choices=[*Sex])
    for name in ("asian", "japanese"):
        parser.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, default=None)


def _add_population(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--population", type=int, metavar="N", help="people in the band")
    parser.add_argument("--seed", type=int, help="the same seed, the same people; 0 if left out")
    parser.add_argument("--vary", help="bsv,iov[,residual]; bsv,iov if left out")
    parser.add_argument("--borrow", metavar="MODEL", help="lend variances to a model without any")


def _add_forms(parser: argparse.ArgumentParser) -> None:
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="write JSON")
    forms.add_argument("--csv", action="store_true", help="write CSV")


def _simulate(options: argparse.Namespace) -> int:
    person = _person(options)
    doses = _doses(options.dose, options.weight)
    here = with_interactions(_model(options.model), doses, taken_of(options.taken, _interactions()))
    found = simulate(here.model, doses, person, _times(options), _population(options))
    exposure = replace(found, assumptions=(*found.assumptions, *here.assumptions))
    if options.plot is not None:
        output.plot(exposure, options.plot)
    output.exposure(exposure, as_json=options.json, as_csv=options.csv)
    return 0


def _export(options: argparse.Namespace) -> int:
    model = _model(options.model)
    if options.to != "records":
        if options.dose or options.at or options.until:
            raise BadInput("--dose, --at and --until go with --to records.", field="to")
        print((to_mrgsolve if options.to == "mrgsolve" else to_nonmem)(model))
        return 0
    if options.weight is None or not options.dose:
        raise BadInput("Records are of doses and a weight: --dose and --weight.", field="dose")
    doses = _doses(options.dose, options.weight)
    print(to_records(model, doses, _person(options), _times(options)), end="")
    return 0


def _solve(options: argparse.Namespace) -> int:
    model = generic_model(options.structure)
    parameters = _parameters(model, options.param)
    for name, kind in (("amount_unit", "mg"), ("volume_unit", "L"), ("time_unit", "h")):
        parse_quantity(f"1 {getattr(options, name)}", expected=kind)
    try:
        with options.file.open(newline="", encoding="utf-8") as stream:
            records = read_csv(stream)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{options.file.name} cannot be read: {error}.") from error
    rows = list(solve_records(RecordModel(model, parameters), records, Carry(options.covariates)))
    unit = f"{options.amount_unit}/{options.volume_unit}"
    output.observed(rows, model, unit=unit, as_json=options.json, as_csv=options.csv, options=options)
    return 0


def _compare(options: argparse.Namespace) -> int:
    regimens = [_regimen(text, number, options.weight) for number, text in enumerate(options.regimen, start=1)]
    found = compare(
        regimens,
        _person(options),
        analyte=Analyte(options.analyte),
        until_min=_minutes(options.until, "until"),
        level_ng_ml=_level(options.above),
        population=_population(options),
    )
    output.compared(found, Analyte(options.analyte), as_json=options.json, as_csv=options.csv)
    return 0


def _level(text: str | None) -> float | None:
    """ng/mL, more than zero."""
    if text is None:
        return None
    try:
        level = parse_quantity(text, expected="ng/mL").float_in("ng/mL")
    except BadInput as error:
        raise BadInput(f"--above: {error}", field="above") from error
    if level <= 0.0:
        raise BadInput("--above: a level is more than zero.", field="above")
    return level


def _models() -> dict[str, PkModel]:
    return read_kind("pk_models", PkModel)


def _interactions() -> dict[str, PkInteraction]:
    """What needs no sign-off: there is no site here to have signed anything."""
    known = read_kind("pk_interactions", PkInteraction)
    return {name: record for name, record in known.items() if not record.needs_sign_off}


def _model(wanted: str) -> PkModel:
    found = _models().get(wanted.lower())
    if found is None:
        raise NotFound(f"There is no model '{wanted}'. There are: {', '.join(sorted(_models()))}.")
    return found


def _person(options: argparse.Namespace) -> Covariates:
    return Covariates(
        weight_kg=options.weight,
        age_years=options.age,
        sex=Sex(options.sex) if options.sex else None,
        asian=options.asian,
        japanese=options.japanese,
    )


def _doses(texts: Sequence[str], weight: float) -> tuple[GivenDose, ...]:
    """Read doses; what cannot be read is named by its number."""
    if not (math.isfinite(weight) and weight > 0.0):
        raise BadInput("weight_kg must be a positive number.", field="weight_kg")
    found = []
    for number, text in enumerate(texts, start=1):
        try:
            instruction = parse_dose_instruction(text, weight=Quantity.of(weight, "kg"))
            found.append(GivenDose.from_instruction(instruction))
        except BadInput as error:
            field = f"doses[{number - 1}]" + (f".{error.field}" if error.field else "")
            raise BadInput(f"Dose {number}: {error}", field=field) from error
    return tuple(found)


def _regimen(text: str, number: int, weight: float) -> Regimen:
    name, colon, doses = text.partition(":")
    if not colon:
        raise BadInput(f"'{text}' is not a regimen; write 'MODEL: DOSE; DOSE'.", field="regimen")
    model = _model(name.strip())
    try:
        return Regimen(text.strip(), model, _doses(doses.split(";"), weight))
    except BadInput as error:
        raise BadInput(f"Regimen {number}: {error}", field=error.field) from error


def _times(options: argparse.Namespace) -> list[float]:
    if options.at is not None:
        if options.until is not None:
            raise BadInput("--until goes with --every, not with --at.", field="until")
        return [_minutes(part, "at") for part in options.at.split(",")]
    if options.until is None:
        raise BadInput("--every needs --until.", field="until")
    step, end = _minutes(options.every, "every"), _minutes(options.until, "until")
    if step <= 0:
        raise BadInput("--every must be longer than no time.", field="every")
    count = int(end / step * (1 + 1e-12)) + 1
    if count > _MOST_TIMES:
        raise BadInput(f"That is {count} times; at most {_MOST_TIMES} are predicted.", field="every")
    return [i * step for i in range(count)]


def _minutes(text: str, option: str) -> float:
    try:
        return parse_span(text) / _MINUTE
    except BadInput as error:
        raise BadInput(f"--{option}: {error}", field=option) from error


def _population(options: argparse.Namespace) -> Population | None:
    if options.population is None:
        for name in ("seed", "vary", "borrow"):
            if getattr(options, name) is not None:
                raise BadInput(f"--{name} goes with --population.", field=name)
        return None
    borrow = _model(options.borrow) if options.borrow else None
    return Population(size=options.population, seed=options.seed or 0, vary=_vary(options.vary), borrow=borrow)


def _vary(text: str | None) -> frozenset[Vary]:
    if text is None:
        return DEFAULT_VARY
    try:
        return frozenset(Vary(word.strip()) for word in text.split(","))
    except ValueError:
        raise BadInput(f"--vary takes bsv, iov and residual, not '{text}'.", field="vary") from None


def _parameters(model: GenericModel, groups: Sequence[Sequence[str]]) -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    for text in (text for group in groups for text in group):
        name, formula = _parameter(model.name_of, text)
        if name in found:
            raise BadInput(f"The parameter {name} is given twice.", field=name)
        found[name] = formula
    return found


def _parameter(name_of: Callable[[str], str], text: str) -> tuple[str, Expression]:
    name, equals, formula = text.partition("=")
    if not equals or not formula.strip():
        raise BadInput(f"'{text}' is not a parameter; write CL=60.", field="param")
    try:
        return name_of(name.strip()), Expression(formula.strip())
    except ValueError as error:
        raise BadInput(f"{name}: {error}.", field=name) from error
