from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.support.live_server import free_port
from tests.training.hub.hub_double import HubDouble, running
from tests.training.hub_detector.tiny_detectors import saved_detector

from lensmith.domain.training_report import SkipReason
from lensmith.training.hub.errors import BackboneUnavailableError
from lensmith.training.hub.files import backbone_folder
from lensmith.training.hub.load import load_hub_backbone
from lensmith.training.hub.source import HubSource
from lensmith.training.hub_detector.load import load_hub_detector


@pytest.fixture
def nowhere(tmp_path: Path) -> HubSource:
    """An empty cache, and a hub that is not there; patient, for a busy machine."""
    endpoint = f"http://127.0.0.1:{free_port()}"
    return HubSource(endpoint, tmp_path / "cache", offline=False, timeout=60.0)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "published"
    folder.mkdir()
    for name in ("config.json", "preprocessor_config.json", "model.safetensors", "code.py"):
        (folder / name).write_text(f"content of {name}")
    (folder / "pytorch_model.bin").write_text("a pickle")
    return folder


def reason(name: str, source: HubSource) -> SkipReason:
    with pytest.raises(BackboneUnavailableError) as caught:
        backbone_folder(name, source)
    assert caught.value.skipped.candidate == name
    return caught.value.skipped.reason


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert backbone_folder(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("name", ["/no/such/folder", "./here/or/there", "two//slashes", "a b"])
def test_neither_folder_nor_name(name: str, nowhere: HubSource) -> None:
    assert reason(name, nowhere) is SkipReason.NO_SUCH_FOLDER


def test_only_the_wanted_files_are_fetched_and_only_once(
    published: Path, nowhere: HubSource
) -> None:
    with running(HubDouble(published)) as hub:
        source = replace(nowhere, endpoint=hub.url)
        folder = backbone_folder("owner/model", source)
        asked = len(hub.requests)
        assert backbone_folder("owner/model", source) == folder
        assert len(hub.requests) == asked
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
    ]
    assert (folder / "model.safetensors").read_text() == "content of model.safetensors"
    assert backbone_folder("owner/model", source) == folder  # nothing listens any more


def test_the_weights_of_a_detector_come_from_the_hub(tmp_path: Path, nowhere: HubSource) -> None:
    folder = saved_detector("rt-detr-v2", tmp_path / "published")
    with running(HubDouble(folder)) as hub:
        source = replace(nowhere, endpoint=hub.url)
        detector = load_hub_detector("owner/model@v2", 2, [(64, 64)], source)
        with pytest.raises(BackboneUnavailableError, match=SkipReason.IS_A_DETECTOR):
            load_hub_backbone("owner/model@v2", source)
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
    status: int, error: str, expected: SkipReason, tmp_path: Path, nowhere: HubSource
) -> None:
    with running(HubDouble(tmp_path, status, error)) as hub:
        assert reason("owner/model@v2", replace(nowhere, endpoint=hub.url)) is expected


def test_without_a_network(nowhere: HubSource) -> None:
    assert reason("facebook/dinov2-small", nowhere) is SkipReason.UNREACHABLE


def test_a_hub_that_never_answers(nowhere: HubSource) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        source = replace(nowhere, endpoint=endpoint, timeout=0.3)
        assert reason("facebook/dinov2-small", source) is SkipReason.UNREACHABLE


def test_offline_by_setting(nowhere: HubSource) -> None:
    source = replace(nowhere, offline=True)
    assert reason("facebook/dinov2-small", source) is SkipReason.OFFLINE
