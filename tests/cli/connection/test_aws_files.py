"""AWS configuration files written beside what is in them, read back by botocore."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.configloader import load_config

from lensmith.cli.connection.aws_files import (
    SectionSettings,
    config_path,
    with_section,
    write_sections,
)

OURS: SectionSettings = {
    "region": "us-east-1",
    "services": "ours",
    "s3": {"addressing_style": "path"},
}
THEIRS = """# my accounts

[default]
region = eu-west-1   ; home
output = json

[profile work]
role_arn = arn:aws:iam::123456789012:role/x
s3 =
    max_concurrent_requests = 20
    # tuned
    multipart_threshold = 64MB
source_profile = default
"""


def profiles(tmp_path: Path, text: str) -> dict[str, Any]:
    (tmp_path / "config").write_text(text)
    loaded = load_config(str(tmp_path / "config"))
    found: dict[str, Any] = loaded["profiles"]
    return found


def test_starts_a_file() -> None:
    assert with_section("", "profile ours", OURS) == (
        "[profile ours]\nregion = us-east-1\nservices = ours\ns3 =\n    addressing_style = path\n"
    )


def test_leaves_every_other_line_alone(tmp_path: Path) -> None:
    text = with_section(THEIRS, "profile ours", OURS)
    assert text.startswith(THEIRS)
    found = profiles(tmp_path, text)
    assert found["ours"] == OURS
    assert found["work"]["s3"]["multipart_threshold"] == "64MB"


def test_replaces_its_settings_and_keeps_the_users(tmp_path: Path) -> None:
    before = (
        "[profile ours]\n# kept\nregion=old\noutput = table\ns3 =\n    signature_version = s3v4\n"
        "    # gone\nservices = old\ncli_pager =\n\n" + THEIRS
    )
    text = with_section(before, "profile ours", OURS)
    assert text.endswith(THEIRS)
    assert "# kept" in text
    assert profiles(tmp_path, text)["ours"] == {**OURS, "output": "table", "cli_pager": ""}


def test_doing_it_twice_changes_nothing() -> None:
    once = with_section(THEIRS, "profile ours", OURS)
    assert with_section(once, "profile ours", OURS) == once


def test_finds_a_quoted_name_and_the_last_section(tmp_path: Path) -> None:
    text = with_section('[profile "ours"]\nregion = old', "profile ours", OURS)
    assert text.count("[") == 1
    assert profiles(tmp_path, text)["ours"] == OURS


def test_removes_what_is_none() -> None:
    before = "[ours]\naws_session_token = old\naws_access_key_id = old\n"
    after = with_section(before, "ours", {"aws_access_key_id": "new", "aws_session_token": None})
    assert after == "[ours]\naws_access_key_id = new\n"


def test_files_are_private_and_links_stay_links(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "config"
    link = tmp_path / "config"
    link.symlink_to(real)
    write_sections(link, {"profile ours": OURS})
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600


def test_paths_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "~/elsewhere")
    assert config_path() == Path.home() / "elsewhere"
    monkeypatch.delenv("AWS_CONFIG_FILE")
    assert config_path() == Path.home() / ".aws" / "config"
