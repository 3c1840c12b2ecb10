from __future__ import annotations

from pathlib import Path

import pytest

from lensmith.cli.connection.settings import read_settings
from lensmith.config import Settings
from lensmith.domain.detector_size import DetectorSize
from lensmith.domain.errors import StartupError


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("", ()),
        ("facebook/dinov2-small", ("facebook/dinov2-small",)),
        (" /models/a , owner/b@v1,, owner/b@v1", ("/models/a", "owner/b@v1")),
    ],
)
def test_backbones_are_named_between_commas(listed: str, names: tuple[str, ...]) -> None:
    assert Settings.from_environment({"LENSMITH_BACKBONES": listed}).backbones == names


@pytest.mark.parametrize(
    ("given", "size"),
    [("auto", None), ("small", DetectorSize.SMALL), ("large", DetectorSize.LARGE)],
)
def test_the_size_of_detectors_can_be_chosen(given: str, size: DetectorSize | None) -> None:
    settings = Settings.from_environment({"LENSMITH_DETECTOR_SIZE": given})
    assert settings.detector_size is size
    assert Settings.from_environment(settings.to_environment()) == settings


def test_a_size_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="SIZE must be auto or small or large, not 'huge'"):
        Settings.from_environment({"LENSMITH_DETECTOR_SIZE": "huge"})


def test_a_child_process_reads_the_same_settings() -> None:
    settings = Settings(Path("/data"), port=1234, backbones=("owner/a", "/models/b"))
    assert Settings.from_environment(settings.to_environment()) == settings


@pytest.mark.parametrize("text", ["-5", "0.0", "", "ten", "1e3", "\u0665"])
def test_a_number_that_is_none_is_refused_by_the_name_of_its_variable(text: str) -> None:
    for variable in ("LENSMITH_TRAINING_BUDGET", "LENSMITH_QUOTA_LABELS"):
        with pytest.raises(ValueError, match=f"{variable} must be a whole number.*{text!r}"):
            Settings.from_environment({variable: text})


def test_a_unit_on_ray_may_ask_for_a_part_of_a_gpu() -> None:
    assert (
        Settings.from_environment({"LENSMITH_CLUSTER_UNIT_GPUS": "0.25"}).cluster_unit_gpus == 0.25
    )
    for text in ("-1", "nan", "1e3", "", "0.00001"):
        with pytest.raises(ValueError, match="LENSMITH_CLUSTER_UNIT_CPUS must be a number"):
            Settings.from_environment({"LENSMITH_CLUSTER_UNIT_CPUS": text})


def test_a_training_budget_is_in_seconds_and_0_leaves_it_to_lensmith() -> None:
    for text, seconds in (("90", 90), ("0", 0)):
        settings = Settings.from_environment({"LENSMITH_TRAINING_BUDGET": text})
        assert settings.training_budget_seconds == seconds


def test_the_command_line_refuses_it_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENSMITH_TRAINING_BUDGET", "-5")
    with pytest.raises(StartupError, match="LENSMITH_TRAINING_BUDGET must be a whole number"):
        read_settings()


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from a file\n")
    named = {"LENSMITH_METRICS_TOKEN_FILE": str(file)}
    assert Settings.from_environment(named).metrics_token == "from a file"
    given = Settings.from_environment({**named, "LENSMITH_METRICS_TOKEN": "itself"})
    assert given.metrics_token == "itself"
    assert Settings.from_environment({"LENSMITH_METRICS_TOKEN_FILE": ""}).metrics_token == ""
    file.unlink()
    with pytest.raises(ValueError, match=r"LENSMITH_METRICS_TOKEN_FILE: .*token: No such file"):
        Settings.from_environment(named)


def test_what_is_no_secret_is_read_from_no_file(tmp_path: Path) -> None:
    assert (
        Settings.from_environment({"LENSMITH_REGION_FILE": "/etc/hostname"}).region == "us-east-1"
    )
