"""docs/reference/commands.md, from the argument parsers: `python -m tools.commands_page` writes it."""

import argparse
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from openkap.cli import SUBJECTS

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"
HEAD = """# Commands

Made from the program itself by `python -m tools.commands_page`; `openkap COMMAND --help` says the same.

Every command ends with 0 when it has done what was asked, 1 when it was refused (the reason is on the error
stream), 2 when it was called wrongly. With `--json` the result is one JSON value on the standard output.
Where data lives and which database is used is said by [the environment](environment.md).
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, summary in SUBJECTS.items():
        parser = argparse.ArgumentParser(
            prog=f"openkap {name}", description=f"{summary[0].upper()}{summary[1:]}."
        )
        import_module(f"openkap.cli.{name}").configure(parser)
        parts += [f"## openkap {name}\n", f"{parser.description}\n", *_parts(parser)]
    return "\n".join(parts).rstrip() + "\n"


def _parts(parser: argparse.ArgumentParser) -> Iterator[str]:
    rows = [row for action in parser._actions if (row := _row(action))]  # noqa: SLF001 (argparse has no other way)
    if rows:
        yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            said = {choice.dest: choice.help for choice in action._choices_actions}  # noqa: SLF001
            for name, inner in action.choices.items():
                yield f"### {inner.prog}\n"
                if said.get(name):
                    yield f"{_sentence(said[name])}\n"
                yield from _parts(inner)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _row(action: argparse.Action) -> str:
    if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):  # noqa: SLF001
        return ""
    if action.help == argparse.SUPPRESS:
        return ""
    return f"| `{_call(action)}` | {_meaning(action)} |"


def _call(action: argparse.Action) -> str:
    value = _value(action)
    if not action.option_strings:
        return f"{value}..." if action.nargs in {"+", "*"} else value
    return " ".join(part for part in (", ".join(action.option_strings), value) if part)


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return "{" + ",".join(str(choice) for choice in action.choices) + "}"
    return str(action.metavar or (action.dest.upper() if action.option_strings else action.dest))


def _meaning(action: argparse.Action) -> str:
    said = (action.help or "") % {"default": action.default, "prog": "openkap"} if action.help else ""
    needed = "needed" if action.option_strings and action.required else ""
    return "; ".join(part for part in (said, needed) if part).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
