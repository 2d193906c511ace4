"""What was asked of the engine, what was measured, and whether it was reached."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.pharmacology.engines import MEMORY
from benchmarks.pharmacology.peers import WITH_EFFECT
from benchmarks.pharmacology.shipped import Beside
from benchmarks.pharmacology.single import Single
from benchmarks.pharmacology.timed import Timed

NOT_MEASURED = "not measured"
LEAST_SHARE = 0.65


@dataclass(frozen=True)
class Target:
    """One line: what must be and what is aimed at, and what was found. `reached` is None where nothing was."""

    what: str
    asked: str
    found: str
    reached: bool | None

    @property
    def verdict(self) -> str:
        """In a word."""
        return {True: "reached", False: "not reached", None: NOT_MEASURED}[self.reached]

    @property
    def words(self) -> str:
        """As it is printed."""
        return f"{self.what:<50} asked {self.asked:<38} found {self.found:<26} {self.verdict}"


def targets(lines: Sequence[Timed], singles: Sequence[Single], beside: Sequence[Beside]) -> list[Target]:
    """Every target, from one run."""
    by_name = {line.name: line for line in lines if not line.absent}
    return [*_cohorts(by_name), *_shipped(beside), *_felt(singles)]


def _cohorts(by_name: dict[str, Timed]) -> Iterator[Target]:
    grid = by_name["compiled grid"]
    for peer, least in (("numbalsoda", 250), ("libRoadRunner", 2000), ("mrgsolve", 250)):
        yield _ratio(by_name, grid, "linear, even grid", peer, least)
    share = grid.per_core / by_name[MEMORY].per_core
    yield Target(
        "linear, even grid",
        f"{100 * LEAST_SHARE:.0f} % of the memory limit, aim 90 %",
        f"{100 * share:.0f} %, {1 / share:.2f}x away",
        share >= LEAST_SHARE,
    )
    yield _ratio(by_name, by_name["compiled, any times"], "linear, any times", "mrgsolve", 20, "aim 60x")
    for name, other in (("compiled grid, by depot", grid), ("NumPy, by depot", by_name["NumPy, even grid"])):
        slower = other.per_core / by_name[name].per_core
        asked = "at most 2x the time by vein, aim 1.3x"
        yield Target(f"depot and metabolite: {name}", asked, f"{slower:.2f}x", slower <= 2.0)
    effect = by_name["compiled, with effect site and turnover"]
    yield _ratio(by_name, effect, "with effect site and turnover", "mrgsolve", 50, "aim 100x", WITH_EFFECT)
    yield _ratio(by_name, by_name["NumPy, even grid"], "NumPy only", "mrgsolve", 40)


def _ratio(  # noqa: PLR0917  one line of the table
    by_name: dict[str, Timed], own: Timed, what: str, peer: str, least: float, aim: str = "", doing: str = ""
) -> Target:
    """`doing`: how the name of the peer's row ends, where it has more than one."""
    asked = f"{least:g}x {peer} per core" + (f", {aim}" if aim else "")
    rows = [line for name, line in by_name.items() if name.startswith(peer) and name.endswith(doing)]
    other = rows[0] if rows else None
    if other is None:
        return Target(what, asked, f"{own.per_core:,.0f} people/s", None)
    ratio = own.per_core / other.per_core
    return Target(what, asked, f"{ratio:,.0f}x", ratio >= least)


def _shipped(beside: Sequence[Beside]) -> Iterator[Target]:
    for one in beside:
        found = NOT_MEASURED if one.peer is None else f"{one.ours / one.peer:,.0f}x"
        yield Target(one.name, "reported beside libRoadRunner", found, None if one.peer is None else True)


def _felt(singles: Sequence[Single]) -> Iterator[Target]:
    limits = {"warm": 20.0, "cold": 300.0, "import": 300.0, "many": 300.0}
    for one in singles:
        if one.kind in limits:
            aim = ", aim 5 ms" if one.kind == "warm" else ""
            asked = f"{limits[one.kind]:.0f} {one.unit}{aim}"
            yield Target(one.what, asked, one.words, one.value <= limits[one.kind])
