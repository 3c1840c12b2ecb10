"""The keyring in the records, and the folders that are sealed under its keys."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from tests.support.eventually import until

from lensmith.config import Settings
from lensmith.domain.clock import now_ms
from lensmith.domain.key import DAY_MS, Key, KeyState
from lensmith.domain.key_errors import KeyNotFoundError, KeyStateError
from lensmith.domain.project_version import VersionStatus
from lensmith.server.key_upkeep import KeyUpkeep
from lensmith.store.keyring.key_service import key_service
from lensmith.store.published.opening import published_folders
from lensmith.store.records import keys, project_versions, projects
from lensmith.store.records.engine import Records
from lensmith.store.sealed.copying import transcribe
from lensmith.store.sealed.file import SealedFolder
from lensmith.store.sealed.folder import (
    DATA_KEY_FILE,
    KeyUnusableError,
    create_sealed,
    open_folder,
    renew,
    rewrap,
)
from lensmith.training.job.memory_directory import MemoryDirectoryError
from lensmith.training.job.workspace import Workspace

CONTEXT = {"lensmith:project-arn": "arn:p"}


def sealed(path: Path, settings: Settings, records: Records, key: Key) -> SealedFolder:
    path.mkdir(parents=True, exist_ok=True)
    folder = create_sealed(path, key_service(settings, records), key.arn, CONTEXT)
    (folder / "file").write_bytes(b"content")
    return folder


def test_neither_records_nor_files_show_a_key(
    settings: Settings, records: Records, key: Key, tmp_path: Path
) -> None:
    folder = sealed(tmp_path / "f", settings, records, key)
    with records.read() as connection:
        material = keys.material(connection, key.key_id, 1)
    assert material is not None
    for secret in (material, folder.data_key):
        for path in tmp_path.rglob("*"):
            if path.is_file() and path.name != "root.key":
                assert secret not in path.read_bytes(), path
        assert repr(secret)[2:10] not in repr(folder)
    assert open_folder(settings, records, tmp_path / "f").__truediv__("file").read_bytes() == (
        b"content"
    )


def test_a_folder_depends_on_its_key(
    settings: Settings, records: Records, key: Key, tmp_path: Path
) -> None:
    sealed(tmp_path / "f", settings, records, key)
    for state in (KeyState.DISABLED, KeyState.PENDING_DELETION):
        with records.write() as connection:
            keys.change(connection, key.key_id, state=state)
        with pytest.raises(KeyUnusableError):
            open_folder(settings, records, tmp_path / "f")
    with records.write() as connection:
        keys.change(connection, key.key_id, state=KeyState.ENABLED)
        other = keys.create(connection, key.account_id, key.region, key.policy)
    rewrap(tmp_path / "f", key_service(settings, records), other.arn, {})
    with records.write() as connection:
        keys.change(connection, key.key_id, state=KeyState.DISABLED)
    assert (open_folder(settings, records, tmp_path / "f") / "file").read_bytes() == b"content"


def test_rotation_wraps_the_data_key_alone(
    settings: Settings, records: Records, key: Key, tmp_path: Path
) -> None:
    service = key_service(settings, records)
    sealed(tmp_path / "f", settings, records, key)
    before = (tmp_path / "f" / "file").read_bytes()
    assert not renew(tmp_path / "f", service)
    with records.write() as connection:
        keys.rotate(connection, key, "ON_DEMAND")
    assert renew(tmp_path / "f", service)
    assert not renew(tmp_path / "f", service)
    assert (tmp_path / "f" / "file").read_bytes() == before
    assert (open_folder(settings, records, tmp_path / "f") / "file").read_bytes() == b"content"


def artefact(records: Records, arn: str) -> str:
    with records.read() as connection:
        found = project_versions.find(connection, arn)
    assert found is not None
    assert found.artefact is not None
    return found.artefact


def test_upkeep_rotates_what_is_due_and_deletes_what_is_over(
    settings: Settings, records: Records, key: Key
) -> None:
    sealed(settings.data_directory / "made", settings, records, key)
    folders = published_folders(settings, records)
    digest = folders.publish(settings.data_directory / "made")
    with records.write() as connection:
        project = projects.create(connection, key.account_id, key.region, "parts")
        version = project_versions.create(
            connection,
            project,
            "v1",
            output_bucket="out",
            output_prefix="",
            training_input={},
            testing_input={},
            kms_key_id=key.arn,
        )
        status = VersionStatus.TRAINING_COMPLETED
        project_versions.finish_training(
            connection, version.id, status, result_files={}, artefact=digest
        )
        keys.change(connection, key.key_id, rotation_days=90, next_rotation_ms=now_ms())
        other = keys.create(connection, key.account_id, key.region, key.policy)
        keys.change(connection, other.key_id, state=KeyState.PENDING_DELETION, deletion_ms=now_ms())
    upkeep = KeyUpkeep(settings, records)
    upkeep.start()
    renewed = until(partial(artefact, records, version.arn), lambda now: now != digest)
    upkeep.stop()
    assert folders.read(renewed, "file") == folders.read(digest, "file")
    assert folders.read(renewed, DATA_KEY_FILE) != folders.read(digest, DATA_KEY_FILE)
    with records.read() as connection:
        rotated = keys.find(connection, key.key_id)
        assert keys.material(connection, other.key_id, 1) is None
    assert rotated is not None
    assert rotated.next_rotation_ms is not None
    assert (rotated.material, rotated.next_rotation_ms > now_ms() + 89 * DAY_MS) == (2, True)


def test_a_sealed_workspace_keeps_plaintext_in_memory(
    settings: Settings, records: Records, key: Key, tmp_path: Path
) -> None:
    service = key_service(settings, records)
    workspace = Workspace.of(
        settings, 7, 1, lambda path: create_sealed(path, service, key.arn, CONTEXT)
    )
    workspace.make_empty()
    (workspace.images / "0000000").write_bytes(b"canary")
    (workspace.manifests / "train.manifest").write_bytes(b"canary")
    (workspace.artefact / "model.json").write_bytes(b"canary")
    assert str(workspace.artefact).startswith(settings.memory_directory)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"canary" not in path.read_bytes(), path
    assert (workspace.images / "0000000").read_bytes() == b"canary"
    workspace.remove()
    assert not workspace.artefact.parent.exists()


def test_plaintext_never_goes_to_a_disk(settings: Settings, tmp_path: Path) -> None:
    on_disk = Settings(settings.data_directory, memory_directory="/proc")

    def seal(path: Path) -> SealedFolder:
        raise AssertionError(path)

    with pytest.raises(MemoryDirectoryError):
        Workspace.of(on_disk, 7, 1, seal).make_empty()
    assert not (settings.data_directory / "trainings").exists()


def test_a_deleted_key_is_unknown(settings: Settings, records: Records, key: Key) -> None:
    service = key_service(settings, records)
    with records.write() as connection:
        keys.change(
            connection,
            key.key_id,
            state=KeyState.PENDING_DELETION,
            deletion_ms=now_ms() + 60_000,
        )
    with pytest.raises(KeyStateError):
        service.find(key.arn, key.region, key.account_id)
    with records.write() as connection:
        keys.change(connection, key.key_id, deletion_ms=now_ms() - 1)
    with pytest.raises(KeyNotFoundError):
        service.find(key.arn, key.region, key.account_id)


def test_the_stored_form(settings: Settings, records: Records, key: Key, tmp_path: Path) -> None:
    sealed(tmp_path / "f", settings, records, key)
    stored = json.loads((tmp_path / "f" / DATA_KEY_FILE).read_text())
    assert set(stored) == {"form", "key", "context", "wrapped"}
    assert (stored["form"], stored["key"], stored["context"]) == (1, key.arn, CONTEXT)
    assert (tmp_path / "f" / DATA_KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_folders_are_copied_into_a_key_and_out_of_it(
    settings: Settings, records: Records, key: Key, tmp_path: Path
) -> None:
    plain, inside, outside = (tmp_path / name for name in ("plain", "inside", "outside"))
    (plain / "results").mkdir(parents=True)
    (plain / "model.json").write_bytes(b"canary")
    (plain / "results" / "summary.json").write_bytes(b"canary, too")
    inside.mkdir()
    folder = create_sealed(inside, key_service(settings, records), key.arn, CONTEXT)
    transcribe(plain, plain, inside, folder)
    assert not any(b"canary" in path.read_bytes() for path in inside.rglob("*") if path.is_file())
    outside.mkdir()
    transcribe(inside, open_folder(settings, records, inside), outside, outside)
    assert _contents(outside) == _contents(plain)


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
