"""Varied dosing records, drawn from a seed: each rule of the field in each structure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from openkap.core.pharmacology.generic_models import generic_model

STRUCTURES = ("1cmt", "1cmt+depot", "2cmt", "2cmt+depot+metab", "3cmt", "3cmt+depot", "3cmt+metab")
TYPICAL = {"CL": 8.0, "V1": 20.0, "Q2": 6.0, "V2": 35.0, "Q3": 3.0, "V3": 60.0, "KA": 1.1}
TYPICAL |= {"CLM": 5.0, "VM": 30.0, "FM": 0.7}
ELSE = {"TIME": 0.0, "EVID": 0.0, "AMT": 0.0, "RATE": 0.0, "CMT": 1.0, "ADDL": 0.0, "II": 0.0, "SS": 0.0}
ELSE |= {"WT": 70.0, "F1": 1.0}
ALWAYS = ("TIME", "EVID", "AMT", "CMT")

Row = dict[str, float]


@dataclass
class Case:
    """One subject's records. `asked` is what mrgsolve gets where it cannot take the same records, and `how`
    says in which way they were written out for it.
    """

    name: str
    structure: str
    parameters: dict[str, float]
    rows: list[Row]
    backward: bool = False
    how: str = ""
    asked: list[Row] = field(default_factory=list)


class Drawn:
    """One case in the making: where doses may go, and numbers from the case's own stream."""

    def __init__(self, structure: str, rng: np.random.Generator) -> None:
        self.model, self.rng = generic_model(structure), rng
        names = [*self.model.required, *(["FM"] if "metabolite" in self.model.compartments else [])]
        self.parameters = {name: self.about(TYPICAL[name]) for name in names}
        self.parameters |= {"FM": 0.7} if "FM" in names else {}

    def about(self, middle: float) -> float:
        return float(f"{middle * np.exp(self.rng.normal(0.0, 0.3)):.4g}")

    def set(self, **values: float) -> None:
        self.parameters |= values

    def observed(self, until: float, count: int = 9) -> list[Row]:
        """At moments at which nothing else happens, in each compartment that is looked at."""
        times = np.sort(self.rng.uniform(0.0, until, count)).round(3) + 0.0007
        places = [i + 1 for i, name in enumerate(self.model.compartments) if "peripheral" not in name]
        return [_row(float(time), CMT=places[i % len(places)]) for i, time in enumerate(times)]


def cases(seed: int = 1) -> list[Case]:
    """Every family in every structure, each with its own numbers."""
    found = []
    for number, (family, make) in enumerate(FAMILIES.items()):
        for place, structure in enumerate(STRUCTURES):
            drawn = Drawn(structure, np.random.default_rng([seed, number, place]))
            found.append(make(drawn, f"{family}, {structure}"))
    return found


def _row(time: float, **columns: float) -> Row:
    evid = 1.0 if columns.get("AMT") or columns.get("SS") else 0.0
    return ELSE | {"EVID": evid, "TIME": time} | columns


def _case(drawn: Drawn, name: str, doses: list[Row], until: float = 60.0, **more: Any) -> Case:
    """Doses come before observations of the same moment, of which there are none but by intention."""
    rows = sorted([*doses, *drawn.observed(until)], key=lambda row: row["TIME"])
    return Case(name, drawn.model.structure, drawn.parameters, rows, **more)


def _boluses(drawn: Drawn, name: str) -> Case:
    other = float(len(drawn.model.compartments) > 1) + 1.0
    doses = [_row(0.0, AMT=drawn.about(100)), _row(5.0, AMT=drawn.about(60), CMT=other)]
    return _case(drawn, name, [*doses, _row(11.0, AMT=drawn.about(40), ADDL=3.0, II=drawn.about(7))])


def _infusions(drawn: Drawn, name: str) -> Case:
    """The series overlaps itself: each runs longer than the interval."""
    long = drawn.about(100)
    doses = [
        _row(0.0, AMT=drawn.about(80), RATE=drawn.about(25)),
        _row(6.0, AMT=long, RATE=long / 9.0, ADDL=4.0, II=4.0),
    ]
    return _case(drawn, name, doses)


def _fractions_and_lags(drawn: Drawn, name: str) -> Case:
    drawn.set(F1=0.63, ALAG1=drawn.about(1.3))
    doses = [
        _row(0.0, AMT=100.0),
        _row(4.0, AMT=90.0, RATE=drawn.about(20)),
        _row(12.0, AMT=50.0, ADDL=2.0, II=9.0),
    ]
    return _case(drawn, name, doses)


