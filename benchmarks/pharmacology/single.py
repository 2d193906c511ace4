"""What people feel: one band, warm and cold; the import; and the memory of a hundred thousand people."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from benchmarks.pharmacology.bands import SHIPPED, band

WARM_ROUNDS = 15
COLD = """
import time; begun = time.process_time()
from benchmarks.pharmacology.bands import band, SHIPPED
band(*SHIPPED[%d]); print(time.process_time() - begun)
"""
IMPORT = """
import time; begun = time.process_time()
import openkap.core.pharmacology; print(time.process_time() - begun)
"""
MANY = """
import json, time
import numpy as np
from benchmarks.pharmacology.workload import times
from openkap.core.pharmacology import Population, simulate, GivenDose, Drug, Route
from benchmarks.pharmacology.bands import ADULT, model
minutes = times() * 60
doses = [GivenDose(amount_mg=35.0, drug=Drug.ESKETAMINE, route=Route.IV, start_min=1440.0 * d, span_min=40.0)
         for d in (0, 3, 7, 10, 14, 17)]
begun = time.process_time()
simulate(model("otto-2021"), doses, ADULT, minutes, Population(size=100_000))
status = open('/proc/self/status').read()  # the process's own peak; rusage would carry its parent's
peak = int(status.split('VmHWM:')[1].split()[0]) / 1024
print(json.dumps([time.process_time() - begun, peak]))
"""


@dataclass(frozen=True)
class Single:
    """One figure that people feel: its median, and the best of its rounds where there were several."""

    what: str
    value: float
    unit: str
    best: float | None = None
    kind: str = ""  # which target it belongs to

    @property
    def words(self) -> str:
        """As it is printed."""
        best = "" if self.best is None else f" (best {self.best:.0f})"
        return f"{self.value:.0f} {self.unit}{best}"


def measure() -> list[Single]:
    """Warm and cold bands of every shipped model, the import, and a hundred thousand people."""
    found = [_warm(number) for number in range(len(SHIPPED))]
    found += [_cold(number) for number in range(1, len(SHIPPED))]
    found.append(Single("import of the package", 1e3 * _median(IMPORT, 5), "ms", kind="import"))
    seconds, peak = json.loads(_python(MANY))
    name = "100,000 people, 1,920 times, two analytes, summaries"
    return [*found, Single(f"{name}: time", seconds, "s"), Single(f"{name}: memory", peak, "MB", kind="many")]


def _name(number: int) -> str:
    record, drug, route, _ = SHIPPED[number]
    return f"500 people, 240 min: {record}, {drug} {route}"


def _warm(number: int) -> Single:
    band(*SHIPPED[number])
    seconds = []
    for _ in range(WARM_ROUNDS):
        begun = time.process_time()
        band(*SHIPPED[number])
        seconds.append(time.process_time() - begun)
    middle, best = 1e3 * statistics.median(seconds), 1e3 * min(seconds)
    return Single(f"{_name(number)}, warm", middle, "ms", best, "warm")


def _cold(number: int) -> Single:
    return Single(f"{_name(number)}, cold process", 1e3 * _median(COLD % number, 5), "ms", kind="cold")


def _median(code: str, rounds: int) -> float:
    return statistics.median(float(_python(code)) for _ in range(rounds))


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]
