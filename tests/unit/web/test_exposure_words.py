"""What a prediction assumes, in the reader's language."""

import pytest
from django.utils import translation
from tests.factories.pharmacology import ADULT, dose, model, models

from openkap.core.pharmacology import Covariates, GivenDose, Population, simulate
from openkap.core.pharmacology.assumptions import ENGLISH
from openkap.errors import BadInput
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
    texts += [held.variability.unknown] if held.variability.unknown else []
    assert texts
    assert all(text.es and text.es != text.en for text in texts)


@pytest.mark.parametrize(("record", "given", "english", "spanish"), [
    ("otto-2021", [dose(9, span=40), dose(9, start=30, span=10)],
     "Dose 2: start_min: it overlaps dose 1, which runs until 40 min.",
     "Dosis 2: start_min: se solapa con la dosis 1, que dura hasta el minuto 40."),
    ("perez-ruixo-2021", [dose(30, "esketamine", "in")],
     "Dose 1: amount_mg: 30 mg is not a whole number of 28-mg devices.",
     "Dosis 1: amount_mg: 30 mg no son un número entero de dispositivos de 28 mg."),
    ("otto-2021", [dose(-1)],
     "Dose 1: amount_mg: must be more than zero.",
     "Dosis 1: amount_mg: debe ser mayor que cero."),
    ("kamp-2020", [dose(35, span=40)],  # the record's own reason inside the engine's sentence
     ("kamp-2020 has no between-subject variances: The table of variances was not seen. "
      "Name a model to borrow them from: otto-2021."),
     ("kamp-2020 no tiene varianzas entre personas: No se vio la tabla de varianzas. "
      "Indique un modelo del que tomarlas prestadas: otto-2021.")),
])  # fmt: skip
def test_what_the_engine_refuses_is_said_in_the_readers_language(
    record: str, given: list[GivenDose], english: str, spanish: str
) -> None:
    with pytest.raises(BadInput) as caught:
        simulate(model(record), given, ADULT, [20.0], Population(size=20))
    with translation.override("en"):
        assert str(caught.value) == english
    with translation.override("es"):
        assert str(caught.value) == spanish
    assert caught.value.args == (english,)  # what a terminal prints, where no language was chosen
