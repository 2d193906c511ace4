"""Where the keys of the process notes come from; without them nothing is opened or sealed."""

import base64
import stat
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from openkap.adapters.sealing import PROCESS_NOTES, SealBroken, keyring

KEY = base64.urlsafe_b64encode(b"1" * 32).decode()
OTHER = base64.urlsafe_b64encode(b"2" * 32).decode()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = tmp_path
    monkeypatch.delenv(PROCESS_NOTES.environment, raising=False)
    return tmp_path


def test_the_first_key_is_made_once_and_readable_by_nobody_else(home: Path) -> None:
    first = keyring(may_make=True)
    path = home / "keys" / "process-notes"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert keyring(may_make=True) == first == keyring(may_make=False)
    assert [entry.name for entry in path.parent.iterdir()] == ["process-notes"]


def test_no_key_is_made_where_one_was_lost(home: Path) -> None:
    with pytest.raises(SealBroken, match="missing"):
        keyring(may_make=False)
    assert not (home / "keys").exists()


def test_the_environment_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROCESS_NOTES.environment, f"k2:{OTHER},k1:{KEY}")
    ring = keyring(may_make=False)
    assert (ring.current, set(ring.keys)) == ("k2", {"k1", "k2"})


@pytest.mark.parametrize(
    "text",
    ["nonsense", "k1:", f":{KEY}", "k1:dG9vc2hvcnQ=", f"k1:{KEY},k1:{OTHER}", f"k1:{KEY}!!", "k1:ключ", " , "],
)
def test_keys_that_cannot_be_read_are_refused_without_showing_them(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESS_NOTES.environment, text)
    with pytest.raises(SealBroken) as refused:
        keyring(may_make=True)
    assert KEY not in str(refused.value)


def test_a_ring_does_not_show_its_keys() -> None:
    assert "111" not in repr(keyring(may_make=True))
