"""libRoadRunner on the shipped models, in a Python of its own: a problem in, seconds and values out.

The problem is a linear system that our own export wrote: who flows where, each person's rates, and what enters
when. `OPENKAP_ROADRUNNER_PYTHON` names a Python that has `libroadrunner`. CVODE is restarted wherever an input
starts or stops, with tolerances tuned to reach 1e-6.
"""

import json
import sys
import time
from typing import Any

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model id="shipped">'
)


def sbml(size: int, flows: list[list[int]]) -> str:
    """Amounts x0.. with rates k0.. (one for each flow), losses l0.. and inputs u0.. as rate rules."""
    names = [*(f"k{i}" for i in range(len(flows)))]
    names += [f"{kind}{i}" for kind in "xlu" for i in range(size)]
    parameters = "".join(f'<parameter id="{name}" value="0" constant="false"/>' for name in names)
    rules = ""
    for place in range(size):
        gains = [
            f"{_product(f'k{i}', f'x{source}')}" for i, (source, target) in enumerate(flows) if target == place
        ]
        loss = _product(f"l{place}", f"x{place}")
        total = f"<apply><plus/><ci>u{place}</ci>{''.join(gains)}</apply>"
        body = f"<apply><minus/>{total}{loss}</apply>"
        rules += f'<rateRule variable="x{place}"><math xmlns="http://www.w3.org/1998/Math/MathML">{body}</math></rateRule>'
    inside = f"<listOfParameters>{parameters}</listOfParameters><listOfRules>{rules}</listOfRules>"
    return f"{_HEAD}{inside}</model></sbml>"


def _product(one: str, other: str) -> str:
    return f"<apply><times/><ci>{one}</ci><ci>{other}</ci></apply>"


def main() -> None:
    import numpy as np  # noqa: PLC0415  only the peer's own Python has these
    import roadrunner  # noqa: PLC0415

    asked = json.load(sys.stdin)
    runner = roadrunner.RoadRunner(sbml(asked["size"], asked["flows"]))
    runner.integrator.relative_tolerance, runner.integrator.absolute_tolerance = 1e-9, 1e-12
    runner.selections = ["time", *(f"x{place}" for place in asked["observed"])]

    def person(one: dict[str, Any]) -> Any:
        runner.resetAll()
        for i, rate in enumerate(one["rates"]):
            runner[f"k{i}"] = rate
        for place, rate in enumerate(one["losses"]):
            runner[f"l{place}"] = rate
        kept = []
        for times, inflow, jumps, count in zip(
            one["pieces"], one["inflow"], one["jumps"], one["counts"], strict=True
        ):
            for place, (rate, jump) in enumerate(zip(inflow, jumps, strict=True)):
                runner[f"u{place}"] = rate
                if jump:
                    runner[f"x{place}"] = runner[f"x{place}"] + jump
            found = np.array(runner.simulate(times=times))[:, 1:]
            kept.append(found[:-1][len(times) - 1 - count :])
        return np.concatenate(kept).T * np.array(one["scales"])[:, None]

    seconds, last = [], []
    for _ in range(asked["rounds"]):
        begun = time.process_time()
        last = [person(one) for one in asked["people"]]
        seconds.append(time.process_time() - begun)
    keep = [one.tolist() for one in last[: asked["keep"]]]
    json.dump({"seconds": seconds, "version": roadrunner.__version__, "values": keep}, sys.stdout)


if __name__ == "__main__":
    main()
