"""Pictures of the documentation: each that a page names exists, and each that exists is on a page."""

import re
from pathlib import Path

import pytest
from PIL import Image
from tests.browsing import ROOT

PICTURES = ROOT / "docs" / "pictures"
NAMED = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
HEAVIEST = 250_000  # bytes; the first page shows all of them


def pictures_on(page: Path) -> list[tuple[str, Path]]:
    """Words in place of the picture, and its file, for every picture that the page names."""
    found = NAMED.findall(page.read_text(encoding="utf-8"))
    return [(words, (page.parent / where).resolve()) for words, where in found if "://" not in where]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_that_is_named_exists_and_has_words(page: Path) -> None:
    for words, path in pictures_on(page):
        assert path.is_file(), f"{page.name} names {path.name}, which is not there"
        assert words.strip(), f"{path.name} has no words for those who do not see it"


def test_every_picture_is_on_a_page_and_light() -> None:
    on_pages = {path for page in PAGES for _words, path in pictures_on(page)}
    kept = set(PICTURES.glob("*"))
    assert kept
    assert kept - on_pages == set()
    assert {path.name: path.stat().st_size for path in kept if path.stat().st_size > HEAVIEST} == {}


def test_screens_have_one_size_and_telephones_another() -> None:
    sizes = {}
    for path in PICTURES.glob("*.png"):
        with Image.open(path) as picture:
            sizes[path.stem] = picture.size
    assert sizes.pop("portal") == (390, 780)
    assert set(sizes.values()) == {(1440, 900)}
