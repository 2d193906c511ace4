"""numbalsoda on the same workload, in a Python of its own: a problem from stdin, seconds and values to stdout.

`OPENKAP_NUMBALSODA_PYTHON` names a Python that has `numbalsoda`. LSODA with a compiled slope, restarted at
every start and stop of an infusion; the call that compiles is not counted.
"""

import json
import sys
import time
from importlib.metadata import version
from typing import Any


def main() -> None:
    import numpy as np  # noqa: PLC0415  only the peer's own Python has these
    from numba import carray, cfunc  # noqa: PLC0415
    from numbalsoda import lsoda, lsoda_sig  # noqa: PLC0415

    @cfunc(lsoda_sig)
    def slope(_time: Any, state: Any, change: Any, given: Any) -> None:
        x, dx, p = carray(state, (5,)), carray(change, (5,)), carray(given, (11,))
        absorbed = p[6] * x[0]
        to_two, to_three = p[2] * (x[1] / p[1] - x[2] / p[3]), p[4] * (x[1] / p[1] - x[3] / p[5])
        dx[0] = -absorbed
        dx[1] = absorbed + p[10] - p[0] / p[1] * x[1] - to_two - to_three
        dx[2], dx[3] = to_two, to_three
        dx[4] = p[9] * p[0] / p[1] * x[1] - p[7] / p[8] * x[4]

    asked = json.load(sys.stdin)
    pieces = [np.array(piece) for piece in asked["pieces"]]

    def person(row: list[float], amount: float) -> Any:
        state, kept = np.zeros(5), []
        for times, flowing in zip(pieces, asked["flowing"], strict=True):
            given = np.array([*row, flowing * amount])
            solved, _ = lsoda(slope.address, state, times, data=given, rtol=1e-9, atol=1e-13 * amount)
            state = solved[-1]
            kept.append(np.stack([solved[:-1, 1] / row[1], solved[:-1, 4] / row[8]]))
        return np.concatenate(kept, axis=1)

    people = list(zip(asked["parameters"], asked["amounts"], strict=True))
    found, seconds = [person(*people[0])], []
    for _ in range(asked["rounds"]):
        begun = time.process_time()
        found = [person(row, amount) for row, amount in people]
        seconds.append(time.process_time() - begun)
    values = [one.tolist() for one in found[: asked["keep"]]]
    json.dump({"seconds": seconds, "version": version("numbalsoda"), "values": values}, sys.stdout)


if __name__ == "__main__":
    main()
