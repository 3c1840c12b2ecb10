"""Requests that mean one thing to the judge and would mean another to the store."""

from __future__ import annotations

import base64
import hashlib
import http.client
import socket
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import httpx2
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from tests.gateway.conftest import ALLOW_ALL, User
from tests.gateway.sending import send_signed
from tests.gateway.test_judging import code, deny, put_policy, statement
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MakeUser = Callable[..., User]
SECRET = b"of another account"


@pytest.fixture(scope="module")
def thief(make_user: MakeUser) -> User:
    """The administrator of an account of its own."""
    return make_user(ALLOW_ALL, account="333344445555")


@pytest.fixture
def own(thief: User, bucket: str) -> str:
    """The thief's bucket, beside one with a secret in it."""
    name = f"{bucket}-own"
    thief.s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def secret(s3: S3Client, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="secret", Body=SECRET, Tagging="team=red")
    return bucket


def presigning(server: LiveServer, user: User, version: str = "s3v4") -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.s3_port}",
        region_name="us-east-1",
        aws_access_key_id=user.key_id,
        aws_secret_access_key=user.secret,
        config=Config(signature_version=version, s3={"addressing_style": "path"}),
    )


def post_form(
    server: LiveServer, user: User, bucket: str, fields: dict[str, str], **given: Any
) -> httpx2.Response:
    conditions = [{name: value} for name, value in fields.items()]
    form = presigning(server, user).generate_presigned_post(
        bucket, "taken", Fields=fields, Conditions=conditions
    )
    return httpx2.post(form["url"], data=form["fields"], files={"file": ("a", b"own")}, **given)


@pytest.mark.parametrize("name", ["x-amz-copy-source", "X-Amz-Copy-Source"])
def test_a_form_copies_no_object(
    server: LiveServer, thief: User, own: str, secret: str, name: str
) -> None:
    post_form(server, thief, own, {name: f"/{secret}/secret"})
    assert thief.s3.get_object(Bucket=own, Key="taken")["Body"].read() == b"own"


@pytest.mark.parametrize("name", ["x-amz-meta-a b", "x-amz-meta-a:b", "x-amz-meta-\u00e4"])
def test_a_field_that_is_no_header_is_refused(
    server: LiveServer, thief: User, own: str, name: str
) -> None:
    sent = post_form(server, thief, own, {name: "x"})
    assert sent.status_code == 400, sent.text
    assert code(lambda: thief.s3.head_object(Bucket=own, Key="taken")) == "404"


def test_the_headers_of_a_form_say_nothing_of_its_file(
    server: LiveServer, make_user: MakeUser, bucket: str
) -> None:
    algorithm = "x-amz-server-side-encryption"
    user = make_user(ALLOW_ALL, deny(StringNotEquals={f"s3:{algorithm}": "AES256"}))
    by_header = post_form(server, user, bucket, {}, headers={algorithm: "AES256"})
    assert by_header.status_code == 403
    assert post_form(server, user, bucket, {algorithm: "AES256"}).status_code == 204
    careful = make_user(ALLOW_ALL, deny(Null={"s3:if-none-match": "true"}))
    overwriting = post_form(server, careful, bucket, {}, headers={"If-None-Match": "*"})
    assert overwriting.status_code == 403


def test_a_form_has_the_tags_that_were_judged(
    server: LiveServer, make_user: MakeUser, bucket: str
) -> None:
    user = make_user(ALLOW_ALL, deny(StringEquals={"s3:RequestObjectTag/team": "red"}))
    red = "<Tag><Key>team</Key><Value>red</Value></Tag>"
    tagging = f"<Tagging><TagSet>{red}</TagSet></Tagging>"
    twice = {"tagging": tagging, "x-amz-tagging": "team=blue"}
    assert post_form(server, user, bucket, twice).status_code == 400
    assert post_form(server, user, bucket, {"tagging": tagging}).status_code == 403
    assert post_form(server, user, bucket, {"x-amz-tagging": "team=blue"}).status_code == 204


