"""docs/reference/rule-coverage.md: no rule without a line, no line without an answer."""

import os
import re
from datetime import date

from tools import rule_coverage

from openkap import knowledge

DAY = date(2026, 11, 21)
KNOWN = knowledge.load(DAY)
LINES = rule_coverage.lines()


def test_the_page_is_current() -> None:
    """Make it anew with `python -m tools.rule_coverage`."""
    if os.environ.get("OPENKAP_WRITE_DOCS"):
        rule_coverage.PAGE.write_text(rule_coverage.page(DAY), encoding="utf-8")
    assert rule_coverage.PAGE.read_text(encoding="utf-8") == rule_coverage.page(DAY)


def test_every_rule_has_its_line_and_every_line_its_answer() -> None:
    assert {rule for line in LINES for rule in line.get("rules", {})} == set(KNOWN.rules)
    for line in LINES:
        assert line.keys() & {"rules", "elsewhere", "not_a_rule"}, line["line"]


def test_every_rule_does_what_is_written_by_whose_word_it_is_written() -> None:
    """The second place: a rule made laxer, or given another authority, is noticed here."""
    written = {rule: said for line in LINES for rule, said in line.get("rules", {}).items()}
    for rule in KNOWN.rules.values():
        assert written[rule.id] == f"{rule.action.value} by {rule.authority.value}", rule.id


def test_two_lines_on_one_rule_say_the_same() -> None:
    said: dict[str, set[str]] = {}
    for line in LINES:
        for rule, does in line.get("rules", {}).items():
            said.setdefault(rule, set()).add(does)
    assert {rule: does for rule, does in said.items() if len(does) > 1} == {}


def test_items_of_clearance_that_are_named_are_there() -> None:
    named = {item for line in LINES for item in re.findall(r"clearance-[a-z-]+", line.get("elsewhere", ""))}
    assert named <= set(KNOWN.clearance_items)
    assert len(named) >= 10


def test_every_finding_can_name_the_place_it_rests_on() -> None:
    """A locator one could open; a convention says that it has none."""
    for rule in KNOWN.rules.values():
        for source in rule.sources:
            assert len(source.locator) >= 5, rule.id
            if source.citation == "OpenKAP convention":
                assert rule.verification == "convention" or len(rule.sources) > 1, rule.id
