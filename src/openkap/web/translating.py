"""Finding texts for Babel (web/locale/babel.cfg names the functions): in templates, in Python, and in errors.

The message of an error is a text wherever it is raised: `BadInput("There is no dose.")` needs no gettext around
it, and layers below Django could not have one. What is read at a terminal or by programmers stays English.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[1]
# whose errors are read at a terminal, or by whoever writes records and programs. Of the pharmacology these are
# what no page asks for: regimens compared at the terminal, dosing records in CSV (their columns and what they
# need are the field's English codes), structures of one's own, exports, and arrays filled by a program
ENGLISH_ONLY = (
    "cli/",
    "config/",
    "adapters/postgres/",
    "apps/access/bootstrap.py",
    "core/monitoring/events.py",
    "core/pharmacology/comparison.py",
    "core/pharmacology/export_records.py",
    "core/pharmacology/fast_effect.py",
    "core/pharmacology/fast_grid.py",
    "core/pharmacology/generic_models.py",
    "core/pharmacology/record_solver.py",
    "core/pharmacology/records.py",
    "core/pharmacology/steady_state.py",
    "knowledge/loader.py",
)
_CLASS = re.compile(r"^class (\w+)\(([^)]*)\):", re.MULTILINE)


def texts_of_template(
    file: IO[bytes], keywords: dict[str, Any], comment_tags: list[str], options: object
) -> Iterator[tuple[Any, ...]]:
    """Each translatable text of a template, as Babel's extractors yield them.

    Django turns the template into something like Python; its indentation means nothing and is taken off.
    """
    del options  # templates have none; Babel passes them by name
    code = templatize(file.read().decode("utf-8"))
    flat = "\n".join(line.strip() for line in code.splitlines())
    yield from extract_python(BytesIO(flat.encode("utf-8")), keywords, comment_tags, {"encoding": "utf-8"})


def texts_of_python(
    file: IO[bytes], keywords: dict[str, Any], comment_tags: list[str], options: object
) -> Iterator[tuple[Any, ...]]:
    """Each text of a module that gettext is asked for, and each message of an error."""
    del options  # all of ours is UTF-8
    code = file.read()
    yield from extract_python(BytesIO(code), keywords, comment_tags, {"encoding": "utf-8"})
    if not is_english_only(Path(file.name)):
        for call in errors_in(ast.parse(code)):
            if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
                yield call.lineno, "gettext", call.args[0].value, []


def is_english_only(path: Path) -> bool:
    """Whether the errors of a module are not put into other languages."""
    return str(path.resolve().relative_to(PACKAGE)).startswith(ENGLISH_ONLY)


def errors_in(tree: ast.Module) -> Iterator[ast.Call]:
    """Each place that makes an expected error with a message."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] in error_names():
            yield node


@cache
def error_names() -> frozenset[str]:
    """The names of all classes of expected errors: `OpenkapError`, and what is derived from it."""
    bases = {
        name: {base.strip() for base in listed.split(",")}
        for path in PACKAGE.rglob("*.py")
        for name, listed in _CLASS.findall(path.read_text(encoding="utf-8"))
    }
    found = {"OpenkapError"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return frozenset(found)
