"""How `openkap pk` shows its results: a table, JSON, CSV, or a picture."""

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from openkap.core.pharmacology.comparison import NOTE, Compared
from openkap.core.pharmacology.exposure import Exposure
from openkap.core.pharmacology.generic_models import GenericModel
from openkap.core.pharmacology.record_solver import Observed
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_model import Analyte, PkModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = ("typical", "p05", "p50", "p95")


def exposure(result: Exposure, *, as_json: bool, as_csv: bool) -> None:
    """Print a prediction."""
    if as_json:
        _json(result.as_dict())
        return
    header, rows = _exposure_rows(result, sited=as_csv)
    if as_csv:
        _csv(header, rows)
        return
    within = str(result.range_state).replace("_", " ")
    print(
        f"{result.model_id}, version {result.model_version} ({result.verification}); {within}; {result.status}"
    )
    given = ", ".join(f"{amount:g} mg {drug}" for drug, amount in result.base_dose_mg.items())
    print(f"- Given: {given}.")
    for site, names in _by_site(result).items():
        print(f"- In {site}: {', '.join(names)}.")
    for words in (*result.range_reasons, *result.assumptions, *(text.en for text in result.warnings)):
        print(f"- {words}")
    if result.band is not None:
        lacking = f"; no {', '.join(result.band.without)} was published" if result.band.without else ""
        print(f"- Band: 5 to 95 % of {result.band.subjects} people, {', '.join(result.band.vary)}{lacking}.")
    _table(header, rows)


def observed(
    rows: Sequence[Observed],
    model: GenericModel,
    *,
    unit: str,
    as_json: bool,
    as_csv: bool,
    options: argparse.Namespace,
) -> None:
    """Print solved records."""
    header = ["ID", "TIME", "CMT", "AMOUNT", "CONC"]
    if as_json:
        _json(
            {
                "structure": model.structure,
                "compartments": {str(i): name for i, name in enumerate(model.compartments, start=1)},
                "units": {"TIME": options.time_unit, "AMOUNT": options.amount_unit, "CONC": unit},
                "status": "propagated",
                "rows": [
                    dict(
                        zip(header, (r.subject, r.time, r.compartment, r.amount, r.concentration), strict=True)
                    )
                    for r in rows
                ],
            }
        )
        return
    cells = [[r.subject, r.time, r.compartment, r.amount, r.concentration] for r in rows]
    if as_csv:
        _csv(header, cells)
        return
    numbered = ", ".join(f"{i} {name}" for i, name in enumerate(model.compartments, start=1))
    print(f"Compartments: {numbered}.")
    print(f"TIME in {options.time_unit}, AMOUNT in {options.amount_unit}, CONC in {unit}.")
    _table(header, cells)


def compared(found: Sequence[Compared], analyte: Analyte, *, as_json: bool, as_csv: bool) -> None:
    """Print a comparison, always with what it is not."""
    site = found[0].exposure.curve(analyte).site
    if as_json:
        regimens = [
            {
                "regimen": one.regimen.name,
                "model": one.exposure.model_id,
                "version": one.exposure.model_version,
                "base_dose_mg": one.exposure.base_dose_mg,
                **{
                    name: value
                    for name, value in one.exposure.as_dict().items()
                    if name
                    in ("verification", "status", "range", "range_reasons", "assumptions", "warnings", "band")
                },
                "summaries": _summaries(one),
            }
            for one in found
        ]
        named = {"analyte": str(analyte), "site": str(site), "unit": found[0].exposure.curve(analyte).unit}
        _json({"note": NOTE, **named, "regimens": regimens})
        return
    header = ["regimen", "line", "cmax_ng_ml", "tmax_min", "auc_ng_h_ml", "minutes_above", "offset_min"]
    rows = [[one.regimen.name, line, *s.values()] for one in found for line, s in _summaries(one).items()]
    if as_csv:
        _csv(header, rows)
        return
    print(NOTE)
    print(f"{analyte} in {site}. Quantiles are of people, each one's own figure.")
    _table(header, rows)


