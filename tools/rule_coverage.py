"""docs/reference/rule-coverage.md, from lines the tests keep: `python -m tools.rule_coverage` writes it."""

from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from openkap import knowledge
from openkap.knowledge.schema.rule import Rule

ROOT = Path(__file__).parents[1]
LINES = ROOT / "tests" / "reference" / "rule_coverage.yaml"
PAGE = ROOT / "docs" / "reference" / "rule-coverage.md"
HEAD = """# What the rules cover

Every line of the clinical review on selection, treatment trials, interactions and safety, and the rules it
became, or why it became none. Made by `python -m tools.rule_coverage` from
`tests/reference/rule_coverage.yaml`; a test holds that every rule stands here, doing what is written. Page,
table or section of each source are in the record and with each finding.

A trial's exclusion and another programme's policy warn until a site adopts them. What was not read in its
source and restricts waits for the medical director's sign-off, and holds until then.
"""


def lines() -> list[dict[str, Any]]:
    """The lines as kept: section, line, rules by id, what is elsewhere, why it is no rule."""
    found: list[dict[str, Any]] = yaml.safe_load(LINES.read_text(encoding="utf-8"))["lines"]
    return found


def page(on: date) -> str:
    """The whole page, by the records in force on a day."""
    rules = knowledge.load(on).rules
    parts = [HEAD]
    for section, kept in groupby(lines(), key=lambda line: line["section"]):
        parts += [f"## {section}\n", "| line | rules |", "|---|---|"]
        parts += [f"| {line['line']} | {_said(line, rules)} |" for line in kept]
        parts.append("")
    counted = len({rule for line in lines() for rule in line.get("rules", {})})
    return "\n".join([*parts, f"{counted} rules."]) + "\n"


def _said(line: dict[str, Any], rules: Any) -> str:
    said = [_rule(rules[rule]) for rule in line.get("rules", {})]
    if "elsewhere" in line:
        said.append(f"Elsewhere: {line['elsewhere']}")
    if "not_a_rule" in line:
        said.append(f"No rule: {line['not_a_rule']}")
    return "<br>".join(said)


def _rule(rule: Rule) -> str:
    fixed = ", not overridden" if rule.contraindication else ""
    return f"`{rule.id}`: {rule.action.value}{fixed} ({rule.authority.value}, {rule.verification.value})"


if __name__ == "__main__":
    PAGE.write_text(page(date.today()), encoding="utf-8")  # noqa: DTZ011 - a page of the day it is made on
