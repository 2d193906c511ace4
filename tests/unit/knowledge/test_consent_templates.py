"""Consent texts: every element is said, every figure has its source, both languages say the same figures."""

from typing import Any

import pytest
from pydantic import ValidationError

from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.consent_template import BLANK, FIGURE, ConsentTemplate, Element, Section
from openkap.knowledge.schema.record import Effect
from openkap.units import Route

TEMPLATES = read_kind("consent_templates", ConsentTemplate)
MAIN = [template for template in TEMPLATES.values() if template.kind == "main"]
SECTIONS = [(template.id, section) for template in TEMPLATES.values() for section in template.sections]


def sections_of(template: ConsentTemplate, route: Route) -> list[Section]:
    parts = [template, *(TEMPLATES[part] for part in template.parts)]
    return [s for part in parts for s in part.sections if not s.routes or route in s.routes]


@pytest.mark.parametrize(
    ("template", "route"), [(t, r) for t in MAIN for r in t.routes], ids=lambda v: getattr(v, "id", str(v))
)
def test_every_element_is_said_for_every_route(template: ConsentTemplate, route: Route) -> None:
    sections = sections_of(template, route)
    said = {element for section in sections for element in section.elements}
    assert set(Element) - said == set()
    orders = [section.order for section in sections]
    assert len(orders) == len(set(orders)), "two sections claim the same place"
    assert len({section.id for section in sections}) == len(sections)


@pytest.mark.parametrize(("record", "section"), SECTIONS, ids=lambda v: getattr(v, "id", v))
def test_a_section_is_whole_in_both_languages_and_rests_on_something(record: str, section: Section) -> None:
    assert section.title.es
    assert section.figures or section.rests_on, f"{record}: {section.id} rests on nothing"
    for text in section.paragraphs:
        assert text.es
        figures = [
            sorted(f.replace(",", ".") for f in FIGURE.findall(BLANK.sub("", words)))
            for words in (text.en, text.es)
        ]
        assert figures[0] == figures[1]
        assert sorted(BLANK.findall(text.en)) == sorted(BLANK.findall(text.es))


def test_drugs_and_routes_that_are_given_have_exactly_one_main_text() -> None:
    covered = [(drug, route) for t in MAIN for drug in t.drugs for route in t.routes]
    assert len(covered) == len(set(covered))
    assert {drug for drug, _ in covered} == {"ketamine", "esketamine"}


def test_no_text_is_used_before_the_medical_director_adopts_it() -> None:
    for template in TEMPLATES.values():
        assert template.effect is Effect.PERMISSIVE
        assert template.needs_sign_off


def test_parts_exist_and_addenda_do_not_repeat_a_section_of_the_text() -> None:
    own = {s.id for t in TEMPLATES.values() if t.kind != "addendum" for s in t.sections}
    for template in TEMPLATES.values():
        assert set(template.parts) <= set(TEMPLATES)
        if template.kind == "addendum":
            assert not own & {section.id for section in template.sections}


A_SECTION: dict[str, Any] = {
    "id": "a-section",
    "order": 1,
    "title": {"en": "A title"},
    "paragraphs": [{"en": "It costs {price}."}],
}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("In 12 of 100 people.", "without source"),
        ("It costs {salary}.", "no blank"),
    ],
)
def test_a_figure_without_source_and_an_unknown_blank_are_refused(said: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Section.model_validate(A_SECTION | {"paragraphs": [{"en": said}]})


def test_a_source_for_a_figure_that_is_not_said_is_refused() -> None:
    source = {"citation": "A paper", "locator": "table 1"}
    figure = {"value": "12", "says": "percent", "source": source, "verification": "source"}
    with pytest.raises(ValidationError, match="not said"):
        Section.model_validate(A_SECTION | {"figures": [figure]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "main", "agreement": None},
        {"kind": "part"},
        {"kind": "addendum", "agreement": None, "explained": None},
    ],
)
def test_a_text_says_what_its_kind_asks_for(wrong: dict[str, Any]) -> None:
    whole = TEMPLATES["consent-ketamine"].model_dump()
    ConsentTemplate.model_validate(whole)
    with pytest.raises(ValidationError):
        ConsentTemplate.model_validate(whole | wrong)
