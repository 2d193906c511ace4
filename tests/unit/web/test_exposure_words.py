"""What a prediction assumes, in the reader's language."""

import pytest
from django.utils import translation
from tests.factories.pharmacology import ADULT, dose, model, models

from openkap.core.pharmacology import Covariates, GivenDose, Population, simulate
from openkap.core.pharmacology.assumptions import ENGLISH
from openkap.web.exposure.words import ASSUMED, assumption_words


def said(language: str, given: GivenDose, people: Population | None = None) -> list[str]:
    found = simulate(model("otto-2021"), [given], Covariates(weight_kg=70.0), [20.0], people)
    with translation.override(language):
        return [assumption_words(one, language) for one in found.assumptions]


@pytest.mark.parametrize("record", ["otto-2021", "perez-ruixo-2021", "kamp-2020"])
def test_english_pages_say_what_the_engine_says(record: str) -> None:
    drug = "esketamine" if record == "perez-ruixo-2021" else "ketamine"
    people = Population(size=20, borrow=model("otto-2021")) if record == "kamp-2020" else Population(size=20)
    found = simulate(model(record), [dose(35, drug, span=40)], ADULT, [20.0], people)
    with translation.override("en"):
        words = [assumption_words(one, "en") for one in found.assumptions]
    assert len(words) == len(found.assumptions)
    assert words[0] == str(found.assumptions[0]) == "Amounts are free base."
    assert not any("%(" in one or "{" in one for one in words)


def test_every_kind_has_words() -> None:
    assert set(ASSUMED) == set(ENGLISH)


def test_a_spanish_reader_is_told_in_spanish() -> None:
    english, spanish = said("en", dose(35, span=40)), said("es", dose(35, span=40))
    assert len(english) == len(spanish)
    assert not set(english) & set(spanish)
    assumed = said("es", dose(35, route="im"), Population(size=20))
    assert any("intramuscular" in one for one in assumed)


@pytest.mark.parametrize("record", sorted(models()))
def test_a_records_own_sentences_are_in_both_languages(record: str) -> None:
    held = model(record)
    texts = [*held.warnings, *(r.assumption for r in held.structure.routes.values() if r.assumption)]
    assert texts
    assert all(text.es and text.es != text.en for text in texts)
