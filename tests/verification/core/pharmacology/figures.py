"""The pictures of the validation report, drawn from the same replays that the tests judge."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import ScalarFormatter
from tests.factories.pharmacology import model
from tests.verification.core.pharmacology.validation import Outcome, replayed, rows

from openkap.core.pharmacology import Analyte, Covariates, Exposure, GivenDose, Population, simulate
from openkap.core.pharmacology.given_dose import check_doses
from openkap.units import parse_dose_instruction

STYLE = {
    "svg.hashsalt": "openkap",
    "svg.fonttype": "path",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "legend.frameon": False,
}
INK, SAGE, SAND, AMBER, RED, BLUE = "#22302c", "#3f7d64", "#b58a54", "#b7791f", "#b23b32", "#2f5f8f"
COLOURS = dict.fromkeys((Outcome.REPRODUCED, Outcome.INSIDE, Outcome.CLOSE), SAGE)
COLOURS |= {Outcome.HELD: BLUE, Outcome.OFF: AMBER, Outcome.FAILED: RED}
PEOPLE = 500


@cache
def figures() -> dict[str, Figure]:
    """Every picture by its file name."""
    with mpl.rc_context(STYLE):
        return {
            "ratios.svg": _ratios(),
            "otto.svg": _otto(),
            "hasan.svg": _hasan(),
            "simons.svg": _simons(),
            "esketamine-nasal.svg": _nasal(),
            "sites.svg": _sites(),
            "assumed.svg": _assumed(),
        }


def _axes(title: str, width: float = 7.0, height: float = 4.0) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title)
    return figure, axes


def _ratios() -> Figure:
    shown = [one for one in replayed() if one.ratio is not None]
    figure, axes = _axes("Predicted over observed, row by row of the table", 7.5, 10.5)
    axes.axvspan(0.8, 1.25, color=SAGE, alpha=0.12, linewidth=0)
    axes.axvline(1.0, color=INK, linewidth=0.8)
    for place, one in enumerate(shown):
        colour, row = COLOURS[one.outcome], one.row
        if row.get("low"):  # what the observed spread makes of the ratio
            axes.plot(
                [one.predicted / row["high"], one.predicted / row["low"]],
                [-place] * 2,
                color="#c9d1cd",
                linewidth=3,
                zorder=0,
            )
        if one.band is not None:
            axes.plot([edge / row["value"] for edge in one.band], [-place] * 2, color=colour, linewidth=1)
        axes.plot(one.ratio, -place, "D" if row["in_sample"] else "o", color=colour, markersize=4)
    labels = [f"{_short(one.row)}  {one.row['number']:>2}" for one in shown]
    axes.set_yticks([-i for i in range(len(shown))], labels, fontsize=6)
    axes.set_ylim(-len(shown), 1)
    axes.set_xscale("log")
    axes.set_xticks([0.125, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0], ["0.125", "0.25", "0.5", "0.8", "1", "1.25", "2"])
    axes.minorticks_off()
    axes.set_xlabel("predicted / observed")
    figure.legend(handles=_key(), loc="outside lower center", ncols=2, fontsize=7)
    return figure


def _short(row: dict[str, Any]) -> str:
    study = row["study"].split("(")[0].split(" via ")[0].strip()
    return f"{study}: {row['measured']}, {row['metric']}"


def _key() -> list[Line2D | Patch]:
    def dot(marker: str, colour: str, label: str) -> Line2D:
        return Line2D([], [], linestyle="", marker=marker, color=colour, markersize=4, label=label)

    return [
        dot("o", SAGE, "holds; made from other data"),
        dot("D", SAGE, "holds; in sample"),
        dot("o", AMBER, "off, less than twofold"),
        dot("o", RED, "failed"),
        Line2D([], [], color=BLUE, marker="D", markersize=4, label="assumed route: 5, 50, 95 % of people"),
        Patch(color="#c9d1cd", label="what the published spread makes of it"),
        Patch(color=SAGE, alpha=0.12, label="0.8 to 1.25"),
    ]


def _otto() -> Figure:
    title = "10 mg S-ketamine over 30 min, 68 kg: otto-2021 and the medians of CHDR1311 (n = 17), in sample"
    figure, axes = _axes(title)
    found = _predict("otto-2021", ["10 mg esketamine iv over 30 min"], 68.0, np.arange(0.0, 721.0, 2.0))
    for analyte, colour in ((Analyte.S_KETAMINE, SAGE), (Analyte.S_NORKETAMINE, BLUE)):
        _draw(axes, found, analyte, colour)
        _observed(axes, _points("Otto", analyte), colour, f"{analyte}, observed median (read off, 10 %)")
    return _logarithmic(figure, axes)


def _hasan() -> Figure:
    title = "5 mg ketamine over 30 min, 70 kg: otto-2021 and outside data (Hasan 2021 Fig 1, read off)"
    figure, axes = _axes(title)
    found = _predict("otto-2021", ["5 mg ketamine iv over 30 min"], 70.0, np.arange(0.0, 721.0, 2.0))
    _draw(axes, found, Analyte.S_KETAMINE, SAGE)
    _observed(axes, _points("Hasan 2021 Fig 1", Analyte.S_KETAMINE), SAGE, "S-ketamine, observed")
    return _logarithmic(figure, axes)


def _simons() -> Figure:
    title = "50 mg S-ketamine film, 70 kg: simons-2022 and its published peaks (n = 20), in sample"
    figure, axes = _axes(title)
    found = _predict("simons-2022", ["50 mg esketamine sl at 0 min"], 70.0, np.arange(0.0, 361.0))
    for curve, colour in zip(found.curves, (SAGE, BLUE, AMBER), strict=True):
        _draw(axes, found, curve.analyte, colour)
        own = {
            r["metric"]: r["value"]
            for r in rows()
            if r["study"] == "Simons 2022 Table 2" and r["analyte"] == curve.analyte
        }
        _observed(axes, [(own["Tmax"] / 60.0, own["Cmax"])], colour, f"{curve.analyte}, published peak")
    axes.set(xlabel="hours", ylabel="ng/mL, arterial plasma")
    axes.legend(fontsize=7)
    return figure


def _nasal() -> Figure:
    title = "Esketamine by nose, devices 5 min apart: perez-ruixo-2021 and the peaks of its Table 4"
    figure, axes = _axes(title)
    times = np.arange(0.0, 361.0)
    for amount, colour in ((28, BLUE), (56, AMBER), (84, SAGE)):
        found = _predict("perez-ruixo-2021", [f"{amount} mg esketamine in at 0 min"], 70.0, times)
        axes.plot(
            times / 60.0,
            found.curve(Analyte.S_KETAMINE).typical,
            "--",
            color=colour,
            label=f"{amount} mg, typical",
        )
        published = next(
            r["value"] for r in rows() if r["dose"] == f"{amount} mg" and r["measured"] == "esketamine"
        )
        axes.axhline(published, color=colour, linewidth=0.7, label=f"{amount} mg, the paper's peak")
    axes.set(xlabel="hours", ylabel="S-ketamine, ng/mL, venous plasma")
    axes.legend(fontsize=7, loc="center right")
    return figure


def _sites() -> Figure:
    figure, axes = _axes("35 mg ketamine over 40 min, 70 kg: the sampling site decides the first hour")
    times = np.arange(0.0, 241.0)
    for record, colour in (("kamp-2020", RED), ("otto-2021", SAGE), ("domino-1984", SAND)):
        given = [GivenDose.from_instruction(parse_dose_instruction("35 mg ketamine iv over 40 min"))]
        found = simulate(model(record), given, Covariates(weight_kg=70.0, age_years=30), times)
        curve = found.curve(Analyte.KETAMINE)
        axes.plot(times, curve.typical, "--", color=colour, label=f"{record}: {curve.site}")
    axes.axhline(
        185.0, color=INK, linewidth=0.7, linestyle=":", label="185: published peak, site not read (Zarate 2006)"
    )
    axes.set(xlabel="minutes", ylabel="ketamine (both enantiomers), ng/mL")
    axes.legend(fontsize=7)
    return figure


def _assumed() -> Figure:
    """Bands of the routes nobody fitted, with the peaks that were measured (Chong 2006, mean and SD)."""
    figure = Figure(figsize=(7.5, 3.6), layout="constrained")
    times = np.arange(0.0, 361.0)
    routes = (("sl", "under the tongue"), ("po", "swallowed"))
    for axes, (route, words) in zip(figure.subplots(1, 2, sharey=True), routes, strict=True):
        found = _predict("otto-2021", [f"25 mg ketamine {route} at 0 min"], 70.0, times)
        _draw(axes, found, Analyte.KETAMINE, BLUE)
        own = {
            r["metric"]: r
            for r in rows()
            if (r["study"], r["route"], r["measured"]) == ("Chong 2006", route.upper(), "ketamine")
        }
        spread = (own["Cmax"]["high"] - own["Cmax"]["low"]) / 2.0
        axes.errorbar(
            own["Tmax"]["value"],
            own["Cmax"]["value"],
            yerr=spread,
            fmt="o",
            color=RED,
            markersize=5,
            label="Chong 2006, mean peak and SD",
        )
        axes.set_title(f"25 mg ketamine {words}")
        axes.set(xlabel="hours", ylabel="ketamine, ng/mL, venous plasma")
        axes.legend(fontsize=7)
    return figure


def _points(study: str, analyte: Analyte) -> list[tuple[float, float]]:
    """(hours, ng/mL) as read off a figure."""
    return [
        (float(re.findall(r"[\d.]+", row["metric"])[0]), row["value"])
        for row in rows()
        if row["study"].startswith(study) and row.get("analyte") == analyte and row["metric"].startswith("C(")
    ]


def _observed(axes: Axes, points: Iterable[tuple[float, float]], colour: str, label: str) -> None:
    hours, levels = zip(*points, strict=True)
    axes.plot(hours, levels, "o", color=colour, markeredgecolor=INK, markersize=5, label=label)


def _logarithmic(figure: Figure, axes: Axes) -> Figure:
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.1)
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.set(xlabel="hours", ylabel="ng/mL, venous plasma (logarithmic)")
    axes.legend(fontsize=7)
    return figure


def _predict(record: str, doses: list[str], weight: float, times: np.ndarray) -> Exposure:
    given = [GivenDose.from_instruction(parse_dose_instruction(text)) for text in doses]
    check_doses(given)
    people = Population(size=PEOPLE)
    return simulate(model(record), given, Covariates(weight_kg=weight, age_years=30), times, people)


def _draw(axes: Axes, found: Exposure, analyte: Analyte, colour: str) -> None:
    curve = found.curve(analyte)
    hours = found.times_min / 60.0
    band = f"5 to 95 % of {PEOPLE} people"
    if curve.typical is None:
        axes.fill_between(
            hours, curve.p05, curve.p95, color=colour, alpha=0.18, linewidth=0, label=f"{analyte}, {band}"
        )
        return
    axes.fill_between(hours, curve.p05, curve.p95, color=colour, alpha=0.18, linewidth=0)
    axes.plot(hours, curve.typical, "--", color=colour, label=f"{analyte}, typical, with {band}")
