"""`python -m benchmarks.pharmacology [--people N] [--rounds R] [--write]`: all engines in turns, medians and
ratios.
"""

import argparse
import statistics
import time

import numpy as np

from benchmarks.pharmacology import shipped, single
from benchmarks.pharmacology.accuracy import largest_error, with_effect
from benchmarks.pharmacology.engines import Engine, own_engines, scipy_engine
from benchmarks.pharmacology.peers import PeerResult, everyone
from benchmarks.pharmacology.report import Measured, write_page
from benchmarks.pharmacology.targets import targets
from benchmarks.pharmacology.timed import Timed
from benchmarks.pharmacology.workload import workload

EFFECT_ROW = "compiled, with effect site and turnover"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pharmacology")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="write the page and plot of the docs")
    options = parser.parse_args()
    engines = [*own_engines(options.people), scipy_engine()]
    timed = time_in_turns(engines, options.rounds)
    peers = [of_peer(peer) for peer in everyone(options.rounds, 2)]
    lines = [*timed, *peers]
    singles = single.measure()
    for line in lines:
        print(describe(line))
    beside = shipped.measure(options.rounds)
    for one in singles:
        print(f"{one.what:<66} {one.words}")
    for model in beside:
        print(model.words)
    for row in targets(lines, singles, beside):
        print(row.words)
    if options.write:
        write_page(Measured(lines, singles, beside), options.people, options.rounds)


def time_in_turns(engines: list[Engine], rounds: int) -> list[Timed]:
    """Every engine once per round, so that a disturbance hits all of them."""
    outputs = [engine.run() for engine in engines]
    errors = [
        None if out is None else largest_error(engine.workload, out)
        for engine, out in zip(engines, outputs, strict=True)
    ]
    effect = [engine.name for engine in engines].index(EFFECT_ROW)
    errors[effect] = largest_error(engines[effect].workload, with_effect())
    seconds: list[list[float]] = [[] for _ in engines]
    for _ in range(rounds):
        for own, engine in zip(seconds, engines, strict=True):
            begun = time.process_time()
            engine.run()
            own.append(time.process_time() - begun)
    return [_timed(e, s, error) for e, s, error in zip(engines, seconds, errors, strict=True)]


def of_peer(peer: PeerResult) -> Timed:
    if peer.absent:
        return Timed(peer.name, 0, 1, 0.0, 0.0, 0.0, None, peer.absent)
    error = largest_error(workload(20), np.asarray(peer.values))
    speeds = [peer.people / s for s in peer.seconds]
    return Timed(peer.name, peer.people, 1, statistics.median(speeds), min(speeds), max(speeds), error)


def describe(line: Timed) -> str:
    name = f"{line.name} x{line.threads}"
    if line.absent:
        return f"{line.name:<38} absent: {line.absent}"
    error = "" if line.error is None else f"  error {line.accuracy}"
    return f"{name:<38} {line.per_second:>12,.0f} people/s  ({line.slowest:,.0f} to {line.fastest:,.0f}){error}"


def _timed(engine: Engine, seconds: list[float], error: tuple[float, ...] | None) -> Timed:
    speeds = [engine.people / s for s in seconds]
    return Timed(
        engine.name,
        engine.people,
        engine.threads,
        statistics.median(speeds),
        min(speeds),
        max(speeds),
        error,
        written=engine.written,
    )


if __name__ == "__main__":
    main()
