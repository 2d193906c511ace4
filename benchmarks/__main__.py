"""All benchmarks, one after the other, or those that are named: `python -m benchmarks [NAME ...] [--write]`.

A benchmark is a package with a `__main__`; its docstring says what it measures. What it prints is kept under
benchmarks/output. `--write` makes the page docs/reference/benchmarks.md from what was kept.
"""

import argparse
import ast
import subprocess
import sys
from pathlib import Path

from benchmarks import page
from benchmarks.reporting import OUTPUT

HERE = Path(__file__).parent


def registry() -> dict[str, str]:
    """Every benchmark with the first line of what it says of itself."""
    return {
        path.parent.name: (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition(
            "\n"
        )[0]
        for path in sorted(HERE.glob("*/__main__.py"))
    }


def main(words: list[str]) -> int:
    """Run them; exit code 1 when one fails, 2 when one is unknown."""
    known = registry()
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)} (default: all)")
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--write", action="store_true", help="write the page of the documentation")
    options = parser.parse_args(words)
    if unknown := set(options.names) - set(known):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if options.list:
        print("\n".join(f"{name:<14} {summary}" for name, summary in known.items()))
        return 0
    codes = {name: run(name) for name in options.names or known}
    print("\n".join(f"{name:<14} {'done' if code == 0 else 'failed'}" for name, code in codes.items()))
    if options.write:
        page.write()
    return int(any(codes.values()))


def run(name: str) -> int:
    """Run one in a process of its own, and keep what it prints as benchmarks/output/<name>.txt."""
    print(f"== {name}", flush=True)
    OUTPUT.mkdir(exist_ok=True)
    words = [sys.executable, "-m", f"benchmarks.{name}"]
    with (
        (OUTPUT / f"{name}.txt").open("w", encoding="utf-8") as kept,
        subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            kept.write(line)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
