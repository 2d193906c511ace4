"""The pseudo-locale: longer, accented, placeholders untouched; and collecting texts from templates."""

import gettext
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from hypothesis import given
from hypothesis import strategies as st

from openkap.web.pseudo import CLOSE, OPEN, is_translated, pseudo, write_catalogue
from openkap.web.translating import texts_of_template

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


@pytest.mark.parametrize("kept", ["%(name)s", "%(n)d", "%(n)g", "%s", "%%", "{number}", "<b>", "</a>", "&amp;"])
def test_placeholders_and_markup_stay_as_they_are(kept: str) -> None:
    assert kept in pseudo(f"Visits of {kept} on Monday")


def test_it_is_longer_and_stands_out() -> None:
    made = pseudo("Save the answers")
    assert made.startswith(OPEN)
    assert made.endswith(CLOSE)
    assert len(made) >= len("Save the answers") * 4 / 3
    assert "Save" not in made


@given(st.text(min_size=1).filter(lambda text: "%" not in text))
def test_any_text_is_recognised_as_translated(text: str) -> None:
    assert is_translated(pseudo(text))


@pytest.mark.parametrize(("text", "through"), [("Save", False), ("12:30", True), ("·", True), ("", True)])
def test_plain_english_is_found_and_figures_are_nothing_to_translate(text: str, through: bool) -> None:
    assert is_translated(text) is through


def test_formatting_with_a_pseudo_text_works() -> None:
    assert "Elena" in pseudo("Open: %(name)s") % {"name": "Elena"}
    assert "50 %" in pseudo("%(n)s %%") % {"n": 50}


def test_a_written_catalogue_is_read_by_gettext(tmp_path: Path) -> None:
    template = Catalog(domain="django")
    template.add("Save")
    template.add(("%(n)s visit", "%(n)s visits"))
    pot = tmp_path / "t.pot"
    with pot.open("wb") as file:
        write_po(file, template)
    with write_catalogue(pot, tmp_path).open("rb") as file:
        made = gettext.GNUTranslations(file)
    assert made.gettext("Save") == pseudo("Save")
    assert made.ngettext("%(n)s visit", "%(n)s visits", 3) == pseudo("%(n)s visits")
    assert made.gettext("Unknown") == "Unknown"


def found(template: str) -> list[object]:
    texts = texts_of_template(BytesIO(template.encode()), KEYWORDS, [], {})
    return [message for _line, _function, message, _comments in texts]


def test_texts_of_a_template_are_found_whatever_its_indentation() -> None:
    template = """
    {% load i18n %}
          <p>{% translate "Save" %}</p>
      {% if x %}{% blocktranslate trimmed with name=patient.name %}
         Open: {{ name }}
      {% endblocktranslate %}{% endif %}
        {% blocktranslate trimmed count n=v %}{{ n }} visit{% plural %}{{ n }} visits{% endblocktranslate %}
    {% include "x.html" with title=_("Title") %}
    """
    texts = found(template)
    assert "Save" in texts
    assert "Open: %(name)s" in texts
    assert "Title" in texts
    assert any(isinstance(text, tuple) and text[0] == "%(n)s visit" for text in texts)


def test_markup_with_brackets_and_quotes_does_not_stop_it() -> None:
    assert found("<p title='('>it's ([{ \"</p>{% translate \"Save\" %}") == ["Save"]
