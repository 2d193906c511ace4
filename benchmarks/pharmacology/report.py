"""The page and the plot of the docs, from one run."""

# ruff: noqa: E501, ISC004  sentences of the page

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.pharmacology.engines import MEMORY
from benchmarks.pharmacology.peers import WITH_EFFECT
from benchmarks.pharmacology.shipped import Beside
from benchmarks.pharmacology.single import Single
from benchmarks.pharmacology.targets import Target, targets
from benchmarks.pharmacology.timed import Timed

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "pk-performance.md"
PLOT = PAGE.parent / "figures" / "pk" / "performance.svg"
BASE = "SciPy solve_ivp LSODA"
OWN = (
    "compiled grid",
    "compiled grid, beyond the cache",
    "compiled grid, by depot",
    "compiled, any times",
    "compiled, with effect site and turnover",
    "NumPy, even grid",
    "NumPy, any times",
)

PEERS = """\
Every peer runs in an environment of its own, at the loosest tolerances that reach errors of about 1e-6, restarted (by its
own dosing records, where it has them) at every start and stop of an infusion; compiling is never counted. mrgsolve is
called as its documentation asks of benchmarks (`mrgsim_q`, wanted columns only, rate constants worked out once a person),
at tolerances whose error stays just below 1e-6 at all samples of eight people; the table's 14 samples show less of it. Its
time includes building R's data frame of results, as libRoadRunner's includes its calls from Python, and our own rows
write into a buffer that is used again.

To measure them too: a Python with `libroadrunner`, with `diffrax` and with `numbalsoda`, named by
`OPENKAP_ROADRUNNER_PYTHON`, `OPENKAP_DIFFRAX_PYTHON` and `OPENKAP_NUMBALSODA_PYTHON`; and for mrgsolve R with a C++ compiler
and `install.packages(c("mrgsolve", "jsonlite"))`, its Rscript named by `OPENKAP_RSCRIPT`."""


@dataclass(frozen=True)
class Measured:
    """All of one run."""

    lines: Sequence[Timed]
    singles: Sequence[Single]
    beside: Sequence[Beside]


def write_page(measured: Measured, people: int, rounds: int) -> None:
    """Write both."""
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    _plot([line for line in measured.lines if not line.absent])
    PAGE.write_text(_page(measured, people, rounds), encoding="utf-8")


