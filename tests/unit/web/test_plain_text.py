"""Characters that no database keeps."""

import json

import pytest

from openkap.errors import BadInput
from openkap.web.drafts import parse_fields
from openkap.web.plain_text import is_plain


@pytest.mark.parametrize("text", ["", "a walk", "é🙂\u202e", "line\nline\t", "\ufffd"])
def test_what_people_write_is_text(text: str) -> None:
    assert is_plain(text)
    assert parse_fields(json.dumps({"text": [text]}).encode()) == {"text": [text]}


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "half of 🙂: \udd42"])
def test_what_a_database_refuses_is_refused_before(text: str) -> None:
    assert not is_plain(text)
    for fields in ({"text": [text]}, {text: ["a walk"]}):
        with pytest.raises(BadInput):
            parse_fields(json.dumps(fields).encode())
