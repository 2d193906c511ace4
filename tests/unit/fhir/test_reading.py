"""Bytes to JSON: what cannot be stored or read in one way only is refused."""

from decimal import Decimal

import pytest

from openkap.fhir import reading
from openkap.fhir.reading import BadBundle, parse


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"a": 1}'.encode("utf-16"), "byte order mark"),
        ('{"name": "Núñez"}'.encode("latin-1"), "not UTF-8"),
        (b'{"resourceType": "Bundle", "entry": [', "cut off"),
        (b'{"resourceType": "Bundle"', "cut off"),
        (b"# A heading", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1}{"a": 1}', "not JSON"),
        (b"[1, 2]", "does not hold an object"),
        (b'"Bundle"', "does not hold an object"),
        (b"null", "does not hold an object"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"x": {"a": 1, "b": 2, "a": 1}}', "twice"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a\\u0000": 1}', "NUL"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"a": 1e999999999999}', "out of range"),
        (b'{"a": 1e400}', "out of range"),
        (b'{"a": 1e-400}', "out of range"),
        (b'{"a": ' + b"9" * 5000 + b"}", "more than 40"),
        (b'{"a":' + b"[" * 60 + b"]" * 60 + b"}", "nested"),
        (b"[" * 200_000, "nested"),
        (b'{"a":' * 100_000, "nested"),
    ],
)
def test_refuses(raw: bytes, says: str) -> None:
    with pytest.raises(BadBundle, match=says):
        parse(raw)


def test_refuses_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    with pytest.raises(BadBundle, match="larger than"):
        parse(b'{"a": "12345678"}')


def test_keeps_all_digits_of_a_number() -> None:
    assert parse(b'{"a": 72.48936083223882, "b": 0, "c": -3, "d": 1.50}') == {
        "a": Decimal("72.48936083223882"),
        "b": 0,
        "c": -3,
        "d": Decimal("1.50"),
    }


def test_reads_every_script() -> None:
    assert parse('{"name": "Łukasz Żółć 李 🌱"}'.encode()) == {"name": "Łukasz Żółć 李 🌱"}
