"""Forms that botocore signs, and what is answered to a page that sends one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import httpx2
import pytest
from botocore.config import Config
from tests.gateway.conftest import ALLOW_ALL, User
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TAGGING = "<Tagging><TagSet><Tag><Key>bed</Key><Value>3</Value></Tag></TagSet></Tagging>"


@pytest.fixture(scope="module")
def user(make_user: Callable[..., User]) -> User:
    return make_user(ALLOW_ALL)


class Forms:
    """Signs forms for one bucket, and sends them."""

    def __init__(self, server: LiveServer, user: User, bucket: str, version: str) -> None:
        self.reader = user.s3  # calls of version 2 are refused, but for forms
        self._client: S3Client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{server.s3_port}",
            region_name="us-east-1",
            aws_access_key_id=user.key_id,
            aws_secret_access_key=user.secret,
            config=Config(signature_version=version),
        )
        self.bucket = bucket
        self.url = ""

    def signed(self, **fields: str) -> dict[str, str]:
        """The fields of a form that may say exactly these."""
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        for name in [name for name in named if name.startswith("success-")]:
            named[name.replace("-", "_")] = named.pop(name)
        conditions: Any = [{name: value} for name, value in named.items()]
        form = self._client.generate_presigned_post(
            self.bucket, "up/k", Fields=dict(named), Conditions=conditions
        )
        self.url = form["url"]
        return {**form["fields"]}

    def send(self, fields: dict[str, str]) -> httpx2.Response:
        files = {"file": ("a.jpg", b"data")}
        return httpx2.post(self.url, data=fields, files=files, follow_redirects=False)

    def refused(self, fields: dict[str, str]) -> str:
        found = re.search("<Code>(.*?)</Code>", self.send(fields).text)
        assert found
        return found[1]


@pytest.fixture(params=["s3", "s3v4"])
def forms(request: pytest.FixtureRequest, server: LiveServer, user: User, bucket: str) -> Forms:
    return Forms(server, user, bucket, request.param)


def test_a_page_is_answered_as_it_asks(forms: Forms) -> None:
    made = forms.send(
        forms.signed(
            success_action_status="201",
            tagging=TAGGING,
            acl="private",
            Content_Type="image/jpeg",
            x_amz_meta_bed="3",
        )
    )
    assert made.status_code == 201
    assert f"<Bucket>{forms.bucket}</Bucket><Key>up/k</Key>" in made.text
    assert made.headers["Location"].endswith(f"/{forms.bucket}/up/k")
    named: Any = {"Bucket": forms.bucket, "Key": "up/k"}
    kept = forms.reader.head_object(**named)
    assert (kept["ContentType"], kept["Metadata"]) == ("image/jpeg", {"bed": "3"})
    assert forms.reader.get_object_tagging(**named)["TagSet"] == [{"Key": "bed", "Value": "3"}]

    assert forms.send(forms.signed(success_action_status="200")).status_code == 200
    page = "https://shop.example/done?a=1"
    sent_on = forms.send(forms.signed(success_action_redirect=page))
    assert sent_on.status_code == 303
    assert sent_on.headers["Location"].startswith(f"{page}&bucket={forms.bucket}&key=up%2Fk&etag=")
    script = forms.send(forms.signed(success_action_redirect="javascript:alert(1)"))
    assert (script.status_code, "Location" in script.headers) == (204, True)
    assert "javascript" not in script.headers["Location"]


def test_forms_that_are_not_as_they_were_signed(forms: Forms) -> None:
    fields = forms.signed()

    def without(name: str) -> dict[str, str]:
        return {key: value for key, value in fields.items() if key.lower() != name}

    assert forms.refused(without("key")) == "InvalidArgument"
    assert forms.refused(without("policy")) == "InvalidArgument"
    name = "signature" if "signature" in fields else "x-amz-signature"
    assert forms.refused({**fields, name: fields[name][::-1]}) == "SignatureDoesNotMatch"
    who = "awsaccesskeyid" if "AWSAccessKeyId" in fields else "x-amz-credential"
    assert forms.refused(without(who)) == "InvalidArgument"
    unsigned = {"key": "up/k"}
    assert forms.refused(unsigned) == "AccessDenied"
    assert forms.refused(forms.signed(acl="public-read")) == "AccessControlListNotSupported"
    broken = forms.signed(x_amz_meta_bed="1\r\nX-Other: 2")
    assert forms.refused(broken) == "InvalidArgument"
    assert "Contents" not in forms.reader.list_objects_v2(Bucket=forms.bucket)
