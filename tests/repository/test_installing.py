"""Whoever clones the repository gets what was tested, from whichever index serves them."""

import json
import os
import re
import subprocess

import pytest
from tests.repository.sources import ROOT, texts, tracked_files

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
# Written in pieces, so that this file passes its own test.
MACHINE_PATHS = [re.compile(rf"(?<![\w.~-])/{name}/") for name in ("wo" + "rk", "ro" + "ot", "home/[a-z]+")]
INDEX_HOSTS = ["py" + "pi.org", "pythonhosted" + ".org", "registry.npm" + "js.org", "registry.yarn" + "pkg.com"]


def requirements(text: str) -> list[str]:
    """The pinned requirements of a lock, each with its hashes, on one line."""
    joined = text.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.strip().startswith("#")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_pins_versions_and_hashes_and_names_no_address(lock: os.PathLike[str]) -> None:
    text = texts()[ROOT / lock]
    pinned = requirements(text)
    assert len(pinned) >= 1
    assert [line for line in pinned if not re.match(r"^[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+", line)] == []
    assert [line for line in pinned if "--hash=sha256:" not in line] == []
    assert "://" not in text


def test_what_runs_is_pinned_alike_for_development() -> None:
    def versions(name: str) -> dict[str, str]:
        lines = requirements(texts()[ROOT / f"requirements/{name}.lock"])
        found = (line.split()[0].partition("==") for line in lines)
        return {package: version for package, _, version in found}

    run, dev = versions("run"), versions("dev")
    assert {name: (run[name], dev.get(name)) for name in run if dev.get(name) != run[name]} == {}


def test_there_is_no_lock_that_holds_addresses() -> None:
    assert [path.name for path in tracked_files() if path.name in {"uv.lock", "poetry.lock", "yarn.lock"}] == []
    packages = json.loads(texts()[ROOT / "package-lock.json"])["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and not package.get("integrity")] == []


def test_no_file_names_a_machine_or_an_index() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in texts().items()
        for pattern in MACHINE_PATHS
        for match in pattern.finditer(text)
    ]
    found += [
        f"{path.relative_to(ROOT)}: {host}"
        for path, text in texts().items()
        for host in INDEX_HOSTS
        if host in text
    ]
    assert found == []


def test_the_automatic_checks_are_the_ones_of_everybody() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"]


def test_make_help_tells_every_command() -> None:
    words = {**os.environ, "MAKEFLAGS": ""}
    told = subprocess.run(
        ["make", "-C", ROOT, "help"], capture_output=True, text=True, check=True, env=words
    ).stdout
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: ([a-z-]+)$", makefile, re.MULTILINE)) - {"help"}
    assert {name for name in phony if f"make {name} " not in told} == set()


def test_what_is_built_is_not_kept() -> None:
    built = ("src/openkap/web/static/built/", "node_modules/", ".venv/", ".openkap/")
    kept = [str(path.relative_to(ROOT)) for path in tracked_files()]
    assert [name for name in kept if name.startswith(built) or name.endswith((".mo", ".pyc"))] == []
