"""The catalogues: placeholders are whole, nearly everything is translated, nothing is marked as unsure."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

SOURCE = Path(__file__).resolve().parents[2] / "src/openkap"
LOCALE = SOURCE / "web/locale"
PLACEHOLDER = re.compile(r"%\(\w+\)[sdg]|%%|%[sd]|\{\w*\}|</?\w+>")
HIDDEN = re.compile(r"""\bf["'].*\{(?:_|_lazy|[np]?gettext(?:_lazy)?)\(""")
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
