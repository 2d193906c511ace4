"""Writing SVG: escaping, attribute names, numbers."""

import pytest

from openkap.web.figures.svg import element, group, number, text, title


@pytest.mark.parametrize(("value", "written"), [(12.0, "12"), (0.0, "0"), (12.34, "12.3"), (-1.25, "-1.2")])
def test_numbers_are_short(value: float, written: str):
    assert number(value) == written


def test_an_element_without_children_closes_itself():
    assert element("rect", x=1.0, class_="a") == '<rect x="1" class="a"/>'


def test_an_attribute_without_a_value_is_left_out():
    assert element("rect", x=None, rx=2.0) == '<rect rx="2"/>'


def test_underlines_become_hyphens():
    assert element("text", "x", text_anchor="end") == '<text text-anchor="end">x</text>'


def test_words_are_escaped_in_text_title_and_attributes():
    assert text("<b>&", 0, 0) == '<text x="0" y="0">&lt;b&gt;&amp;</text>'
    assert title("a < b") == "<title>a &lt; b</title>"
    assert element("g", "", aria_label='"quoted"') == '<g aria-label="&quot;quoted&quot;"></g>'


def test_an_empty_group_is_nothing():
    assert group([]) == ""
    assert group(["", ""]) == ""
