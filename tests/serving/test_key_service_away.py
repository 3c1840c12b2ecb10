"""A sealed model whose Vault is away: its start is waited for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.serving.machine import Machine
from tests.support.artefacts import average_colour
from tests.support.eventually import until
from tests.support.transit import TOKEN, serving

from lensmith.domain.project_version import VersionStatus
from lensmith.store.keyring.transit_keys import TransitKeys
from lensmith.store.sealed.copying import seal_copy
from lensmith.store.sealed.folder import create_sealed


def test_a_vault_that_is_away_is_waited_for(
    machine: Machine, red: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    with serving() as vault:
        vault.create("models")
        machine.settings = replace(
            machine.settings, vault_address=vault.address, vault_token_file=str(token)
        )
        machine.restart()
        version = machine.train_without_model("v1")
        average_colour(tmp_path / "plain")
        keys = TransitKeys(machine.settings)
        arn = keys.find("models", "us-east-1", "000000000000").key.arn
        directory = machine.settings.models_directory / str(version.id)
        directory.mkdir(parents=True)
        seal_copy(tmp_path / "plain", create_sealed(directory, keys, arn, {}))

        vault.is_sealed = True
        machine.start(version)
        until(lambda: "A unit cannot be started yet" in caplog.text)
        assert machine.find(version).status is VersionStatus.STARTING
        vault.is_sealed = False
        machine.await_status(version, VersionStatus.RUNNING)
    assert machine.detect(version.arn, red).detections[0].name == "red"
