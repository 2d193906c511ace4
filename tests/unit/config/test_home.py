"""Where an installation keeps its data."""

from pathlib import Path

import pytest

from openkap.config.home import home_directory


def test_it_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENKAP_HOME", str(tmp_path / "clinic"))
    assert home_directory() == (tmp_path / "clinic").resolve()


def test_a_relative_name_is_made_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENKAP_HOME", "clinic")
    assert home_directory() == tmp_path.resolve() / "clinic"


def test_else_it_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPENKAP_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert home_directory() == tmp_path / "openkap"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home_directory() == tmp_path / ".local" / "share" / "openkap"
