"""Peers that need an installation of their own. Absent ones are named as absent, never left out in silence.

Each in an environment of its own, which a variable names:

- `OPENKAP_ROADRUNNER_PYTHON`: a Python with `libroadrunner`;
- `OPENKAP_DIFFRAX_PYTHON`: a Python with `diffrax`;
- `OPENKAP_NUMBALSODA_PYTHON`: a Python with `numbalsoda` (its build needs a C++ and a Fortran compiler);
- `OPENKAP_RSCRIPT`: the Rscript of an R that has a C++ compiler, `mrgsolve` and `jsonlite`.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pharmacology.engines import EFFECT
from benchmarks.pharmacology.workload import DAYS, SPAN, Workload, times, workload

HERE = Path(__file__).parent
WITH_EFFECT = ", with effect site and turnover"


@dataclass(frozen=True)
class PeerResult:
    """Seconds of each round, and the values of the first people; `absent` says why there is nothing."""

    name: str
    people: int
    seconds: tuple[float, ...] = ()
    values: Any = None
    absent: str = ""


def everyone(rounds: int, keep: int) -> list[PeerResult]:
    """Every peer there is a driver for: measured, or the reason why not. Those that work on people together get
    more of them.
    """
    found = []
    for name, variable, script, people in (
        ("libRoadRunner (CVODE)", "OPENKAP_ROADRUNNER_PYTHON", "roadrunner_peer.py", 20),
        ("diffrax (Tsit5, jit, vmap)", "OPENKAP_DIFFRAX_PYTHON", "diffrax_peer.py", 250),
        ("numbalsoda (LSODA)", "OPENKAP_NUMBALSODA_PYTHON", "numbalsoda_peer.py", 100),
    ):
        python = os.environ.get(variable)
        if python:
            asked = _asked(workload(people), rounds, keep)
            found.append(_peer(name, [python, str(HERE / script)], asked, _kept(_pieces()[0])))
        else:
            found.append(PeerResult(name, 0, absent=f"not installed ({variable} names no Python that has it)"))
    load = workload(300)  # a call of 100 or of 1,000 people is not faster for it
    return [*found, mrgsolve(load, rounds, keep), mrgsolve(load, rounds, keep, effect=True)]


def mrgsolve(load: Workload, rounds: int, keep: int, *, effect: bool = False) -> PeerResult:
    """mrgsolve, if there is an R (`OPENKAP_RSCRIPT`, or Rscript on the path) that has it; with an effect, the
    effect site and turnover of our own engine's row are solved too.
    """
    name = f"mrgsolve (LSODA){WITH_EFFECT if effect else ''}"
    rscript = os.environ.get("OPENKAP_RSCRIPT") or shutil.which("Rscript")
    if rscript is None:
        return PeerResult(name, 0, absent="not installed (there is no Rscript)")
    asked = _asked(load, rounds, keep) | {
        "starts": [24.0 * day for day in DAYS],
        "span": SPAN,
        "times": times().tolist(),
    }
    asked |= {"effect": [float(number) for number in EFFECT]} if effect else {}
    return _peer(name, [rscript, str(HERE / "mrgsolve_peer.R")], asked, np.arange(len(times())))


def _asked(load: Workload, rounds: int, keep: int) -> dict[str, Any]:
    pieces, flowing = _pieces()
    return {
        "parameters": load.parameters.tolist(),
        "amounts": load.amounts.tolist(),
        "rounds": rounds,
        "keep": keep,
        "pieces": [piece.tolist() for piece in pieces],
        "flowing": flowing,
    }


def _peer(name: str, command: list[str], asked: dict[str, Any], kept: Any) -> PeerResult:
    """Run a driver in its own process."""
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return PeerResult(name, 0, absent=([*done.stderr.strip().splitlines(), "no answer"])[-1][:120])
    found = json.loads(done.stdout)
    values = np.array(found["values"])[:, :, kept]
    shown = name.replace(" (", f" {found['version']} (", 1) if found["version"] else name
    return PeerResult(shown, len(asked["amounts"]), tuple(found["seconds"]), values)


def _pieces() -> tuple[list[Any], list[float]]:
    """Times of each stretch between changes of the infusion, ending where the next begins; and its rate per
    amount.
    """
    starts = [24.0 * day for day in DAYS]
    edges = sorted({*starts, *(start + SPAN for start in starts), float(times()[-1]) + 1.0})
    pieces, flowing = [], []
    for begin, end in pairwise(edges):
        inside = times()[(times() > begin) & (times() < end)]
        pieces.append(np.concatenate([[begin], inside, [end]]))
        flowing.append(1.0 / SPAN if begin in starts else 0.0)
    return pieces, flowing


def _kept(pieces: list[Any]) -> Any:
    """Which of the peer's rows are samples of the workload."""
    rows = np.concatenate([piece[:-1] for piece in pieces])
    return np.array([int(np.abs(rows - time).argmin()) for time in times()])