def _modelled_durations(drawn: Drawn, name: str) -> Case:
    drawn.set(F1=0.8, D1=drawn.about(3.2), ALAG1=0.41)
    return _case(
        drawn, name, [_row(0.0, AMT=100.0, RATE=-2.0), _row(9.0, AMT=60.0, RATE=-2.0, ADDL=3.0, II=8.0)]
    )


def _modelled_rates(drawn: Drawn, name: str) -> Case:
    drawn.set(F1=0.8, R1=drawn.about(30))
    return _case(
        drawn, name, [_row(0.0, AMT=100.0, RATE=-1.0), _row(9.0, AMT=60.0, RATE=-1.0, ADDL=3.0, II=8.0)]
    )


def _settled_boluses(drawn: Drawn, name: str) -> Case:
    drawn.set(F1=0.9)
    doses = [_row(0.0, AMT=200.0), _row(6.0, AMT=drawn.about(80), SS=1.0, II=12.0, ADDL=2.0)]
    return _case(drawn, name, doses)


def _settled_infusions(drawn: Drawn, name: str) -> Case:
    drawn.set(F1=0.9)
    amount = drawn.about(120)
    doses = [
        _row(0.0, AMT=50.0),
        _row(2.0, AMT=amount, RATE=amount / 3.0, SS=1.0, II=8.0),
        _row(20.0, AMT=30.0),
    ]
    return _case(drawn, name, doses)


def _settled_overlapping(drawn: Drawn, name: str) -> Case:
    """Each infusion of the settled series runs for two intervals and a half."""
    amount = drawn.about(100)
    return _case(drawn, name, [_row(0.0, AMT=amount, RATE=amount / 20.0, SS=1.0, II=8.0)])


def _settled_with_lag(drawn: Drawn, name: str) -> Case:
    drawn.set(ALAG1=2.3)
    return _case(drawn, name, [_row(0.0, AMT=drawn.about(90), SS=1.0, II=8.0, ADDL=3.0)])


def _settled_modelled(drawn: Drawn, name: str) -> Case:
    drawn.set(D1=2.7, F1=0.7, ALAG1=0.6)
    return _case(drawn, name, [_row(0.0, AMT=drawn.about(90), RATE=-2.0, SS=1.0, II=12.0, ADDL=1.0)])


def _settled_upon_another(drawn: Drawn, name: str) -> Case:
    """A morning and another evening dose, both settled."""
    amount = drawn.about(60)
    doses = [
        _row(0.0, AMT=drawn.about(80), SS=1.0, II=24.0),
        _row(10.0, AMT=amount, RATE=amount / 2.0, SS=2.0, II=24.0),
        _row(24.0, AMT=35.0),
    ]
    return _case(drawn, name, doses)


def _plateau(drawn: Drawn, name: str) -> Case:
    return _case(drawn, name, [_row(0.0, RATE=drawn.about(15), SS=1.0), _row(7.0, AMT=40.0)])


def _resets(drawn: Drawn, name: str) -> Case:
    """A reset while an infusion runs; a reset with a dose."""
    doses = [
        _row(0.0, AMT=100.0, RATE=10.0), _row(6.0, EVID=3.0), _row(8.0, AMT=drawn.about(70)),
        _row(21.0, EVID=4.0, AMT=drawn.about(45), RATE=9.0),
    ]  # fmt: skip
    return _case(drawn, name, doses)


def _changing(*, backward: bool) -> Callable[[Drawn, str], Case]:
    """Weight changes at every record, and with it clearances and a volume; other events change nothing else."""

    def make(drawn: Drawn, name: str) -> Case:
        doses = [
            _row(0.0, AMT=100.0),
            _row(13.0, AMT=70.0, RATE=20.0),
            _row(17.5, EVID=2.0),
            _row(30.0, AMT=50.0),
        ]
        found = _case(drawn, name, doses, backward=backward)
        weights = 70.0 * np.exp(drawn.rng.normal(0.0, 0.25, len(found.rows)))
        for row, weight in zip(found.rows, weights, strict=True):
            row["WT"] = float(f"{weight:.4g}")
        return found

    return make


