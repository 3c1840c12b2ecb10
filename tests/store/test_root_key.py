from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from lensmith.domain.errors import StartupError
from lensmith.store.root_key import RootKey


def test_a_sealed_secret_opens_under_its_name_and_key_only(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    sealed = RootKey(path).seal(b"secret", "a")
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"secret" not in sealed
    assert RootKey(path).unseal(sealed, "a") == b"secret"
    with pytest.raises(StartupError, match="not the root key"):
        RootKey(path).unseal(sealed, "b")
    other = tmp_path / "other.key"
    RootKey(other).seal(b"", "")
    with pytest.raises(StartupError, match=r"other\.key is not the root key"):
        RootKey(other).unseal(sealed, "a")


def test_a_missing_or_broken_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    sealed = RootKey(path).seal(b"secret", "a")
    path.unlink()
    with pytest.raises(StartupError, match=r"root\.key is missing"):
        RootKey(path).unseal(sealed, "a")
    assert not path.exists()
    path.write_text("c2hvcnQ=\n")
    with pytest.raises(StartupError, match="32 bytes"):
        RootKey(path).unseal(sealed, "a")
    with pytest.raises(StartupError, match="LENSMITH_ROOT_KEY_FILE"):
        RootKey(None).seal(b"", "")


def test_a_key_that_others_can_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    sealed = RootKey(path).seal(b"secret", "name")
    for mode, told in ((0o600, 0), (0o640, 0), (0o644, 1), (0o602, 1)):
        path.chmod(mode)
        with capture_logs() as logs:
            assert RootKey(path).unseal(sealed, "name") == b"secret"
        assert len(logs) == told
        assert all(str(path) in log["cure"] for log in logs)
