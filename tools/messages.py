"""Texts to be translated: collected from code and templates, compiled for use."""

import subprocess
import sys
from pathlib import Path

PACKAGE = Path("src/openkap")
LOCALE = PACKAGE / "web" / "locale"
TEMPLATE = LOCALE / "openkap.pot"
MAPPING = LOCALE / "babel.cfg"


def run(*words: str | Path) -> None:
    """Run one command of Babel; stop when it fails."""
    babel = Path(sys.executable).with_name("pybabel")
    subprocess.run([str(babel), "--quiet", *map(str, words)], check=True)  # noqa: S603


def collect() -> None:
    """Write the texts found in the package into the catalogue of every language."""
    keywords = [
        "--keyword",
        "pgettext_lazy:1c,2",
        "--keyword",
        "ngettext_lazy:1,2",
        "--keyword",
        "gettext_lazy",
        "--keyword",
        "_lazy",
    ]
    run("extract", "--mapping", MAPPING, *keywords, "--no-location", "--sort-output", "-o", TEMPLATE, PACKAGE)
    for language in languages():
        run("update", "--domain", "django", "-i", TEMPLATE, "-d", LOCALE, "-l", language, "--no-fuzzy-matching")


def compile_all() -> None:
    """Compile the catalogues that there are."""
    for language in languages():
        run("compile", "--domain", "django", "-d", LOCALE, "-l", language)


def languages() -> list[str]:
    """Languages that have a catalogue."""
    return sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/django.po"))


if __name__ == "__main__":
    {"collect": collect, "compile": compile_all}[sys.argv[1]]()
