"""The part of the validation page that sets ours beside mrgsolve."""

# ruff: noqa: E501  rows of tables and sentences of the page stay on one line
import math
from collections import defaultdict

from tests.verification.core.pharmacology import outside

HOW = """\
mrgsolve {version}, an independent program, was given the same dosing records and our own exports, and its numbers are
kept in the tests (`python -m tools.mrgsolve_check`; relative tolerance {rtol:g}, absolute {atol:g}). Measure: difference /
max(its value, a millionth of its peak); allowed {allowed:g}. NONMEM could not be run."""

MEANINGS = """\
Where the two differ in meaning, NONMEM's guides decided, but for modelled rates that change:

| | here | mrgsolve | NONMEM's guides |
|---|---|---|---|
| additional doses after a reset or SS = 1 | called off | go on | called off (Users Guide VI, V.K) |
| a dose on its way (lag) at a reset | called off | comes | not said of lags; the dose record is no longer active (VI, V.K) |
| fraction of an additional dose, where it changes | that in force when it enters | the same without a lag, else its record's | that in force when it enters (VIII, dose) |
| modelled duration of an additional dose, where it changes | that in force when it enters | its record's | that in force when it enters (V, 12) |
| modelled rate that changes while it runs | stays as it began | stays as it began | changes with the records (VIII, dose) |
| SS = 2 with a lag; infusions with a lag that overlap their interval | solved | refused | solved (VIII, SS dose) |
| an observation at the very moment a lagged dose enters | after the dose | before the dose | not said: the moment is no event (VI, III.F) |

Without covariates that change, without lags into resets and without ties the three mean the same."""


def section() -> str:
    """Records by what they try, exports by model, spread of people; and what differs in meaning."""
    kept = outside.asked_of_records()
    how = HOW.format(version=kept["mrgsolve"], allowed=outside.ALLOWED, **kept["tolerances"])
    errors = outside.record_errors()
    exports, people = len(outside.export_errors()), outside.asked_of_exports()["people"]
    records = (
        f"**{len(errors)} sets of records**, in one, two and three compartments with and without depot and metabolite: "
        f"the largest difference lies below {_below(max(errors))}."
    )
    exported = (
        f"**{exports} exports**: every model by every route, for a person at the model's reference and for one with other "
        "covariates, run as our export writes them. Typical levels against our own solver; and "
        f"{people:,} people drawn by mrgsolve from the written variances, against {outside.PEOPLE:,} of ours."
    )
    return f"## Beside another program\n\n{how}\n\n{records}\n\n{_records()}\n\n{exported}\n\n{_exports()}\n\n{MEANINGS}"


def _records() -> str:
    worst: defaultdict[str, list[float]] = defaultdict(list)
    asked = {}
    for case, error in zip(outside.asked_of_records()["cases"], outside.record_errors(), strict=True):
        worst[outside.family(case)].append(error)
        asked[outside.family(case)] = case["how"] or "the same records"
    rows = [
        f"| {name} | {len(found)} | {_below(max(found))} | {asked[name]} |" for name, found in worst.items()
    ]
    return "\n".join(["| records | sets | difference below | mrgsolve was given |", "|---|---|---|---|", *rows])


def _exports() -> str:
    worst: defaultdict[str, list[float]] = defaultdict(list)
    routes: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for run, error in zip(outside.asked_of_exports()["typical"], outside.export_errors(), strict=True):
        worst[run["model"]].append(error)
        routes[run["model"]][run["doses"][0]["route"]] = None
    rows = [
        f"| {name} | {', '.join(routes[name])} | {len(found)} | {_below(max(found))} | {_spread(name)} |"
        for name, found in worst.items()
    ]
    head = (
        "| model | routes | exports | difference below | spread between people, ratio of standard deviations |"
    )
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def _spread(name: str) -> str:
    ratios = [one.sd[0] / one.sd[1] for one in outside.spreads() if one.model == name]
    return f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else "no variances published"


def _below(error: float) -> str:
    """The next power of ten, so that platforms agree; not below 1e-8, where rounding begins to speak."""
    return f"1e{max(math.ceil(math.log10(max(error, 1e-300))), -8)}"