def send(
    server: LiveServer,
    user: User,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    """Send exactly this, signed."""
    status, _, content = send_signed(server, user, method, path, body, headers)
    return status, content


def delete(server: LiveServer, user: User, bucket: str, inner: str) -> bytes:
    body = f"<Delete>{inner}</Delete>".encode()
    digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    return send(server, user, "POST", f"/{bucket}?delete=", body, {"Content-MD5": digest})[1]


@pytest.mark.parametrize(
    "inner",
    [
        "<Object><Key>open</Key><Key>secret</Key></Object>",
        "<Object><Key>open</Key><key>secret</key></Object>",
        "<Object><Key>open</Key><Key><![CDATA[secret]]></Key></Object>",
        '<Object><Key>open</Key><x:Key xmlns:x="urn:x">secret</x:Key></Object>',
        "<Object><Key>open<Key>secret</Key></Key></Object>",
        "<Object><Object><Key>secret</Key></Object><Key>open</Key></Object>",
    ],
)
def test_an_object_is_deleted_by_the_name_that_was_judged(
    server: LiveServer, make_user: MakeUser, s3: S3Client, secret: str, inner: str
) -> None:
    arn = f"arn:aws:s3:::{secret}/open"
    user = make_user({"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": arn})
    delete(server, user, secret, inner)
    assert s3.get_object(Bucket=secret, Key="secret")["Body"].read() == SECRET


def test_tags_of_each_key_are_judged_in_delete_objects(
    make_user: MakeUser, s3: S3Client, secret: str
) -> None:
    s3.put_object(Bucket=secret, Key="open", Body=b"", Tagging="team=blue")
    s3.put_object(Bucket=secret, Key="bare", Body=b"")
    user = make_user(ALLOW_ALL, deny(StringEquals={"s3:ExistingObjectTag/team": "red"}))
    keys: Any = [{"Key": key} for key in ("open", "secret", "bare", "none")]
    answer = user.s3.delete_objects(Bucket=secret, Delete={"Objects": keys})
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [
        ("secret", "AccessDenied")
    ]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=secret)["Contents"]] == ["secret"]


