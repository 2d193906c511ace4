"""The repository's own files, and the syntax trees of its modules."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "openkap"


@cache
def tracked_files() -> tuple[Path, ...]:
    """Files under version control, as they are in the working tree."""
    words = ["git", "-C", str(ROOT), "ls-files", "-z"]
    named = subprocess.run(words, capture_output=True, check=True).stdout.decode().split("\0")
    return tuple(path for name in named if name and (path := ROOT / name).is_file())


@cache
def texts() -> dict[Path, str]:
    """Text of every tracked file that has one."""
    found = {}
    for path in tracked_files():
        try:
            found[path] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


@cache
def modules() -> dict[str, ast.Module]:
    """Syntax tree of every module of the package by its dotted name."""
    return {name_of(path): ast.parse(text) for path, text in texts().items() if _is_module(path)}


def name_of(path: Path) -> str:
    """Dotted name of a module of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module) -> set[str]:
    """Dotted names that a module imports, in whatever place."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _is_module(path: Path) -> bool:
    return path.suffix == ".py" and PACKAGE in path.parents and "migrations" not in path.parts
