"""docs/reference/states.md, from the tables of moves and the core itself: `python -m tools.states_page`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from openkap.core.assessment.suicide_risk import (
    Choice,
    Evidence,
    Level,
    course_of_risk,
    hold_on_dosing,
)

ROOT = Path(__file__).parents[1]
APPS = ROOT / "src" / "openkap" / "apps"
PAGE = ROOT / "docs" / "reference" / "states.md"
HEAD = """# States

Made from the code by `python -m tools.states_page`. What is not drawn is not allowed: an operation that
asks for it is refused and changes nothing.
"""
RISK = """## The level of suicide risk

Worked out anew from everything that was answered and found, never stored. Answers only raise it; only a
clinician's certain result (of which nothing unknown could make it more) lowers it. `answers` is the highest
level that any sign gives.
"""
HOLD = """## The hold on dosing

While the psychiatrist's decision is open there is no dose, whatever was found since. A decision for a setting
of higher care ends the hold; one against a dose stands until a clinician's certain result after it. Any new
opening asks anew.
"""
START = datetime(2026, 1, 1, tzinfo=UTC)
Situation = tuple[Level, bool, Choice | None, bool]  # level, decision asked for, its choice, result after it
FIRST: Situation = (Level.LOW, False, None, False)
Moves = Mapping[Any, StrEnum]  # by (state, verb)
Edges = dict[tuple[str, str], list[str]]


def page() -> str:
    """The whole page."""
    parts = [HEAD, RISK, _diagram(risk_edges()), HOLD, _diagram(hold_edges())]
    for title, moves in machines():
        parts += [f"## {title}\n", _diagram(edges_of(moves), starts=_starts(moves))]
    return "\n".join(parts).rstrip() + "\n"


def machines() -> Iterator[tuple[str, Moves]]:
    """Every table of moves in the apps, with the name of what moves."""
    for path in sorted(APPS.glob("*/states.py")):
        module = import_module(f"openkap.apps.{path.parent.name}.states")
        for name, value in vars(module).items():
            if name.endswith("MOVES"):
                kind = type(next(iter(value.values()))).__name__.removesuffix("State")
                yield kind, value


def edges_of(moves: Moves) -> Edges:
    """The verbs between each two states."""
    edges: Edges = {}
    for (before, verb), after in moves.items():
        edges.setdefault((before.value, after.value), []).append(verb)
    return edges


def risk_edges() -> Edges:
    """What an answer and what a certain result makes of each level, by asking the core."""
    edges: Edges = {}
    for before in Level:
        for said in Level:
            for by_clinician, word in ((False, "answers"), (True, "result")):
                if said is Level.NOT_ASSESSED:
                    continue
                first = Evidence(START, before, by_clinician=True, certain=True)
                then = Evidence(START + timedelta(hours=1), said, by_clinician=by_clinician, certain=True)
                after = course_of_risk([first, then])[-1].level
                if after is not before:
                    edges.setdefault((before.value, after.value), []).append(word)
    return edges


def hold_edges() -> Edges:
    """How the hold changes with what happens, by asking the core in every situation it can be in."""
    edges: Edges = {}
    waiting, seen = [FIRST], set[Situation]()
    while waiting:
        situation = waiting.pop()
        if situation in seen:
            continue
        seen.add(situation)
        for word, after in _happens(*situation):
            verbs = edges.setdefault((_hold(situation), _hold(after)), [])
            if word not in verbs and _hold(situation) != _hold(after):
                verbs.append(word)
            waiting.append(after)
    return {ends: verbs for ends, verbs in edges.items() if verbs}


def _happens(
    level: Level, asked: bool, choice: Choice | None, found_since: bool
) -> Iterator[tuple[str, Situation]]:
    yield "high risk or acute answers", (Level.HIGH, True, None, False)
    yield "a clinician finds less", (Level.LOW, asked, choice, choice is not None)
    if asked and choice is None:
        for one in Choice:
            yield f"decision: {one.value}", (level, asked, one, found_since)


def _hold(situation: Situation) -> str:
    level, asked, choice, found_since = situation
    hold = hold_on_dosing(level, asked=asked, choice=choice, found_since=found_since)
    return hold.value if hold else "no hold"


def _starts(moves: Moves) -> list[str]:
    """Where nothing leads to: the first state."""
    reached = {after for (before, _verb), after in moves.items() if before is not after}
    befores = dict.fromkeys(before for before, _verb in moves)
    return [before.value for before in befores if before not in reached] or [next(iter(befores)).value]


def _diagram(edges: Edges, starts: list[str] | None = None) -> str:
    names = dict.fromkeys(name for ends in edges for name in ends)
    ids = {name: name.replace("-", "_").replace(" ", "_") for name in names}
    lines = [f'    state "{name}" as {ids[name]}' for name in names if ids[name] != name]
    lines += [f"    [*] --> {ids[name]}" for name in starts or []]
    lines += [
        f"    {ids[before]} --> {ids[after]}: {', '.join(dict.fromkeys(verbs))}"
        for (before, after), verbs in edges.items()
    ]
    ends = [name for name in names if starts and not any(before == name for before, _after in edges)]
    lines += [f"    {ids[name]} --> [*]" for name in ends]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```\n"])


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openkap.config.settings")
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
