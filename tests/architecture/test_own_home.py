"""No test can reach the user's own settings, by itself or through a child process."""

from __future__ import annotations

import ctypes.util
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from tests.support.own_home import OwnHome, UsersHomeError

_CHILD = "import boto3, pathlib; print(pathlib.Path.home(), boto3.Session().available_profiles)"


def test_a_child_process_has_the_tests_home() -> None:
    printed = subprocess.check_output([sys.executable, "-c", _CHILD], text=True).split()
    assert printed == [os.environ["HOME"], "[]"]
    assert boto3.Session().available_profiles == []


def test_no_setting_of_the_user_is_left(own_home: OwnHome) -> None:
    assert Path.home() != own_home.users
    left = {name for name in os.environ if name.startswith(("AWS_", "LENSMITH_", "XDG_"))}
    assert left == {"AWS_EC2_METADATA_DISABLED", "LENSMITH_HOME"}


def test_the_users_files_cannot_be_opened(own_home: OwnHome) -> None:
    with pytest.raises(UsersHomeError, match="user's own files"):
        (own_home.users / ".aws" / "config").open()
    assert len(own_home.violations) == 1
    own_home.violations.clear()


@pytest.mark.parametrize("named", [False, True])
def test_a_child_process_cannot_have_the_users_home(own_home: OwnHome, named: bool) -> None:
    environment = {"HOME": str(own_home.users)} if named else {}
    with pytest.raises(UsersHomeError, match="needs the test's HOME"):
        subprocess.run([sys.executable, "-V"], env=environment, check=False)
    assert len(own_home.violations) == 1
    own_home.violations.clear()


def test_libraries_can_still_be_located() -> None:
    assert ctypes.util.find_library("c") is not None