def test_older_versions_and_parts_are_no_objects(
    make_user: MakeUser, s3: S3Client, bucket: str
) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    older = s3.put_object(Bucket=bucket, Key="k", Body=SECRET)["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    user = make_user(ALLOW_ALL, deny(StringLike={"s3:VersionId": "?*"})).s3
    assert code(lambda: user.get_object(Bucket=bucket, Key="k", VersionId=older)) == "AccessDenied"
    for key in (f"k.versions/v_{older}", "k.versions/", f".uploads/{upload}/0001.part", ".uploads"):
        assert code(lambda: user.get_object(Bucket=bucket, Key=key)) == "InvalidArgument"  # noqa: B023
        put = lambda: user.put_object(Bucket=bucket, Key=key, Body=b"")  # noqa: B023, E731
        assert code(put) == "InvalidArgument"
    s3.put_object(Bucket=bucket, Key="app.versions", Body=b"")  # a name like another
    s3.put_object(Bucket=bucket, Key="a/.uploads/b", Body=b"")


@pytest.mark.parametrize(
    "source",
    [
        "/{victim}/secret",
        "{victim}/secret",
        "%2F{victim}%2Fsecret",
        "{victim}%2Fsecret",
        "{own}/../{victim}/secret",
        "{own}/%2e%2e/{victim}/secret",
        "{own}/%252e%252e/{victim}/secret",
        "{own}/..%2F{victim}/secret",
        "{own}/..%5C{victim}/secret",
        "//{victim}/secret",
        "/{victim}/secret?versionId=null",
        "/{victim}/secret?versionId=null&versionId=x",
        "/{victim}/secret?partNumber=1",
        "/{victim}/secret?",
        "/{victim}/%FF",
        "/{victim}/%00secret",
        "{own}/own?versionId=null%26x=/{victim}/secret",
        "{own}/own, /{victim}/secret",
        "http://127.0.0.1/{victim}/secret",
        "arn:aws:s3:::{victim}/secret",
    ],
)
@pytest.mark.parametrize("part", ["", "?partNumber=1&uploadId={upload}"])
def test_a_copy_takes_the_source_that_was_judged(
    server: LiveServer, thief: User, own: str, secret: str, source: str, part: str
) -> None:
    upload = thief.s3.create_multipart_upload(Bucket=own, Key="taken")["UploadId"] if part else ""
    header = {"x-amz-copy-source": source.format(victim=secret, own=own)}
    path = f"/{own}/taken{part.format(upload=upload)}"
    status, content = send(server, thief, "PUT", path, headers=header)
    assert 400 <= status < 500, content
    assert code(lambda: thief.s3.head_object(Bucket=own, Key="taken")) == "404"


@pytest.mark.parametrize(
    "path",
    [
        "/{own}/../{victim}/secret",
        "/{own}/%2e%2e/{victim}/secret",
        "/{own}/%252e%252e/{victim}/secret",
        "/{own}%2F..%2F{victim}/secret",
        "/{own}/..%5c{victim}/secret",
        "/./{victim}/secret",
        "//{victim}/secret",
        "/{own}/;/../../{victim}/secret",
        "/%2F{victim}/secret",
        "/{victim}/secret/",
        "/{victim}%00/secret",
        "/{victim}/SECRET",
    ],
)
def test_a_path_reaches_what_was_judged(
    server: LiveServer, thief: User, own: str, secret: str, path: str
) -> None:
    for method in ("GET", "DELETE"):
        _, content = send(server, thief, method, path.format(victim=secret, own=own))
        assert SECRET not in content
    status, content = send(server, thief, "GET", f"/{secret}/secret")
    assert (status, SECRET in content) == (403, False)


@pytest.mark.parametrize("prefix", ["/", "/secret", "open//", "open/../", "open/../secret", "a\\b"])
def test_a_listing_begins_as_was_judged(
    make_user: MakeUser, s3: S3Client, bucket: str, prefix: str
) -> None:
    for key in ("secret", "open/a"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    client = make_user(ALLOW_ALL, deny(StringLike={"s3:prefix": ["", "s*"]})).s3
    for calls in ("list_objects", "list_objects_v2", "list_object_versions"):
        listing: Callable[..., Any] = getattr(client, calls)
        assert code(partial(listing, Bucket=bucket)) in ("", "AccessDenied")
        assert code(partial(listing, Bucket=bucket, Prefix="secret")) == "AccessDenied"
        if calls == "list_object_versions":
            assert code(partial(listing, Bucket=bucket, Prefix=prefix)) == "InvalidArgument"
        else:
            found = listing(Bucket=bucket, Prefix=prefix, Delimiter="/")
            assert not {"Contents", "CommonPrefixes"} & set(found)
            assert not found["IsTruncated"]
        assert code(partial(listing, Bucket=bucket, Prefix="open/..x")) == ""


def test_a_host_and_a_path_name_one_bucket(
    server: LiveServer, thief: User, s3: S3Client, own: str, secret: str
) -> None:
    thief.s3.put_object(Bucket=own, Key=f"{secret}/secret", Body=b"own")
    for host in (f"{own}.localhost", f"{own}.localhost:7401"):
        link = _presigned(thief, f"http://{host}/{secret}/secret")
        assert _read(server, host, link) == b"own"
    link = _presigned(thief, f"http://{own}.localhost/secret")
    for host in (f"{secret}.localhost", f"x.{own}.localhost", f"127.0.0.1:{server.s3_port}"):
        assert b"SignatureDoesNotMatch" in _read(server, host, link)
    for odd in (f"{own}/../{secret}.localhost", f"{secret}%2f.localhost", f"..{secret}.localhost"):
        content = _read(server, odd, _presigned(thief, f"http://{odd}/secret", host=odd))
        assert SECRET not in content
    assert s3.get_object(Bucket=secret, Key="secret")["Body"].read() == SECRET


def _presigned(user: User, url: str, host: str = "") -> str:
    """The target of a link that the user signed for a host."""
    headers = {"Host": host} if host else {}
    request = AWSRequest("GET", url if not host else "http://x/secret", headers)
    signer = S3SigV4QueryAuth(Credentials(user.key_id, user.secret), "s3", "us-east-1")
    signer.add_auth(request)
    return "/" + str(request.url).partition("://")[2].partition("/")[2]


def _read(server: LiveServer, host: str, target: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", server.s3_port, timeout=60)
    connection.request("GET", target, headers={"Host": host})
    content = connection.getresponse().read()
    connection.close()
    return content


def test_new_tags_are_judged_wherever_they_are(
    make_user: MakeUser, s3: S3Client, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    user = make_user(ALLOW_ALL, deny(StringEquals={"s3:RequestObjectTag/team": "red"})).s3
    red: Any = {"TagSet": [{"Key": "team", "Value": "red"}]}
    blue: Any = {"TagSet": [{"Key": "team", "Value": "blue"}]}
    for tags, refusal in ((red, "AccessDenied"), (blue, "")):
        tag = partial(user.put_object_tagging, Bucket=bucket, Key="k", Tagging=tags)
        assert code(tag) == refusal
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == blue["TagSet"]
    for given, refusal in (
        ("team=red", "AccessDenied"),
        ("team=blue&team=red", "InvalidTag"),
        ("team=red&team=blue", "InvalidTag"),
        ("Team=red&team=blue", "InvalidTag"),
        ("t%65am=red", "AccessDenied"),
        ("team=blue&stage=red", ""),
    ):
        put = partial(user.put_object, Bucket=bucket, Key="n", Body=b"", Tagging=given)
        assert code(put) == refusal
    twice: Any = {"TagSet": [*blue["TagSet"], *red["TagSet"]]}
    tag = partial(user.put_object_tagging, Bucket=bucket, Key="k", Tagging=twice)
    assert code(tag) == "InvalidTag"


def test_tags_are_copied_by_those_who_may_read_them(
    make_user: MakeUser, s3: S3Client, secret: str
) -> None:
    s3.put_object(Bucket=secret, Key="bare", Body=b"")
    objects = f"arn:aws:s3:::{secret}/*"
    allow = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": objects}
    user, source = make_user(allow).s3, {"Bucket": secret, "Key": "secret"}
    copy = user.copy_object
    assert code(lambda: copy(Bucket=secret, Key="c", CopySource=source)) == "AccessDenied"  # type: ignore[arg-type]
    bare: Any = {"Bucket": secret, "Key": "bare"}
    assert code(lambda: copy(Bucket=secret, Key="c", CopySource=bare)) == ""
    tags = ["s3:GetObjectTagging", "s3:PutObjectTagging"]
    both = make_user(allow, {"Effect": "Allow", "Action": tags, "Resource": objects}).s3
    both.copy_object(Bucket=secret, Key="c", CopySource=source)  # type: ignore[arg-type]
    (tag,) = s3.get_object_tagging(Bucket=secret, Key="c")["TagSet"]
    assert tag == {"Key": "team", "Value": "red"}


def test_a_link_of_version_2_does_what_was_signed(
    server: LiveServer, s3: S3Client, make_user: MakeUser, secret: str
) -> None:
    client = presigning(server, make_user(ALLOW_ALL), "s3")
    given = {"Bucket": secret, "Key": "secret"}
    read = client.generate_presigned_url("get_object", Params=given)
    assert "AWSAccessKeyId" in read
    assert httpx2.get(read).content == SECRET
    for more in ("attributes", "retention", "legal-hold", "tagging", "versionId=null"):
        assert httpx2.get(f"{read}&{more}").status_code in {400, 403}, more
    make = client.generate_presigned_url("create_bucket", Params={"Bucket": secret})
    for more in ("encryption", "publicAccessBlock", "ownershipControls", "object-lock"):
        assert httpx2.put(f"{make}&{more}", content=b"").status_code in {400, 403}, more
    listed = client.generate_presigned_url("list_objects_v2", Params={"Bucket": secret})
    assert b"<Key>secret</Key>" in httpx2.get(listed).content


def test_a_link_that_nobody_signed_chooses_no_headers(
    server: LiveServer, s3: S3Client, secret: str
) -> None:
    s3.put_public_access_block(
        Bucket=secret,
        PublicAccessBlockConfiguration={"BlockPublicPolicy": False, "RestrictPublicBuckets": False},
    )
    put_policy(s3, secret, statement("Allow", "*", "s3:GetObject", f"{secret}/*"))
    url = f"http://127.0.0.1:{server.s3_port}/{secret}/secret"
    assert httpx2.get(url).content == SECRET
    page = httpx2.get(f"{url}?response-content-type=text/html")
    assert (page.status_code, "InvalidRequest" in page.text) == (400, True)


def test_a_default_of_two_minds_is_refused(
    server: LiveServer, make_user: MakeUser, bucket: str
) -> None:
    default = (
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
        "<SSEAlgorithm>AES256</SSEAlgorithm><SSEAlgorithm>aws:kms</SSEAlgorithm>"
        "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
    )
    user = make_user(ALLOW_ALL)
    status, answer = send(server, user, "PUT", f"/{bucket}?encryption=", default.encode())
    assert (status, b"MalformedXML" in answer) == (400, True)


def test_a_range_of_sizes_is_a_number(server: LiveServer, thief: User, own: str) -> None:
    for bound in ("9" * 5000, "\u00b2", "-1", "1.5"):
        form = presigning(server, thief).generate_presigned_post(
            own, "k", Conditions=[["content-length-range", 0, bound]]
        )
        sent = httpx2.post(form["url"], data=form["fields"], files={"file": ("a", b"x")})
        assert (sent.status_code, "InvalidPolicyDocument" in sent.text) == (400, True)


AFTER = b"GET /after HTTP/1.1\r\nHost: localhost\r\n\r\n"
EMPTY_CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\n" + EMPTY_CHUNKS,
        b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
        b"Content-Length: 0, 44\r\n\r\n",
        b"Content-Length: +44\r\n\r\n",
        b"Content-Length : 44\r\n\r\n",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0;\nx\r\n\r\n",
        b"x-amz-meta-a: b\nx-amz-copy-source: /v/s\r\n\r\n",
        b"x-amz-meta-a: b\rx-amz-copy-source: /v/s\r\n\r\n",
        b"x-amz-meta-a: b\r\n x-amz-copy-source: /v/s\r\n\r\n",
        b"x-amz-meta-a: b\0c\r\n\r\n",
        b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    ],
)
def test_a_request_ends_where_every_proxy_sees_its_end(server: LiveServer, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.s3_port), 10) as client:
        client.sendall(b"POST /b HTTP/1.1\r\nHost: localhost\r\n" + head + AFTER)
        answer = b"".join(iter(partial(client.recv, 65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
