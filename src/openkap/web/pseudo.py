"""The pseudo-locale `en-xa`: every translatable text accented and lengthened, so that what is not stands out.

It is made from the English texts for tests and translators; it is never offered to people.
"""

import gettext
import re
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CODE = "en-xa"
FOLDER = "en_XA"
ACCENTED = str.maketrans("aeiouyncdlrstzAEIOUYNCDLRSTZ", "áéíóúýñçďľřšťžÁÉÍÓÚÝÑÇĎĽŘŠŤŽ")
OPEN, CLOSE = "⟦", "⟧"
# Placeholders and markup stay as they are: %(name)s, %s, %%, {name}, <b>, &amp;
KEPT = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}|<[^>]+>|&\w+;")


def pseudo(text: str) -> str:
    """'Save' becomes '⟦Šávé~⟧': a third longer, as German or Finnish would be."""
    accented, at = [], 0
    for kept in KEPT.finditer(text):
        accented += [text[at : kept.start()].translate(ACCENTED), kept.group()]
        at = kept.end()
    accented.append(text[at:].translate(ACCENTED))
    return f"{OPEN}{''.join(accented)}{'~' * (len(text) // 3)}{CLOSE}"


def catalogue_of(template: Path) -> Catalog:
    """The pseudo-locale's catalogue, from the texts collected in `template` (a .pot file)."""
    with template.open("rb") as file:
        source = read_po(file)
    made = Catalog(locale="en", domain="django", fuzzy=False)
    for message in source:
        if message.id:
            made.add(message.id, _translated(message.id), context=message.context)
    return made


def _translated(texts: str | Iterable[str]) -> str | tuple[str, ...]:
    return pseudo(texts) if isinstance(texts, str) else tuple(pseudo(text) for text in texts)


def write_catalogue(template: Path, folder: Path) -> Path:
    """Write the compiled catalogue below `folder`, a locale path of Django's. Returns its path."""
    path = folder / FOLDER / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_mo(file, catalogue_of(template))
    return path


def is_translated(text: str) -> bool:
    """Whether a text that is shown came through the catalogue, or has nothing to translate."""
    letters = [letter for letter in text if letter.isalpha() and letter.isascii()]
    return OPEN in text or not letters


def load(path: Path) -> gettext.GNUTranslations:
    """The compiled catalogue, to look at."""
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)
