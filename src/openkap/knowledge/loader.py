"""Reads the knowledge records of the package. Nothing else reads them; the core is handed a `KnowledgeSet`."""

import re
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import ValidationError

from openkap.errors import OpenkapError
from openkap.knowledge.schema.record import Record

RECORDS = Path(__file__).resolve().parent
SomeRecord = TypeVar("SomeRecord", bound=Record)


class BadRecord(OpenkapError):
    """A knowledge file cannot be used: the message names the file, the field and the fault."""

    code = "bad-record"


class _Loader(yaml.CSafeLoader):
    """YAML without its traps: a key given twice is an error, and only true and false are booleans."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    loader.flatten_mapping(node)
    keys = [loader.construct_object(key, deep=True) for key, _value in node.value]
    repeated = {str(key) for key in keys if keys.count(key) > 1}
    if repeated:
        raise yaml.constructor.ConstructorError(
            problem=f"given twice: {', '.join(sorted(repeated))}", problem_mark=node.start_mark
        )
    return {
        key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value, strict=True)
    }


_BOOLEAN = "tag:yaml.org,2002:bool"
# A copy: the class shares its table of resolvers with its parent. 'on', 'no' and 'yes' stay words.
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOLEAN]
    for letter, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOLEAN, re.compile(r"^(true|false)$"), list("tf"))
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def parse_yaml(text: str) -> object:
    """The content of a record's file; a key given twice is an error. Raises `yaml.YAMLError`, `ValueError`."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader's child


def read_record(path: Path, kind: type[SomeRecord], *, whole: bool = False) -> SomeRecord:
    """Read one YAML file as a record of `kind`, `whole` with what is otherwise left out. Raises `BadRecord`."""
    try:
        text = path.read_text(encoding="utf-8")
        if kind.READ_LATER is not None and not whole:
            text = text.partition(f"\n{kind.READ_LATER}:\n")[0]
        return kind.model_validate(parse_yaml(text))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'record'}: {e['msg']}" for e in error.errors())
        raise BadRecord(f"{path.name}: {faults}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: 30 February, or bytes that are no UTF-8
        raise BadRecord(f"{path.name}: not readable: {error}") from error


def read_all(directory: Path, kind: type[SomeRecord], *, whole: bool = False) -> tuple[SomeRecord, ...]:
    """All records of one kind below `directory`, every version. Raises `BadRecord` on a fault or a clash."""
    found: dict[str, list[tuple[Path, SomeRecord]]] = {}
    for path in sorted(directory.glob("**/*.yaml")):
        record = read_record(path, kind, whole=whole)
        for other_path, other in found.setdefault(record.id, []):
            if _overlap(record, other):
                raise BadRecord(
                    f"{path.name}: {record.id} is in force at the same time as the one in {other_path.name}"
                )
        found[record.id].append((path, record))
    return tuple(record for versions in found.values() for _path, record in versions)


def _overlap(one: Record, other: Record) -> bool:
    if one.version == other.version:
        return True
    earlier, later = sorted((one, other), key=lambda record: record.effective_from)
    return earlier.effective_until is None or later.effective_from < earlier.effective_until


def versions_of(directory: str, kind: type[SomeRecord]) -> tuple[SomeRecord, ...]:
    """Every version of every record in a directory of the package, read once. Raises `BadRecord`."""
    return cast(tuple[SomeRecord, ...], _kept(directory, kind))


@cache
def _kept(directory: str, kind: type[Record]) -> tuple[Record, ...]:
    # Apart from `versions_of` because a cached function loses its type variable.
    return read_all(RECORDS / directory, kind)


def read_whole(directory: str, kind: type[SomeRecord]) -> tuple[SomeRecord, ...]:
    """Every version of every record in a directory of the package, with examples. Raises `BadRecord`."""
    return read_all(RECORDS / directory, kind, whole=True)


def read_kind(directory: str, kind: type[SomeRecord]) -> dict[str, SomeRecord]:
    """The newest version of each record of one kind, by id. Raises `BadRecord`."""
    return {record.id: record for record in sorted(versions_of(directory, kind), key=lambda r: r.version)}
