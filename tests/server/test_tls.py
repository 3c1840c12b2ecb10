"""A server with a certificate of its own and a rate for its keys, through boto3 on both ports."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, SSLError
from tests.support.live_server import LiveServer
from tests.support.tls_proxy import certificates

RATE = 2  # calls a second; 20 at once


@dataclass(frozen=True)
class Secured:
    live: LiveServer
    ca: Path
    environment: dict[str, str]

    def client(self, service: str, key: tuple[str, str] | None = None, **given: Any) -> Any:
        environment = self.environment
        port = self.live.s3_port if service == "s3" else self.live.port
        key_id, secret = key or (
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
        )
        made: Any = boto3.client
        return made(
            service,
            endpoint_url=f"https://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
            **{"verify": str(self.ca), **given},
        )


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    ca, chain = certificates(folder)
    given = {
        "LENSMITH_TLS_CERTIFICATE": str(chain),
        "LENSMITH_TLS_KEY": str(chain),
        "LENSMITH_ALLOWED_HOSTS": "lensmith.example",
        "LENSMITH_KEY_RATE": str(RATE),
    }
    live = LiveServer(folder / "home", given=given)
    live.start()
    yield Secured(live, ca, live.environment())
    assert live.stop() == 0, live.log.read_text()


def test_boto3_and_the_commands_reach_both_ports_by_the_private_authority(
    secured: Secured,
) -> None:
    assert secured.environment["AWS_ENDPOINT_URL_S3"].startswith("https://127.0.0.1:")
    assert secured.client("rekognition").describe_projects()["ProjectDescriptions"] == []
    s3 = secured.client("s3")
    s3.create_bucket(Bucket="by-tls-only")
    data = bytes(range(256)) * (9 << 12)  # 9 MiB
    s3.put_object(Bucket="by-tls-only", Key="data", Body=data)
    assert s3.get_object(Bucket="by-tls-only", Key="data")["Body"].read() == data
    s3.put_bucket_policy(Bucket="by-tls-only", Policy=_only_by_tls("by-tls-only"))
    assert s3.head_object(Bucket="by-tls-only", Key="data")["ContentLength"] == len(data)
    for service, call in (("rekognition", "describe_projects"), ("s3", "list_buckets")):
        with pytest.raises(SSLError):
            getattr(secured.client(service, verify=True), call)()
    secured.live.given["AWS_CA_BUNDLE"] = str(secured.ca)
    status = secured.live.run("status")
    assert f"https://127.0.0.1:{secured.live.port}" in status


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_plain_and_old_connections_are_refused(secured: Secured) -> None:
    for port in (secured.live.port, secured.live.s3_port):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        assert _version(context, port) == "TLSv1.3"
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        assert _version(context, port) == "TLSv1.2"
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            _version(context, port)
        plain = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        plain.request("GET", "/")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            plain.getresponse()
        plain.close()


def test_cookies_are_secure_and_names_of_hosts_strict(secured: Secured) -> None:
    body = json.dumps(
        {
            "access_key_id": secured.environment["AWS_ACCESS_KEY_ID"],
            "secret_access_key": secured.environment["AWS_SECRET_ACCESS_KEY"],
        }
    )

    def headers(host: str) -> http.client.HTTPMessage:
        context = ssl.create_default_context(cafile=str(secured.ca))
        client = http.client.HTTPSConnection("127.0.0.1", secured.live.port, context=context)
        client.request("POST", "/_lensmith/session", body, {"Host": host})
        reply = client.getresponse()
        assert reply.status == 200, reply.read()
        client.close()
        return reply.headers

    named = headers("lensmith.example")
    assert named["set-cookie"].endswith("; Secure")
    assert named["strict-transport-security"] == "max-age=31536000"
    for host in (f"127.0.0.1:{secured.live.port}", f"localhost:{secured.live.port}"):
        assert "strict-transport-security" not in headers(host)


def test_a_large_head_is_refused_by_tls_too(secured: Secured) -> None:
    for port in (secured.live.port, secured.live.s3_port):
        context = ssl.create_default_context(cafile=str(secured.ca))
        client = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
        client.request("GET", "/", headers={f"X-{number}": "x" for number in range(120)})
        assert client.getresponse().status == 431
        client.close()


def test_a_keys_rate_is_its_own_and_a_wrong_secret_uses_none(secured: Secured) -> None:
    iam = secured.client("iam")
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=_ALLOW)
    made = iam.create_access_key(UserName="ada")["AccessKey"]
    ada = made["AccessKeyId"], made["SecretAccessKey"]
    wrong = ada[0], "not the secret"
    calls: dict[str, Callable[[Any], Any]] = {
        "rekognition": lambda client: client.describe_projects(),
        "s3": lambda client: client.list_buckets(),
    }
    for service, call in calls.items():
        attacker, client = secured.client(service, wrong), secured.client(service, ada)
        refused = {_code(call, attacker) for _ in range(RATE * 11)}
        assert refused <= {"InvalidSignatureException", "SignatureDoesNotMatch"}
        assert _code(call, client) == ""
        codes = [_code(call, client) for _ in range(RATE * 30)]
        expected = {"rekognition": "ThrottlingException", "s3": "SlowDown"}[service]
        assert set(codes) == {"", expected}
        assert codes[: RATE * 8] == [""] * (RATE * 8)
        assert _code(call, secured.client(service)) == ""
    assert _code(lambda sts: sts.get_caller_identity(), secured.client("sts", ada)) in (
        "",
        "Throttling",
    )


_ALLOW = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)


def _only_by_tls(bucket: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{bucket}/*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
    )


def _version(context: ssl.SSLContext, port: int) -> str | None:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        return connection.version()


def _code(call: Callable[[Any], Any], client: Any) -> str:
    try:
        call(client)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""
