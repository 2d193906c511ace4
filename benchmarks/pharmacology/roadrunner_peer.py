"""libRoadRunner on the same workload, in a Python of its own: reads a problem from stdin, writes seconds and
values.

`OPENKAP_ROADRUNNER_PYTHON` names a Python that has `libroadrunner`; without it the benchmark says that it is
absent. CVODE is restarted at every start and stop of an infusion, with tolerances tuned to reach 1e-6.
"""

import ast
import json
import sys
import time
from typing import Any

NAMES = ("CL", "V1", "Q2", "V2", "Q3", "V3", "KA", "CLM", "VM", "FM")
RATES = {
    "A0": "- KA*A0",
    "A1": "KA*A0 + flow - (CL + Q2 + Q3)/V1*A1 + Q2/V2*A2 + Q3/V3*A3",
    "A2": "Q2/V1*A1 - Q2/V2*A2",
    "A3": "Q3/V1*A1 - Q3/V3*A3",
    "M": "FM*CL/V1*A1 - CLM/VM*M",
}
OUTPUTS = {"C1": "A1/V1", "CM": "M/VM"}


def sbml() -> str:
    """The model, with amounts as rate rules."""
    parameters = "".join(
        f'<parameter id="{name}" value="{0 if name in RATES or name == "flow" else 1}" constant="false"/>'
        for name in (*NAMES, "flow", *RATES, *OUTPUTS)
    )
    rules = "".join(f'<rateRule variable="{k}">{_math(v)}</rateRule>' for k, v in RATES.items())
    rules += "".join(f'<assignmentRule variable="{k}">{_math(v)}</assignmentRule>' for k, v in OUTPUTS.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        f'<model id="infusions"><listOfParameters>{parameters}</listOfParameters>'
        f"<listOfRules>{rules}</listOfRules></model></sbml>"
    )


def _math(text: str) -> str:
    body = _node(ast.parse(text.strip(), mode="eval").body)
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{body}</math>'


def _node(node: Any) -> str:
    kind = type(node).__name__
    if kind == "Name":
        return f"<ci>{node.id}</ci>"
    if kind == "UnaryOp":
        return f"<apply><minus/>{_node(node.operand)}</apply>"
    word = {"Add": "plus", "Sub": "minus", "Mult": "times", "Div": "divide"}[type(node.op).__name__]
    return f"<apply><{word}/>{_node(node.left)}{_node(node.right)}</apply>"


def main() -> None:
    import numpy as np  # noqa: PLC0415  only the peer's own Python has these
    import roadrunner  # noqa: PLC0415

    asked = json.load(sys.stdin)
    runner = roadrunner.RoadRunner(sbml())
    runner.integrator.relative_tolerance, runner.integrator.absolute_tolerance = 1e-9, 1e-12
    runner.selections = ["time", *OUTPUTS]
    pieces = [np.array(piece) for piece in asked["pieces"]]

    def person(row: list[float], amount: float) -> Any:
        runner.resetAll()
        for name, value in zip(NAMES, row, strict=True):
            runner[name] = value
        kept = []
        for times, flowing in zip(pieces, asked["flowing"], strict=True):
            runner["flow"] = flowing * amount
            kept.append(np.array(runner.simulate(times=times.tolist()))[:-1, 1:])
        return np.concatenate(kept).T

    seconds, last = [], []
    for _ in range(asked["rounds"]):
        begun = time.process_time()
        last = [person(row, amount) for row, amount in zip(asked["parameters"], asked["amounts"], strict=True)]
        seconds.append(time.process_time() - begun)
    keep = [one.tolist() for one in last[: asked["keep"]]]
    json.dump({"seconds": seconds, "version": roadrunner.__version__, "values": keep}, sys.stdout)


if __name__ == "__main__":
    main()
