"""Reads the knowledge records of the package. Nothing else reads them; the core is handed a `KnowledgeSet`."""

from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from openkap.errors import OpenkapError
from openkap.knowledge.schema.record import Record

RECORDS = Path(__file__).resolve().parent
SomeRecord = TypeVar("SomeRecord", bound=Record)


class BadRecord(OpenkapError):
    """A knowledge file cannot be used: the message names the file, the field and the fault."""

    code = "bad-record"


def read_record(path: Path, kind: type[SomeRecord]) -> SomeRecord:
    """Read one YAML file as a record of `kind`. Raises `BadRecord`."""
    try:
        return kind.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise BadRecord(f"{path.name}: not YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'record'}: {e['msg']}" for e in error.errors())
        raise BadRecord(f"{path.name}: {faults}") from error


@cache
def read_kind(directory: str, kind: type[SomeRecord]) -> dict[str, SomeRecord]:
    """All records of one kind by id, read once. Raises `BadRecord` on a fault or a repeated id."""
    found: dict[str, SomeRecord] = {}
    for path in sorted((RECORDS / directory).glob("**/*.yaml")):
        record = read_record(path, kind)
        if record.id in found:
            raise BadRecord(f"{path.name}: the id {record.id} is used twice")
        found[record.id] = record
    return found
