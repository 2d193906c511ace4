"""docs/reference/environment.md names every variable that is read, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
VARIABLE = re.compile(r"\bOPENKAP_[A-Z_]*[A-Z]\b")
DOCUMENTED = set(re.findall(r"^\| `(OPENKAP_[A-Z_]+)` \|", PAGE, re.MULTILINE))


def variables_in(*folders: str) -> set[str]:
    """Every OPENKAP_ name that stands in the sources there."""
    files = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".mjs", ".ts", ".sh"} and not {"static", "__pycache__"} & set(path.parts)
    ]
    assert files
    return {name for path in files for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}


def test_every_variable_of_the_program_is_documented() -> None:
    assert variables_in("src") - DOCUMENTED == set()


def test_nothing_is_documented_that_nobody_reads() -> None:
    assert DOCUMENTED - variables_in("src", "tests", "tools") == set()


def test_what_only_tests_read_is_not_offered_to_installations() -> None:
    for_installations = PAGE.partition("For tests and documentation only")[0]
    assert set(VARIABLE.findall(for_installations)) <= variables_in("src")


def test_the_default_of_the_idle_time_and_the_sign_in_is_the_one_of_the_settings() -> None:
    settings = (ROOT / "src" / "openkap" / "config" / "settings.py").read_text(encoding="utf-8")
    for name in ("OPENKAP_IDLE_MINUTES", "OPENKAP_SIGN_IN_HOURS", "OPENKAP_PROXIES", "OPENKAP_LOG_LEVEL"):
        found = re.search(rf'"{name}", "(\w+)"', settings)
        assert found is not None
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}`"))
        assert (
            row.rpartition("| ")[0].rpartition("| ")[2].strip("` ") == found[1] or found[1] in row.split("|")[3]
        )