def _summaries(one: Compared) -> dict[str, dict[str, float | None]]:
    """The typical curve's figures, and 5, 50 and 95 % of people's own."""
    found = {} if one.typical is None else {"typical": asdict(one.typical)}
    if one.people is None:
        return found
    figures: dict[str, dict[str, float | None] | None] = asdict(one.people)
    for level in _LINES[1:]:
        found[level] = {name: None if of is None else of[level] for name, of in figures.items()}
    return found


def _by_site(result: Exposure) -> dict[str, list[str]]:
    sites: dict[str, list[str]] = {}
    for curve in result.curves:
        sites.setdefault(str(curve.site), []).append(str(curve.analyte))
    return sites


def models(known: Mapping[str, PkModel], *, as_json: bool) -> None:
    """List the models."""
    if as_json:
        _json([_model(model) for model in known.values()])
        return
    for model in known.values():
        routes = ", ".join(f"{r} (assumed)" if i.is_assumed else r for r, i in model.structure.routes.items())
        print(f"{model.id}, version {model.version} ({model.verification}): {model.title.en}; routes {routes}")


def plot(result: Exposure, path: Path) -> None:
    """Draw every analyte: predicted lines dashed, with the band behind. Raises `BadInput`."""
    try:
        import matplotlib as mpl  # noqa: PLC0415  an extra, and slow to load
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        raise BadInput("Drawing needs matplotlib, which is in requirements/science.lock.") from None
    # A fixed salt and no date: the same prediction is the same file.
    with mpl.rc_context({"svg.hashsalt": "openkap", "svg.fonttype": "path"}):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        _draw(figure.add_subplot(), result)
        try:
            figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
        except (OSError, ValueError) as error:
            raise BadInput(f"{path.name} cannot be drawn: {error}.") from error


def _draw(axes: "Axes", result: Exposure) -> None:
    for number, curve in enumerate(result.curves):
        colour = f"C{number}"
        label = f"{curve.analyte}, {curve.site}"
        if curve.p05 is not None and curve.p95 is not None:
            axes.fill_between(result.times_min, curve.p05, curve.p95, color=colour, alpha=0.2, linewidth=0)
        if curve.typical is not None:
            axes.plot(result.times_min, curve.typical, color=colour, linestyle="--", label=label)
        else:
            axes.plot([], [], color=colour, linewidth=6, alpha=0.3, label=f"{label} (band only)")
    axes.set(xlabel="minutes", ylabel=result.curves[0].unit, title=_title(result))
    axes.set_ylim(bottom=0)
    axes.legend()


def _title(result: Exposure) -> str:
    given = ", ".join(f"{amount:g} mg {drug}" for drug, amount in result.base_dose_mg.items())
    band = "" if result.band is None else f"; bands: 5 to 95 % of {result.band.subjects} people"
    return f"{given}, predicted by {result.model_id}, version {result.model_version}{band}"


def _model(model: PkModel) -> dict[str, Any]:
    return {
        "id": model.id,
        "version": model.version,
        "title": model.title.en,
        "verification": str(model.verification),
        "population": model.population,
        "routes": {
            str(route): {
                "drugs": [str(d) for d in form.drugs],
                "assumption": form.assumption.en if form.assumption else None,
            }
            for route, form in model.structure.routes.items()
        },
        "analytes": {str(m.analyte): str(m.site) for m in model.structure.measured},
        "warnings": [text.en for text in model.warnings],
    }


def _exposure_rows(result: Exposure, *, sited: bool) -> tuple[list[str], list[list[Any]]]:
    columns = [
        (f"{curve.analyte} {curve.site if sited else ''} {line}".replace("  ", " "), values)
        for curve in result.curves
        for line in _LINES
        if (values := getattr(curve, line)) is not None
    ]
    rows = np.column_stack([result.times_min, *(values for _, values in columns)]).tolist()
    return ["time_min", *(f"{name} ng/mL" for name, _ in columns)], rows


def _json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def _csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    cells = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(header), *cells]) for i in range(len(header))]
    for line in [list(header), *cells]:
        print("  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)))


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
