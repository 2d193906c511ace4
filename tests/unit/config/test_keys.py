"""Keys are made once, kept privately, and never changed."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from openkap.config.keys import key, passwords


def test_a_key_is_made_once(tmp_path: Path) -> None:
    first = key(tmp_path, "secret-key")
    assert len(first) >= 50
    assert key(tmp_path, "secret-key") == first


def test_keys_differ_by_name_and_home(tmp_path: Path) -> None:
    made = {key(tmp_path / home, name) for home in ("a", "b") for name in ("one", "two")}
    assert len(made) == 4


def test_only_its_user_can_read_it(tmp_path: Path) -> None:
    key(tmp_path, "secret-key")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["secret-key"]


def test_many_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: key(tmp_path, "secret-key"), range(32)))) == 1


def test_each_login_has_its_own_password(tmp_path: Path) -> None:
    found = passwords(tmp_path)
    assert len({found.admin, found.owner, found.app}) == 3
    assert passwords(tmp_path) == found