def _changing_fraction(*, backward: bool) -> Callable[[Drawn, str], Case]:
    """An additional dose has the fraction in force when it enters."""

    def make(drawn: Drawn, name: str) -> Case:
        found = _case(drawn, name, [_row(0.0, AMT=drawn.about(80), ADDL=5.0, II=7.0)], backward=backward)
        for row, fraction in zip(
            found.rows, drawn.rng.uniform(0.2, 1.0, len(found.rows)).round(3), strict=True
        ):
            row["F1"] = float(fraction)
        return found

    return make


def _written_out(drawn: Drawn, name: str, doses: list[Row], how: str, asked: list[Row]) -> Case:
    found = _case(drawn, name, doses, how=how)
    shift = -min(0.0, *(row["TIME"] for row in asked))
    looked = [row for row in found.rows if not row["EVID"]]
    moved = [row | {"TIME": row["TIME"] + shift} for row in [*asked, *looked]]
    found.asked = sorted(moved, key=lambda row: row["TIME"])
    return found


def _cycles(dose: Row, count: int = 250) -> Row:
    """The settled series as so many doses before."""
    return dose | {"SS": 0.0, "TIME": dose["TIME"] - count * dose["II"], "ADDL": count + dose["ADDL"]}


def _overlapping_with_lag(drawn: Drawn, name: str) -> Case:
    drawn.set(ALAG1=1.9)
    amount = drawn.about(100)
    dose = _row(0.0, AMT=amount, RATE=amount / 11.0, SS=1.0, II=8.0)
    return _written_out(drawn, name, [dose], "250 doses before it", [_cycles(dose)])


def _upon_another_with_lag(drawn: Drawn, name: str) -> Case:
    drawn.set(ALAG1=1.4)
    first, second = _row(0.0, AMT=80.0, SS=1.0, II=24.0), _row(9.0, AMT=drawn.about(60), SS=2.0, II=24.0)
    found = _written_out(
        drawn, name, [first, second], "250 doses before each", [_cycles(first), _cycles(second)]
    )
    found.rows = [row for row in found.rows if row["EVID"] or row["TIME"] > second["TIME"]]
    found.asked = [row for row in found.asked if row["EVID"] or row["TIME"] > second["TIME"] + 250 * 24]
    return found


def _reset_of_a_series(drawn: Drawn, name: str) -> Case:
    """What was still to come is called off."""
    series, reset = _row(0.0, AMT=drawn.about(50), ADDL=9.0, II=6.0), _row(15.0, EVID=3.0)
    later = _row(20.0, AMT=30.0)
    return _written_out(
        drawn, name, [series, reset, later], "no doses after the reset", [series | {"ADDL": 2.0}, reset, later]
    )


FAMILIES: dict[str, Callable[[Drawn, str], Case]] = {
    "boluses, one into another compartment, a series": _boluses,
    "infusions, a series that overlaps itself": _infusions,
    "fraction and lag": _fractions_and_lags,
    "modelled duration (RATE -2), with fraction and lag": _modelled_durations,
    "modelled rate (RATE -1), with fraction": _modelled_rates,
    "steady state of boluses after another dose, and a series": _settled_boluses,
    "steady state of infusions": _settled_infusions,
    "steady state of infusions longer than the interval": _settled_overlapping,
    "steady state with a lag, and a series": _settled_with_lag,
    "steady state of a modelled duration, with fraction and lag": _settled_modelled,
    "steady state upon another (SS 2)": _settled_upon_another,
    "steady state of a constant infusion": _plateau,
    "resets (EVID 3 and 4)": _resets,
    "covariates that change, carried forward": _changing(backward=False),
    "covariates that change, carried backward": _changing(backward=True),
    "a fraction that changes during a series, carried forward": _changing_fraction(backward=False),
    "a fraction that changes during a series, carried backward": _changing_fraction(backward=True),
    "steady state of infusions longer than the interval, with a lag": _overlapping_with_lag,
    "steady state upon another, with a lag": _upon_another_with_lag,
    "a reset in the midst of a series": _reset_of_a_series,
}


def lines(rows: list[Row]) -> Iterator[str]:
    """As CSV, without the columns that nobody uses."""
    used = [name for name, usual in ELSE.items() if name in ALWAYS or any(row[name] != usual for row in rows)]
    yield ",".join(used)
    for row in rows:
        yield ",".join(f"{row[name]:.12g}" for name in used)
