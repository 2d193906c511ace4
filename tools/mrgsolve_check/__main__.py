"""Ask mrgsolve, and keep what it says in `tests/reference`."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from openkap.core.pharmacology.export import to_mrgsolve
from openkap.core.pharmacology.generic_models import generic_model
from tools.mrgsolve_check.cases import STRUCTURES, Case, cases, lines
from tools.mrgsolve_check.exported import fingerprint, models, spread_runs, typical_runs

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / "tests" / "reference"
TOLERANCES = {"rtol": 1e-11, "atol": 1e-12}
SEED, PEOPLE = 20260101, 2000


def main() -> None:
    records, exports = _records(), _exports()
    for name, found in (("pk_mrgsolve_records.json", records), ("pk_mrgsolve_exports.json", exports)):
        (KEPT / name).write_text(_readable(found), encoding="utf-8")
    counted = f"{len(records['cases'])} sets of records, {len(exports['typical'])} exports"
    print(f"mrgsolve {records['mrgsolve']}: {counted}.")


def _records() -> dict[str, Any]:
    asked = cases()
    found = _ask("records.R", {
        "structures": {name: list(generic_model(name).compartments) for name in STRUCTURES},
        "cases": [_asked(case) for case in asked],
    } | TOLERANCES)  # fmt: skip
    kept = [_kept(case, said) for case, said in zip(asked, found["solved"], strict=True)]
    return {"mrgsolve": found["version"], "tolerances": TOLERANCES, "cases": kept}


def _asked(case: Case) -> dict[str, Any]:
    return {
        "structure": case.structure, "parameters": case.parameters, "backward": case.backward,
        "lines": list(lines(case.asked or case.rows)),
    }  # fmt: skip


def _kept(case: Case, said: dict[str, Any]) -> dict[str, Any]:
    if "refused" in said:
        raise SystemExit(f"mrgsolve refuses {case.name}: {said['refused']}")
    return {
        "name": case.name, "structure": case.structure, "parameters": case.parameters,
        "backward": case.backward, "how": case.how, "records": list(lines(case.rows)),
        "amounts": said["amounts"],
    }  # fmt: skip


def _exports() -> dict[str, Any]:
    texts = {name: to_mrgsolve(model) for name, model in models().items()}
    typical, spread = list(typical_runs()), list(spread_runs())
    found = _ask("exports.R", {
        "models": texts, "runs": [run.asked for run in typical], "spread": [run.asked for run in spread],
        "people": PEOPLE, "seed": SEED,
    } | TOLERANCES)  # fmt: skip
    return {
        "mrgsolve": found["version"], "tolerances": TOLERANCES, "people": PEOPLE,
        "models": {name: fingerprint(text) for name, text in texts.items()},
        "typical": [run.kept | {"levels": said} for run, said in zip(typical, found["typical"], strict=True)],
        "spread": [run.kept | said for run, said in zip(spread, found["people"], strict=True)],
    }  # fmt: skip


def _ask(script: str, question: dict[str, Any]) -> Any:
    rscript = os.environ.get("OPENKAP_RSCRIPT", "Rscript")
    done = subprocess.run(  # noqa: S603  a script of ours, by the R that whoever runs this names
        [rscript, str(HERE / script)], input=json.dumps(question), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr[-2000:])
    return json.loads(done.stdout)


def _readable(found: dict[str, Any]) -> str:
    """One case a line."""
    parts = []
    for name, value in found.items():
        if isinstance(value, list):
            rows = ",\n".join(f"  {json.dumps(one)}" for one in value)
            parts.append(f"{json.dumps(name)}: [\n{rows}\n]")
        else:
            parts.append(f"{json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
