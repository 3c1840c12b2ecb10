"""The key of an account that encrypts objects whose writer names none, `alias/aws/s3`."""

from __future__ import annotations

import json

from lensmith.config import Settings
from lensmith.domain.key import KeyName, alias_arn
from lensmith.store.records import keys
from lensmith.store.records.engine import Records

ALIAS = "alias/aws/s3"


def s3_key(settings: Settings, records: Records, region: str, account_id: str) -> str:
    """Return the name of an account's key for S3; made at its first use in the own keyring."""
    if settings.kms_endpoint_url or settings.vault_address:
        return ALIAS
    name = KeyName(region, account_id, alias=ALIAS)
    if records.read_cached(keys.find_alias, name) is None:
        with records.write() as connection:
            if keys.find_alias(connection, name) is None:
                description = "Encrypts objects whose writer names no key"
                key = keys.create(connection, account_id, region, _policy(account_id), description)
                keys.create_alias(connection, name, key.key_id)
    return alias_arn(region, account_id, ALIAS)


def _policy(account_id: str) -> str:
    """Allow every principal of the account to use the key, as AWS's own does."""
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"kms:CallerAccount": account_id},
                "StringLike": {"kms:ViaService": "s3.*"},
            },
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
            "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
            "Resource": "*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
