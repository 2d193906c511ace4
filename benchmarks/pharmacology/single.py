"""What people feel: one band, warm and cold; the import; and the memory of a hundred thousand people."""

import json
import statistics
import subprocess
import sys
import time

import numpy as np

from openkap.core.pharmacology import Covariates, Drug, GivenDose, PkModel, Population, Route, simulate
from openkap.knowledge.loader import read_kind

TIMES = np.arange(0.0, 240.0)
ADULT = Covariates(weight_kg=70.0, age_years=30.0)
SHIPPED = (
    ("otto-2021", Drug.KETAMINE, Route.IV, 40.0),
    ("otto-2021", Drug.ESKETAMINE, Route.IV, 40.0),
    ("simons-2022", Drug.ESKETAMINE, Route.SL, 0.0),
    ("perez-ruixo-2021", Drug.ESKETAMINE, Route.IN, 0.0),
)
COLD = """
import time; begun = time.process_time()
from benchmarks.pharmacology.single import band, SHIPPED
band(*SHIPPED[1]); print(time.process_time() - begun)
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
from benchmarks.pharmacology.single import ADULT, model
minutes = times() * 60
doses = [GivenDose(amount_mg=35.0, drug=Drug.ESKETAMINE, route=Route.IV, start_min=1440.0 * d, span_min=40.0)
         for d in (0, 3, 7, 10, 14, 17)]
begun = time.process_time()
simulate(model("otto-2021"), doses, ADULT, minutes, Population(size=100_000))
status = open('/proc/self/status').read()  # the process's own peak; rusage would carry its parent's
peak = int(status.split('VmHWM:')[1].split()[0]) / 1024
print(json.dumps([time.process_time() - begun, peak]))
"""


def model(record: str) -> PkModel:
    return read_kind("pk_models", PkModel)[record]


def band(record: str, drug: Drug, route: Route, span: float) -> None:
    """500 people, 240 minutes."""
    amount = 56.0 if route is Route.IN else 35.0
    dose = GivenDose(amount_mg=amount, drug=drug, route=route, start_min=0.0, span_min=span)
    simulate(model(record), [dose], ADULT, TIMES, Population(size=500))


def measure() -> list[tuple[str, str]]:
    found = []
    for record, drug, route, span in SHIPPED:
        band(record, drug, route, span)
        seconds = []
        for _ in range(9):
            begun = time.process_time()
            band(record, drug, route, span)
            seconds.append(time.process_time() - begun)
        name = f"500 people, 240 min: {record}, {drug} {route}, warm"
        found.append((name, f"{1e3 * statistics.median(seconds):.0f} ms (best {1e3 * min(seconds):.0f})"))
    cold = statistics.median(float(_python(COLD)) for _ in range(3))
    found.append(("500 people, 240 min: otto-2021, esketamine iv, cold process", f"{1e3 * cold:.0f} ms"))
    imported = statistics.median(float(_python(IMPORT)) for _ in range(5))
    found.append(("import of the package", f"{1e3 * imported:.0f} ms"))
    seconds_many, peak = json.loads(_python(MANY))
    found.append(
        ("100,000 people, 1,920 times, two analytes, summaries", f"{seconds_many:.0f} s, {peak:.0f} MB")
    )
    return found


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]
