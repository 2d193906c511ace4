"""`openkap knowledge check`: whether records and wording packs can be used. Needs no database."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from openkap import knowledge
from openkap.core.psychometrics.authoring import hints, pack_shortcomings, shortcomings
from openkap.errors import BadInput
from openkap.knowledge.loader import BadRecord, read_record, read_whole
from openkap.knowledge.packs import LARGEST, check_pack, read_pack, with_words
from openkap.knowledge.schema.instrument import Instrument

Found = dict[str, list[str]]


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe `check`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser("check", help="check instruments and wording packs, or every record there is")
    check.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="an instrument's record or a wording pack, as YAML"
    )
    check.add_argument("--json", action="store_true", help="write JSON")


def run(options: argparse.Namespace) -> int:
    """Say what is wrong with each; 1 when something is. Raises `BadRecord` when the package is broken."""
    checked = {str(file): _of_file(file) for file in options.files} if options.files else _of_package()
    if options.json:
        print(json.dumps(checked, ensure_ascii=False, indent=2))
    else:
        print(_plain(checked))
    return 1 if any(found["faults"] for found in checked.values()) else 0


def _of_package() -> dict[str, Found]:
    """Every record is read, and the examples of every instrument are run. Raises `BadRecord`."""
    knowledge.load(datetime.now(UTC).date())
    return {
        instrument.id: {"faults": list(shortcomings(instrument)), "hints": []}
        for instrument in read_whole("instruments", Instrument)
    }


def _of_file(path: Path) -> Found:
    try:
        raw = path.read_bytes()
        if b"local-pack" in raw[:LARGEST]:
            pack = _pack(raw)
            return {"faults": list(pack_shortcomings(pack)), "hints": list(hints(pack))}
        instrument = _record(path)
    except OSError as error:
        return {"faults": [f"cannot be read: {error.strerror}"], "hints": []}
    except (BadInput, BadRecord) as error:
        return {"faults": [str(error)], "hints": []}
    return {"faults": list(shortcomings(instrument)), "hints": list(hints(instrument))}


def _pack(raw: bytes) -> Instrument:
    """The packaged record with the pack's words and examples. Raises `BadInput`."""
    pack = read_pack(raw)
    known = knowledge.load(datetime.now(UTC).date()).instruments.get(pack.id)
    if known is None:
        raise BadInput(f"There is no questionnaire '{pack.id}' here.")
    check_pack(pack, known)
    return with_words(known, pack).model_copy(update={"examples": pack.examples})


def _record(path: Path) -> Instrument:
    instrument = read_record(path, Instrument, whole=True)
    if path.stem != instrument.id:
        raise BadInput(f"id: the file is to be called {instrument.id}.yaml.")
    return instrument


def _plain(checked: dict[str, Found]) -> str:
    lines = []
    for name, found in checked.items():
        lines += [f"{name}: {fault}" for fault in found["faults"]]
        lines += [f"{name}: {hint}" for hint in found["hints"]]
        if not found["faults"] and (found["hints"] or len(checked) == 1):
            lines.append(f"{name}: can be used")
    wrong = sum(bool(found["faults"]) for found in checked.values())
    return "\n".join([*lines, f"{len(checked)} checked, {wrong} with faults."])
