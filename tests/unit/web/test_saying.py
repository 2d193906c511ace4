"""Errors in the reader's language: the text translated, its values as that language writes them."""

from datetime import date

import pytest
from django.utils import translation

from openkap.core.planning.values import CannotPlan
from openkap.errors import BadInput, NotFound, in_english
from openkap.knowledge.schema.record import Text
from openkap.units import parse_quantity


def said_in(language: str, error: Exception) -> str:
    with translation.override(language):
        return str(error)


def test_an_error_of_the_lowest_layer_is_read_in_ones_own_language() -> None:
    with pytest.raises(BadInput) as caught:
        parse_quantity("25")
    assert said_in("en", caught.value) == "'25' has no unit. Write the number with its unit, such as '25 mg'."
    assert said_in("es", caught.value).startswith("«25» no tiene unidad.")


def test_dates_and_words_of_records_are_written_as_the_language_does() -> None:
    label = Text(en="Preparation", es="Preparación")
    text = "%(visit)s: no open day between %(start)s and the first dose."
    error = CannotPlan(text, visit=label, start=date(2026, 11, 22))
    assert said_in("en", error) == "Preparation: no open day between 22 Nov 2026 and the first dose."
    assert said_in("es", error).startswith("Preparación: no hay ningún día abierto entre el 22")


def test_what_caused_an_error_is_said_in_the_same_language() -> None:
    inner = NotFound("There is no such site.")
    assert (
        said_in("es", BadInput("%(name)s: %(error)s", name="over", error=inner)) == "over: No hay tal centro."
    )


def test_a_text_without_a_translation_stays_as_it_is_and_nothing_stays_nothing() -> None:
    assert said_in("es", BadInput("5 % of what nobody translates")) == "5 % of what nobody translates"
    assert said_in("es", BadInput("")) == ""


def test_without_a_product_around_it_an_error_speaks_english() -> None:
    assert in_english("There is no %(what)s.", {"what": "dose"}) == "There is no dose."
    assert BadInput("There is no %(what)s.", what="dose").args == ("There is no dose.",)
