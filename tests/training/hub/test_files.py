from __future__ import annotations

import socket
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file
from tests.support.live_server import free_port
from tests.training.hub.hub_double import HubDouble, running
from tests.training.hub_detector.tiny_detectors import saved_detector

from lensmith.domain.training_report import SkipReason
from lensmith.training.hub import files as hub_files
from lensmith.training.hub.errors import BackboneUnavailableError
from lensmith.training.hub.files import backbone_folder
from lensmith.training.hub.load import load_hub_backbone
from lensmith.training.hub_detector.load import load_hub_detector


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library reads its variables once, when it is imported; these are where it keeps them."""
    monkeypatch.setattr(hub_files, "ANSWER_SECONDS", 60.0)  # for a busy machine
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "published"
    folder.mkdir()
    for name in ("config.json", "preprocessor_config.json", "model.safetensors", "code.py"):
        (folder / name).write_text(f"content of {name}")
    (folder / "pytorch_model.bin").write_text("a pickle")
    return folder


def ask(hub: HubDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    files = f"{hub.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", files)


def reason(name: str) -> SkipReason:
    with pytest.raises(BackboneUnavailableError) as caught:
        backbone_folder(name)
    assert caught.value.skipped.candidate == name
    return caught.value.skipped.reason


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert backbone_folder(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("name", ["/no/such/folder", "./here/or/there", "two//slashes", "a b"])
def test_neither_folder_nor_name(name: str) -> None:
    assert reason(name) is SkipReason.NO_SUCH_FOLDER


def test_only_the_wanted_files_are_fetched_and_only_once(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(HubDouble(published)) as hub:
        ask(hub, monkeypatch)
        folder = backbone_folder("owner/model")
        asked = len(hub.requests)
        assert backbone_folder("owner/model") == folder
        assert len(hub.requests) == asked
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
    ]
    assert (folder / "model.safetensors").read_text() == "content of model.safetensors"
    assert backbone_folder("owner/model") == folder  # nothing listens any more


def test_the_weights_of_a_detector_come_from_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = saved_detector("rt-detr-v2", tmp_path / "published")
    with running(HubDouble(folder)) as hub:
        ask(hub, monkeypatch)
        detector = load_hub_detector("owner/model@v2", labels=2, picture_sizes=[(64, 64)])
        with pytest.raises(BackboneUnavailableError, match=SkipReason.IS_A_DETECTOR):
            load_hub_backbone("owner/model@v2")
    assert (detector.name, detector.input_size) == ("owner/model@v2", (64, 64))
    stored = load_file(folder / "model.safetensors")
    loaded = detector.state_dict()
    name = "model.enc_output.0.weight"
    assert torch.equal(loaded[f"_network.{name}"], stored[name])


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (404, "RepoNotFound", SkipReason.NOT_ON_THE_HUB),
        (403, "GatedRepo", SkipReason.GATED),
        (404, "RevisionNotFound", SkipReason.NO_SUCH_REVISION),
        (418, "", SkipReason.HUB_STATUS),
    ],
)
def test_what_the_hub_refuses(
    status: int, error: str, expected: SkipReason, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(HubDouble(tmp_path, status, error)) as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        assert reason("owner/model@v2") is expected


def test_without_a_network() -> None:
    assert reason("facebook/dinov2-small") is SkipReason.UNREACHABLE


def test_a_hub_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_files, "ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert reason("facebook/dinov2-small") is SkipReason.UNREACHABLE


def test_offline_by_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert reason("facebook/dinov2-small") is SkipReason.OFFLINE
