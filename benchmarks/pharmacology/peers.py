"""Peers that need an installation of their own. Absent ones are named as absent, never left out in silence."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pharmacology.workload import DAYS, SPAN, Workload, times

PEER = Path(__file__).with_name("roadrunner_peer.py")


@dataclass(frozen=True)
class PeerResult:
    """Seconds of each round, and the values of the first people; `absent` says why there is nothing."""

    name: str
    people: int
    seconds: tuple[float, ...] = ()
    values: Any = None
    absent: str = ""


def roadrunner(load: Workload, rounds: int, keep: int) -> PeerResult:
    """libRoadRunner, if `OPENKAP_ROADRUNNER_PYTHON` names a Python that has it."""
    python = os.environ.get("OPENKAP_ROADRUNNER_PYTHON")
    if not python:
        return PeerResult("libRoadRunner", 0, absent="OPENKAP_ROADRUNNER_PYTHON names no Python that has it")
    pieces, flowing = _pieces()
    asked = {
        "parameters": load.parameters.tolist(),
        "amounts": load.amounts.tolist(),
        "rounds": rounds,
        "keep": keep,
        "pieces": [piece.tolist() for piece in pieces],
        "flowing": flowing,
    }
    command = [python, str(PEER)]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return PeerResult("libRoadRunner", 0, absent=done.stderr.strip().splitlines()[-1][:120])
    found = json.loads(done.stdout)
    values = np.array(found["values"])[:, :, _kept(pieces)]
    return PeerResult(f"libRoadRunner {found['version']} (CVODE)", load.people, tuple(found["seconds"]), values)


def others() -> list[PeerResult]:
    """Peers this program has no driver for yet, or that are not installed."""
    missing = []
    for name, command in (("mrgsolve", "Rscript"),):
        if shutil.which(command) is None:
            missing.append(PeerResult(name, 0, absent=f"{command} is not installed"))
        else:
            missing.append(PeerResult(name, 0, absent="installed R was not tried: no driver"))
    missing += [PeerResult(name, 0, absent="not installed") for name in ("diffrax", "numbalsoda")]
    return missing


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
