"""Keys elsewhere: in KMS through boto3, here another Lensmith's; in Vault, here a stand-in."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from tests.support.live_server import LiveServer
from tests.support.transit import TOKEN, Transit, serving

from lensmith.config import Settings
from lensmith.domain.key_errors import (
    CiphertextError,
    KeyDisabledError,
    KeyNotFoundError,
    KeyUnavailableError,
)
from lensmith.store.keyring.remote_keys import RemoteKeys
from lensmith.store.keyring.transit_keys import TransitKeys
from lensmith.store.sealed.file import SealedFolder
from lensmith.store.sealed.folder import DATA_KEY_FILE, create_sealed, renew, rewrap

ACCOUNT, REGION = "000000000000", "us-east-1"
CONTEXT = {"lensmith:project-arn": "arn:p"}


@pytest.fixture
def transit() -> Iterator[Transit]:
    with serving() as made:
        made.create("models")
        yield made


@pytest.fixture
def vault(transit: Transit, tmp_path: Path) -> Settings:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    return Settings(tmp_path, vault_address=transit.address, vault_token_file=str(token))


def test_vault_wraps_data_keys(transit: Transit, vault: Settings, tmp_path: Path) -> None:
    keys = TransitKeys(vault)
    found = keys.find("models", REGION, ACCOUNT)
    assert found.key.arn == f"arn:aws:kms:{REGION}:{ACCOUNT}:key/models"
    made = keys.generate(found.key.arn, CONTEXT)
    assert keys.unwrap(found.key.arn, made.ciphertext, CONTEXT) == made.plaintext
    with pytest.raises(CiphertextError):
        keys.unwrap(found.key.arn, made.ciphertext, {})

    folder = create_sealed(tmp_path, keys, found.key.arn, CONTEXT)
    (folder / "file").write_bytes(b"content")
    before = (tmp_path / DATA_KEY_FILE).read_bytes()
    assert not renew(tmp_path, keys)
    transit.create("models")  # a version more
    assert renew(tmp_path, keys)
    assert (tmp_path / DATA_KEY_FILE).read_bytes() != before
    transit.create("others")
    rewrap(tmp_path, keys, found.key.arn.replace("models", "others"), {"other": "context"})
    del transit.keys["models"]
    assert _read(tmp_path, keys) == b"content"


def test_vaults_keys_belong_to_accounts_by_their_names(transit: Transit, vault: Settings) -> None:
    transit.create("111122223333-models")
    keys = TransitKeys(vault)
    assert keys.find("111122223333-models", REGION, "111122223333").key.account_id == "111122223333"
    for name, account in (("models", "111122223333"), ("none", ACCOUNT), ("alias/x", ACCOUNT)):
        with pytest.raises(KeyNotFoundError):
            keys.find(name, REGION, account)


def test_vault_that_refuses_or_is_away(vault: Settings, tmp_path: Path) -> None:
    Path(vault.vault_token_file).write_text("another")
    closed = replace(vault, vault_address="http://127.0.0.1:9")
    no_token = replace(vault, vault_token_file=str(tmp_path / "none"))
    for settings in (vault, closed, no_token):
        with pytest.raises(KeyUnavailableError) as raised:
            TransitKeys(settings).find("models", REGION, ACCOUNT)
        assert TOKEN not in str(raised.value)


def test_kms_elsewhere_wraps_data_keys(
    server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = server.environment()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, given[name])
    endpoint = given["AWS_ENDPOINT_URL"]
    kms: Any = boto3.client("kms", endpoint_url=endpoint, region_name=REGION)
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    other = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/elsewhere", TargetKeyId=arn)
    keys = RemoteKeys(Settings(tmp_path, kms_endpoint_url=endpoint))
    assert keys.find("alias/elsewhere", REGION, ACCOUNT).key.arn == arn
    folder = create_sealed(tmp_path, keys, arn, CONTEXT)
    (folder / "file").write_bytes(b"content")
    rewrap(tmp_path, keys, other, {"other": "context"})
    kms.disable_key(KeyId=arn)
    assert _read(tmp_path, keys) == b"content"
    with pytest.raises(KeyDisabledError):
        keys.find(arn, REGION, ACCOUNT)
    for name, account in (("unknown", ACCOUNT), (other, "111122223333")):
        with pytest.raises(KeyNotFoundError):
            keys.find(name, REGION, account)
    away = RemoteKeys(Settings(tmp_path, kms_endpoint_url="http://127.0.0.1:9"))
    with pytest.raises(KeyUnavailableError):
        away.find(arn, REGION, ACCOUNT)


def _read(path: Path, keys: TransitKeys | RemoteKeys) -> bytes:
    stored = json.loads((path / DATA_KEY_FILE).read_text())
    data_key = keys.unwrap(stored["key"], base64.b64decode(stored["wrapped"]), stored["context"])
    return (SealedFolder(path, data_key) / "file").read_bytes()
