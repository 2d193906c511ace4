"""Documents are set in a process of its own: kept to the standards, the same twice, and bounded."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openkap.adapters.documents import CannotRender
from openkap.adapters.documents.client import PACKAGE, TypstDocuments

AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
DATA = {"title": "A title", "lang": "en", "name": "Žofie #Łuk $x$ [*]"}
HOUSE = PACKAGE / "adapters" / "documents" / "house.typ"


def a_template(root: Path, body: str) -> TypstDocuments:
    (root / "adapters" / "documents").mkdir(parents=True)
    (root / "adapters" / "documents" / "house.typ").write_text(HOUSE.read_text(encoding="utf-8"))
    (root / "it.typ").write_text(body, encoding="utf-8")
    return TypstDocuments(root=root, seconds=60)


WHOLE = '#import "/adapters/documents/house.typ": *\n#show: house\n#title()\n= Part\n#data.name'


def test_the_same_data_and_moment_give_the_same_pdf(tmp_path: Path) -> None:
    documents = a_template(tmp_path, WHOLE)
    first, second = (documents.render("it.typ", DATA, made_at=AT) for _ in range(2))
    assert first == second
    assert first.startswith(b"%PDF-1.7")
    assert documents.render("it.typ", DATA | {"name": "other"}, made_at=AT) != first


def test_it_claims_pdf_a_and_pdf_ua_and_embeds_its_font(tmp_path: Path) -> None:
    made = a_template(tmp_path, WHOLE).render("it.typ", DATA, made_at=AT)
    assert re.search(rb"pdfaid:part>\s*2<", made)
    assert re.search(rb"pdfaid:conformance>\s*A<", made)
    assert re.search(rb"pdfuaid:part>\s*1<", made)


def test_what_comes_in_as_data_is_never_run_as_markup(tmp_path: Path) -> None:
    hostile = DATA | {"name": '#read("/etc/passwd") #panic("no")'}
    assert a_template(tmp_path, WHOLE).render("it.typ", hostile, made_at=AT).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "body",
    [
        '#import "@preview/cetz:0.3.0"\n' + WHOLE,
        WHOLE + '\n#read("/../../etc/passwd")',
        WHOLE + "\n#panic(data.name)",
        WHOLE + "\n#image(bytes(data.nothing))",
    ],
    ids=["a package", "a file outside", "a panic", "what is not there"],
)
def test_a_faulty_template_says_so_without_the_data(tmp_path: Path, body: str) -> None:
    with pytest.raises(CannotRender) as refused:
        a_template(tmp_path, body).render("it.typ", DATA, made_at=AT)
    assert "Žofie" not in str(refused.value)


def test_one_that_does_not_end_is_ended(tmp_path: Path) -> None:
    documents = a_template(tmp_path, WHOLE + "\n#let f() = { let i = 0; while i >= 0 { i += 1 } }\n#f()")
    with pytest.raises(CannotRender):
        TypstDocuments(root=documents.root, seconds=0.5).render("it.typ", DATA, made_at=AT)


@pytest.mark.parametrize("name", ["../it.typ", "nothing.typ", "it.txt", "/etc/passwd"])
def test_only_templates_inside_the_package_are_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotRender):
        a_template(tmp_path, WHOLE).render(name, DATA, made_at=AT)


def test_no_template_of_the_package_names_a_package_of_somebody_else() -> None:
    templates = list(PACKAGE.rglob("*.typ"))
    assert templates
    assert [path.name for path in templates if '"@' in path.read_text(encoding="utf-8")] == []
