"""Bytes to JSON, strictly: what cannot be stored, or could be read in two ways, is refused first."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from openkap.errors import BadInput

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 50
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

Json = dict[str, Any]


class BadBundle(BadInput):
    """The file cannot be imported; the message says where and why. Nothing was changed."""

    code = "bad-bundle"


def parse(raw: bytes) -> Json:
    """Parse a JSON object, numbers as `Decimal` with all digits. Raises `BadBundle`."""
    if not raw.strip():
        raise BadBundle("The file is empty.")
    if len(raw) > MAX_BYTES:
        raise BadBundle(
            "The file is larger than %(most)s MB. Export a shorter span of the chart.",
            most=MAX_BYTES // 1024**2,
        )
    document = _loads(_decode(raw))
    if not isinstance(document, dict):
        raise BadBundle("The file is JSON, but not a FHIR resource: it does not hold an object.")
    _check_storable(document)
    return document


def _decode(raw: bytes) -> str:
    if raw.startswith(BYTE_ORDER_MARKS):
        raise BadBundle("The file begins with a byte order mark. Save it as UTF-8 without one.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadBundle("The file is not UTF-8 text (byte %(byte)s).", byte=error.start + 1) from error


def _loads(text: str) -> Any:
    try:
        return json.loads(
            text, parse_float=_number, parse_int=_number, parse_constant=_no_number, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()):
            raise BadBundle("The file ends in the middle: it is cut off. Export it again.") from error
        raise BadBundle(
            "The file is not JSON: line %(line)s, column %(column)s.", line=error.lineno, column=error.colno
        ) from error
    except RecursionError as error:
        raise BadBundle("The file is nested too deeply.") from error


def _number(digits: str) -> int | Decimal:
    if len(digits) > 40:
        raise BadBundle("The file holds a number of more than 40 characters.")
    try:
        number = Decimal(digits)
    except InvalidOperation as error:  # an exponent beyond Decimal's own limits
        raise BadBundle("The file holds a number that is out of range: %(digits)s.", digits=digits) from error
    if number and not -100 < number.adjusted() < 100:
        raise BadBundle("The file holds a number that is out of range: %(digits)s.", digits=digits)
    return int(digits) if digits.lstrip("-").isdigit() else number


def _no_number(word: str) -> NoReturn:
    raise BadBundle("The file holds %(word)s, which is not a number of JSON.", word=word)


def _once(pairs: list[tuple[str, Any]]) -> Json:
    if len(dict(pairs)) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadBundle(
            "The file gives %(name)s twice in one object, so it could mean either.", name=repr(twice[:60])
        )
    return {name: value for name, value in pairs if value is not None}  # null is FHIR for nothing said


def _check_storable(document: Any) -> None:
    """Refuse what no database text can hold, and nesting no FHIR resource needs."""
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        for text in (item for item in level if isinstance(item, str)):
            _check_text(text)
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise BadBundle("The file is nested too deeply.")


def _children(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return [*item.keys(), *item.values()]
    return item if isinstance(item, list) else []


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise BadBundle("The file holds a NUL character in a text.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadBundle("The file holds half a character (a lone surrogate) in a text.") from error
