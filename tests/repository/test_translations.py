"""The catalogues: placeholders are whole, nearly everything is translated, nothing is marked as unsure."""

import ast
import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from openkap.web.translating import errors_in, is_english_only, texts_of_python

SOURCE = Path(__file__).resolve().parents[2] / "src/openkap"
LOCALE = SOURCE / "web/locale"
PLACEHOLDER = re.compile(r"%\(\w+\)[sdg]|%%|%[sd]|\{\w*\}|</?\w+>")
HIDDEN = re.compile(r"""\bf["'].*\{(?:_|_lazy|[np]?gettext(?:_lazy)?)\(""")
GETTEXT = frozenset({"_", "gettext", "ngettext", "pgettext"})
# errors whose words come from elsewhere, where they were put into the reader's language; the fields and faults
# of a wording pack are named as its file names them
CARRIED = frozenset({
    ("apps/access/locking.py", "' '.join(error.messages)"),
    ("apps/access/locking.py", "wrong"),
    ("apps/access/operations/accounts.py", "' '.join(error.messages)"),
    ("apps/chart/operations/by_hand.py", "str(error)"),
    ("apps/consent/operations/reading.py", "ask"),
    ("apps/consent/texts.py", "missing"),
    ("apps/dosing/operations.py", "held_by_risk(hold)"),
    ("apps/dosing/operations.py", "outcome.words()"),
    ("apps/dosing/operations.py", "str(error)"),
    ("apps/messages/operations.py", "reasons[why_not]"),
    ("apps/people/operations.py", "[patient.record_number for patient in found]"),
    ("apps/planning/permissions.py", "reason"),
    ("apps/safety/operations/deciding.py", "missing"),
    ("apps/safety/operations/timing.py", "unsigned"),
    ("knowledge/packs.py", "named(faults_of(error))"),
    ("knowledge/packs.py", "unreadable(error)"),
    ("web/exposure/asking.py", "refusal_words(error)"),
    ("web/exposure/asking.py", "words % names"),
})  # fmt: skip
ENOUGH = 0.97  # between two releases new texts may wait for their translator


@pytest.fixture(scope="module", params=["es"])
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with (LOCALE / request.param / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def pairs(message: Message) -> list[tuple[str, str]]:
    """Each translated form with the English it must match; singular forms may leave the number out."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return [(message.id[1], message.string[-1])]


def translated(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id and all(
        [message.string] if isinstance(message.string, str) else message.string
    )]  # fmt: skip


def test_placeholders_are_those_of_the_english(catalogue: Catalog) -> None:
    wrong = [
        (english, words)
        for message in translated(catalogue)
        for english, words in pairs(message)
        if set(PLACEHOLDER.findall(english)) != set(PLACEHOLDER.findall(words))
    ]
    assert wrong == []


def test_edges_are_those_of_the_english(catalogue: Catalog) -> None:
    wrong = [
        english
        for message in translated(catalogue)
        for english, words in pairs(message)
        if (english[:1].isspace(), english[-1:].isspace()) != (words[:1].isspace(), words[-1:].isspace())
    ]
    assert wrong == []


def test_nearly_everything_is_translated(catalogue: Catalog) -> None:
    texts = [message for message in catalogue if message.id]
    assert len(translated(catalogue)) >= ENOUGH * len(texts)


def test_nothing_is_unsure(catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_texts_are_collected_under_every_name_they_are_marked_with() -> None:
    """A function of another name than the collector knows leaves its texts in English for everybody."""
    package = LOCALE.parents[1]
    names = {
        name
        for path in package.rglob("*.py")
        for name in re.findall(r"import n?p?gettext(?:_lazy)? as (\w+)", path.read_text(encoding="utf-8"))
    }
    collected = (LOCALE.parents[3] / "tools" / "messages.py").read_text(encoding="utf-8")
    assert {name for name in names if name != "_" and f'"{name}"' not in collected} == set()


def test_no_text_hides_in_an_f_string() -> None:
    """The collector does not look inside f-strings, so a text there would stay English without a word."""
    hidden = [
        f"{file.relative_to(SOURCE)}: {line.strip()}"
        for file in SOURCE.rglob("*.py")
        for line in file.read_text().splitlines()
        if HIDDEN.search(line)
    ]
    assert hidden == []


@cache
def errors() -> list[tuple[str, ast.Call]]:
    """Each error that a person may read in their language, with its module."""
    return [
        (str(path.relative_to(SOURCE)), call)
        for path in sorted(SOURCE.rglob("*.py"))
        if not is_english_only(path)
        for call in errors_in(ast.parse(path.read_text(encoding="utf-8")))
    ]


def is_text(words: ast.expr) -> bool:
    """A plain text, or one that gettext puts into the reader's language, with its values."""
    match words:
        case ast.Constant(value=str()):
            return True
        case ast.BinOp(left=left, op=ast.Mod()):
            return is_text(left) and not isinstance(left, ast.Constant)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return is_text(left) and is_text(right)
        case ast.IfExp(body=one, orelse=other):
            return is_text(one) and is_text(other)
        case ast.Call(func=ast.Name(id=name)):
            return name in GETTEXT
    return False


def test_every_error_can_be_put_into_the_readers_language() -> None:
    """What is put together from parts no translator finds: name what varies, and give it beside the text."""
    others = {(module, ast.unparse(call.args[0])) for module, call in errors() if not is_text(call.args[0])}
    assert others == CARRIED


def test_every_error_is_translated(catalogue: Catalog) -> None:
    known = {message.id for message in translated(catalogue) if isinstance(message.id, str)}
    texts = {call.args[0].value for _module, call in errors() if isinstance(call.args[0], ast.Constant)}
    assert texts - known == set()


def misnamed(call: ast.Call) -> bool:
    """Whether the message of an error names other values than it is given: making the error would fail."""
    match call.args[0]:
        case ast.Constant(value=str(text)):
            given = {keyword.arg for keyword in call.keywords} - {"field"}
            bare = re.sub(r"%\(\w+\)s|%%", "", text)
            return set(re.findall(r"%\((\w+)\)s", text)) != given or (bool(given) and "%" in bare)
    return False


def test_every_error_is_given_what_its_message_names() -> None:
    assert [(module, call.lineno) for module, call in errors() if misnamed(call)] == []


@pytest.mark.parametrize(("code", "wrong"), [
    ('BadInput("There is no %(thing)s.", thing=what)', False),
    ('BadInput("5 % of nothing", field="share")', False),
    ('BadInput("There is no %(thing)s.", field="thing")', True),
    ('BadInput("There is no %(thing)s.", thin=what)', True),
    ('BadInput("There is 5 % of %(thing)s.", thing=what)', True),
])  # fmt: skip
def test_an_error_that_could_not_be_made_is_found(code: str, wrong: bool) -> None:
    (call,) = errors_in(ast.parse(code))
    assert misnamed(call) is wrong


class Source(BytesIO):
    """A module as Babel opens it."""

    name = str(SOURCE / "units" / "made_up.py")


def test_the_message_of_an_error_is_collected() -> None:
    file = Source(b'raise BadInput("There is no " "%(thing)s.", thing=what)\nraise KeyError("not this")')
    assert [found[2] for found in texts_of_python(file, {}, [], {})] == ["There is no %(thing)s."]