def _page(measured: Measured, people: int, rounds: int) -> str:
    lines, singles = measured.lines, measured.singles
    present = [line for line in lines if not line.absent]
    base = next(line for line in present if line.name == BASE)
    limits = {line.people: line for line in present if line.name.startswith(MEMORY)}
    parts = [
        "# Speed of the pharmacokinetic engine",
        "Made by `python -m benchmarks.pharmacology --write`. One run: our engines and SciPy in turns, then each peer in a "
        f"process of its own; medians of {rounds} rounds, the slowest and fastest beside them. Times are processor time, summed over threads, so that "
        f"every figure is per core and little disturbed by neighbours. {_machine()}",
        "The workload: six 40-minute infusions in 21 days, three compartments and a metabolite, 1,920 samples a person, "
        f"two concentrations each; {people} people at most per call unless the row says otherwise. Errors are the largest of "
        "two people against 40 digits, as error / max(value, a millionth of the peak); for plasma and metabolite, and for "
        "the turnover against a plain integration that starts anew at every sample.",
        _table(present, base, limits),
        "![People per second and core, by engine](figures/pk/performance.svg)",
        _absent(lines),
        PEERS,
        "## Asked and reached",
        _targets(targets(lines, singles, measured.beside)),
        "All per core. Where a peer was not measured in this run, nothing is said of the ratio to it.",
        "## Beside those who solve numerically",
        _goals(present, limits),
        "Per core. mrgsolve solves the same effect; the other peers of that row solve without it, which is in their "
        "favour.",
        "## The shipped models",
        _shipped(measured.beside),
        "240 minutes, a sample a minute, one dose in the model's own form, people drawn with its variances; the same "
        "systems, written out by our export, go to libRoadRunner. Errors are those of one person against 40 digits.",
        "## What people feel",
        "| | |\n|---|---|\n" + "\n".join(f"| {one.what} | {one.words} |" for one in singles),
        "## How to read it",
        "Ratios hold within this run only. On even grids a product carries each mode from eight samples to the next "
        "eight; the row 'any times' takes an exponential for each mode and sample. The rows 'memory' write a constant "
        "into the same warm buffer and nothing else: what memory takes when the processor's cache must fetch each line "
        "before it is overwritten. A smaller buffer fits the cache in part, which is why there are two. Writing past the "
        "cache would be faster for the large one and slower for the small one; no engine here does it. Samples "
        "at any times are checked against 40 digits in the tests, not here. "
        "Only the peers named here were measured; nothing is said of others.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(present: Sequence[Timed], base: Timed, limits: dict[int, Timed]) -> str:
    rows = [
        "| engine | people a call | people/s, median (range) | error | of SciPy | share of the memory limit |",
        "|---|---|---|---|---|---|",
    ]
    for line in present:
        ratio = f"{line.per_core / base.per_core:,.0f}x"
        share = f"{100 * _share(line, limits):.0f} %"
        speed = f"{line.per_second:,.0f} ({line.slowest:,.0f} to {line.fastest:,.0f})"
        rows.append(f"| {line.name} | {line.people} | {speed} | {line.accuracy} | {ratio} | {share} |")
    return "\n".join(rows)


def _share(line: Timed, limits: dict[int, Timed]) -> float:
    """Bytes written per second, of those that memory takes for a buffer of that size (or of the smaller one)."""
    limit = limits.get(line.people, limits[min(limits)])
    return line.written * line.per_core / limit.per_core


def _targets(found: Sequence[Target]) -> str:
    rows = [f"| {one.what} | {one.asked} | {one.found} | {one.verdict} |" for one in found]
    return "\n".join(["| part | asked | measured | |", "|---|---|---|---|", *rows])


def _shipped(beside: Sequence[Beside]) -> str:
    rows = ["| model | people/s | error | libRoadRunner | its error | ratio |", "|---|---|---|---|---|---|"]
    for one in beside:
        peer = (
            f"not measured: {one.absent} | - | -"
            if one.peer is None
            else f"{one.peer:,.0f} | {one.peer_error:.0e} | {one.ours / one.peer:,.0f}x"
        )
        rows.append(f"| {one.name} | {one.ours:,.0f} | {one.our_error:.0e} | {peer} |")
    return "\n".join(rows)


def _goals(present: Sequence[Timed], limits: dict[int, Timed]) -> str:
    """Ratios per core to those who integrate."""
    by_name = {line.name: line for line in present}
    kinds = ("libRoadRunner", "numbalsoda", "diffrax", "mrgsolve")
    rows = [
        "| engine | of libRoadRunner | of numbalsoda | of diffrax | of mrgsolve | of the memory limit |",
        "|---|---|---|---|---|---|",
    ]
    for name in OWN:
        line = by_name[name]
        peers = [_peer(present, kind, name) for kind in kinds]
        shown = ["-" if peer is None else f"{line.per_core / peer.per_core:,.0f}x" for peer in peers]
        rows.append(f"| {name} | {' | '.join(shown)} | {100 * _share(line, limits):.0f} % |")
    return "\n".join(rows)


def _peer(present: Sequence[Timed], kind: str, own: str) -> "Timed | None":
    """The peer's row that does the same as ours: with the effect, where it has one."""
    found = [line for line in present if line.name.startswith(kind)]
    same = [line for line in found if line.name.endswith(WITH_EFFECT) is own.endswith(WITH_EFFECT)]
    return next(iter(same or found), None)


def _absent(lines: Sequence[Timed]) -> str:
    words = [f"- {line.name}: {line.absent}." for line in lines if line.absent]
    return "Not measured in this run:\n\n" + "\n".join(words) if words else ""


def _machine() -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    versions = ", ".join(f"{name} {_version(name)}" for name in ("numpy", "numba", "scipy"))
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    return f"{when}; {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions}; load {load}."


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _plot(present: Sequence[Timed]) -> None:
    with mpl.rc_context(
        {"svg.hashsalt": "openkap", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    ):
        figure = Figure(figsize=(7, 0.35 * len(present) + 1), layout="constrained")
        axes = figure.add_subplot()
        ordered = sorted(present, key=lambda line: line.per_core)
        axes.barh(
            [line.name for line in ordered],
            [line.per_core for line in ordered],
            color="#3f7d64",
        )
        axes.set_xscale("log")
        axes.set_xlabel("people per second and core")
        figure.savefig(PLOT, metadata={"Date": None})
