from __future__ import annotations

import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from lensmith.store.boto_session import QuickLoader, boto_session


@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1", "waiters-2"])
def test_services_are_described_as_botocore_describes_them(kind: str) -> None:
    for service in ("s3", "rekognition"):
        described = QuickLoader().load_service_model(service, kind)
        assert described == Loader().load_service_model(service, kind)


@pytest.mark.parametrize("name", ["endpoints", "partitions", "_retry", "sdk-default-configuration"])
def test_other_files_are_the_same(name: str) -> None:
    assert QuickLoader().load_data(name) == Loader().load_data(name)


def test_what_is_not_there() -> None:
    with pytest.raises(UnknownServiceError, match="no-such-service"):
        QuickLoader().load_service_model("no-such-service", "service-2")
    with pytest.raises(DataNotFoundError):
        QuickLoader().load_service_model("sts", "waiters-2")


def test_a_folder_that_cannot_be_looked_into_has_no_services() -> None:
    loader = QuickLoader(extra_search_paths=["n" * 300])  # no name that a file may have
    assert "s3" in loader.list_available_services("service-2")


def test_sessions_add_no_folders() -> None:
    before = list(boto_session()._loader.search_paths)
    assert boto_session()._loader.search_paths == before


def test_a_client_signs_for_its_service() -> None:
    client = boto_session(aws_access_key_id="A", aws_secret_access_key="B").client(
        "s3", region_name="eu-west-1"
    )
    url = client.generate_presigned_url("get_object", Params={"Bucket": "orchard", "Key": "a"})
    assert url.startswith("https://orchard.s3.amazonaws.com/a?")
    assert not client.can_paginate("get_object")
