"""Browsers and programs that an OpenID Connect provider signs in, on a live server."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.boto3.identities import allow, code_of, trust
from tests.support.browser_session import BrowserSession
from tests.support.live_server import LiveServer
from tests.support.openid_provider import CLIENT, SECRET, OpenIdProvider, openid_provider
from tests.support.tls_proxy import tls_proxy

LIST = "rekognition:DescribeProjects"


@dataclass
class Browser:
    """Follows addresses one at a time and keeps cookies."""

    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, address: str) -> tuple[int, str, str]:
        """Status, Location, body."""
        parts = urlsplit(address)
        client = http.client.HTTPConnection(parts.netloc)
        client.request("GET", f"{parts.path}?{parts.query}", headers={"Cookie": self.sent})
        reply = client.getresponse()
        for line in reply.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
            assert "HttpOnly" in line
            same_site = "strict" if name.startswith("lensmith-sign-in-") else "lax"
            assert f"samesite={same_site}" in line.lower()
        body = reply.read().decode()
        client.close()
        return reply.status, reply.headers.get("Location", ""), body


@dataclass(frozen=True)
class Trusting:
    live: LiveServer
    provider: OpenIdProvider
    of_account: OpenIdProvider  # by TLS, as IAM wants it; no setting names it
    role_arn: str
    iam: Any

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.live.port}"

    def callback(self, browser: Browser) -> str:
        """Begin to sign in and let the provider answer; the address that it sends back to."""
        status, to_provider, _ = browser.get(f"{self.url}/_lensmith/openid/sign-in")
        assert status == 303
        assert SECRET not in to_provider
        status, back, _ = browser.get(to_provider)
        assert status == 302
        return back

    def session(
        self, token: str, host: str | None = None, browser: Browser | None = None
    ) -> dict[str, Any]:
        client = http.client.HTTPConnection("127.0.0.1", self.live.port)
        headers = {"X-Forwarded-For": host} if host else {}
        if browser is not None:
            headers["Cookie"] = browser.sent
        client.request("POST", "/_lensmith/session", json.dumps({"token": token}), headers)
        found: dict[str, Any] = json.loads(client.getresponse().read())
        client.close()
        return found


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trusting]:
    folder = tmp_path_factory.mktemp("authority")
    with (
        openid_provider() as provider,
        openid_provider() as of_account,
        tls_proxy(folder, urlsplit(of_account.issuer).port or 0) as proxy,
    ):
        of_account.issuer = proxy.url
        live = LiveServer(
            tmp_path_factory.mktemp("openid"),
            given={
                "LENSMITH_OIDC_ISSUER": provider.issuer,
                "LENSMITH_OIDC_AUDIENCES": "programs",
                "LENSMITH_OIDC_CLIENT_ID": CLIENT,
                "LENSMITH_OIDC_CLIENT_SECRET": SECRET,
                "LENSMITH_OIDC_ROLES": "vision=labeller,ops=nobody",
                "LENSMITH_TRUSTED_PROXIES": "127.0.0.1",
                "SSL_CERT_FILE": str(proxy.ca_bundle),
            },
        )
        live.start()
        given = live.environment()
        iam: Any = boto3.client(
            "iam",
            endpoint_url=given["AWS_ENDPOINT_URL_IAM"],
            region_name="us-east-1",
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        )
        host = provider.issuer.removeprefix("http://")
        federated = {"Federated": f"arn:aws:iam::000000000000:oidc-provider/{host}"}
        document = trust(
            federated,
            "sts:AssumeRoleWithWebIdentity",
            Condition={"StringEquals": {f"{host}:aud": ["programs", CLIENT]}},
        )
        made = iam.create_role(RoleName="labeller", AssumeRolePolicyDocument=document)["Role"]
        iam.put_role_policy(RoleName="labeller", PolicyName="p", PolicyDocument=allow(LIST))
        yield Trusting(live, provider, of_account, made["Arn"], iam)
        assert live.stop() == 0, live.log.read_text()


def test_a_person_signs_in_by_the_provider(trusting: Trusting) -> None:
    browser = Browser()
    assert json.loads(browser.get(f"{trusting.url}/_lensmith/openid")[2]) == {"configured": True}
    trusting.provider.claims = {"sub": "ada", "email": "ada@id.example", "groups": ["x", "vision"]}
    back = trusting.callback(browser)
    status, address, _ = browser.get(back)
    assert status == 303
    token = address.removeprefix("/#token=")
    for other in (None, Browser()):  # who was sent the address is not signed in by it
        refused = trusting.session(token, browser=other)
        assert refused["__type"] == "UnrecognizedClientException"
    who = trusting.session(token, host="192.0.2.7", browser=browser)
    assert who["arn"] == "arn:aws:sts::000000000000:assumed-role/labeller/ada@id.example"
    assert trusting.session(token, browser=browser)["__type"] == "UnrecognizedClientException"
    again, _, text = browser.get(back)
    assert again == 400
    assert "AccessDeniedException" in text
    assert SECRET not in trusting.live.log.read_text()
    assert token not in trusting.live.log.read_text()


def test_the_cookie_is_secure_where_a_trusted_proxy_says_that_it_speaks_tls(
    server: LiveServer, trusting: Trusting
) -> None:
    for given, header, is_secure in (
        (trusting.live, {"X-Forwarded-Proto": "https"}, True),
        (trusting.live, {}, False),
        (server, {"X-Forwarded-Proto": "https"}, False),
    ):
        keys = given.environment()
        body = {
            "access_key_id": keys["AWS_ACCESS_KEY_ID"],
            "secret_access_key": keys["AWS_SECRET_ACCESS_KEY"],
        }
        answer = BrowserSession(given).send(
            "POST", "/_lensmith/session", json.dumps(body).encode(), header
        )
        assert answer.status == 200
        assert ("; Secure" in answer.headers["Set-Cookie"]) is is_secure


def test_tokens_of_the_terminal_stay_on_this_machine(trusting: Trusting) -> None:
    address = trusting.live.run("console")
    token = address.partition("#token=")[2].split()[0]
    refused = trusting.session(token, host="192.0.2.7")
    assert "machine of the server only" in refused["message"]
    assert trusting.session(token)["arn"].endswith(":user/admin")


def test_other_answers_sign_nobody_in(trusting: Trusting) -> None:
    def refused(browser: Browser, address: str) -> str:
        status, location, text = browser.get(address)
        assert (status, location) == (400, ""), text
        return str(json.loads(text)["message"])

    one, other = Browser(), Browser()
    mine, theirs = trusting.callback(one), trusting.callback(other)
    assert "another browser" in refused(one, theirs)
    assert "Begin the sign-in again" in refused(Browser(), mine)
    denied = f"{mine.partition('?')[0]}?{urlencode({'error': 'access_denied', 'state': 'x'})}"
    assert "access_denied" in refused(one, denied)
    forged = Browser({name: f"{value[:-8]}AAAAAAAA" for name, value in one.cookies.items()})
    assert "Begin the sign-in again" in refused(forged, mine)
    for claims, message in (
        ({"nonce": "another"}, "not of this sign-in"),
        ({"aud": "programs"}, "did not sign you in"),
        ({"aud": [CLIENT, "programs"]}, "another client"),
        ({"iss": "https://id.example"}, "did not sign you in"),
        ({"groups": ["else"]}, "has a role"),
        ({"groups": None}, "has a role"),
        ({"groups": ["ops"]}, "Not authorized"),
    ):
        trusting.provider.claims = {"sub": "ada", "groups": ["vision"], **claims}
        browser = Browser()
        status, _, text = browser.get(trusting.callback(browser))
        if status == 429:  # ten failures a minute
            break
        assert status == 400
        assert message in json.loads(text)["message"]
    trusting.provider.claims = {"sub": "ada", "groups": ["vision"]}


def assuming(trusting: Trusting, role_arn: str) -> Callable[[str], Any]:
    sts: Any = boto3.client(
        "sts",
        endpoint_url=trusting.url,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED),
    )
    return lambda token: sts.assume_role_with_web_identity(
        RoleArn=role_arn, RoleSessionName="job", WebIdentityToken=token
    )


def test_programs_get_a_role_by_a_provider_of_the_account(trusting: Trusting) -> None:
    iam, issuer = trusting.iam, trusting.of_account
    host = issuer.issuer.removeprefix("https://")
    document = trust(
        {"Federated": f"arn:aws:iam::000000000000:oidc-provider/{host}"},
        "sts:AssumeRoleWithWebIdentity",
        Condition={"StringEquals": {f"{host}:aud": "robots", f"{host}:sub": "arm"}},
    )
    role = iam.create_role(RoleName="robot", AssumeRolePolicyDocument=document)["Role"]
    iam.put_role_policy(RoleName="robot", PolicyName="p", PolicyDocument=allow(LIST))
    assume = assuming(trusting, role["Arn"])

    def code(**claims: Any) -> str | None:
        return code_of(lambda: assume(issuer.token(**{"aud": "robots", "sub": "arm", **claims})))

    unknown = "No OpenID Connect provider of the account signed"
    with pytest.raises(ClientError, match=unknown):
        assume(issuer.token(aud="robots", sub="arm"))
    arn = iam.create_open_id_connect_provider(Url=issuer.issuer)["OpenIDConnectProviderArn"]
    assert code() == "InvalidIdentityToken"  # no client ID, no audience
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="robots")
    answer = assume(issuer.token(aud="robots", sub="arm"))
    assert answer["Provider"] == issuer.issuer
    given = answer["Credentials"]
    session: Any = boto3.client(
        "rekognition",
        endpoint_url=trusting.url,
        region_name="us-east-1",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    assert session.describe_projects()["ProjectDescriptions"] == []
    assert code(sub="leg") == "AccessDenied"
    assert code(aud="people") == "InvalidIdentityToken"
    assert code(exp=1) == "ExpiredTokenException"
    assert code(iss=trusting.provider.issuer) == "InvalidIdentityToken"
    forged = trusting.provider.token(iss=issuer.issuer, aud="robots", sub="arm")
    with pytest.raises(ClientError, match=unknown):  # as if the account had no such provider
        assume(forged)
    assert code_of(lambda: assume("eyJhbGciOiJub25lIn0.e30.")) == "InvalidIdentityToken"
    other = assuming(trusting, trusting.role_arn)  # whose policy trusts the settings' provider
    assert code_of(lambda: other(issuer.token(aud="robots", sub="arm"))) == "AccessDenied"
    iam.remove_client_id_from_open_id_connect_provider(
        OpenIDConnectProviderArn=arn, ClientID="robots"
    )
    assert code() == "InvalidIdentityToken"
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    with pytest.raises(ClientError, match=unknown):
        assume(issuer.token(aud="robots", sub="arm"))
    assert session.describe_projects()["ProjectDescriptions"] == []  # until it ends, as on AWS


def test_a_provider_of_the_account_is_no_other_scheme_of_the_settings_one(
    trusting: Trusting,
) -> None:
    iam, provider = trusting.iam, trusting.provider
    token = provider.token(aud="robots", sub="arm")
    assume = assuming(trusting, trusting.role_arn)
    assert code_of(lambda: assume(token)) == "InvalidIdentityToken"
    # A provider of the account by https is another issuer than the settings' one by http.
    url = provider.issuer.replace("http://", "https://")
    made = iam.create_open_id_connect_provider(Url=url, ClientIDList=["robots"])
    assert code_of(lambda: assume(token)) == "InvalidIdentityToken"
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=made["OpenIDConnectProviderArn"])


def test_programs_get_a_role_by_keys_from_the_network(trusting: Trusting) -> None:
    assume = assuming(trusting, trusting.role_arn)
    token = trusting.provider.token(aud="programs", sub="pipeline")
    assert assume(token)["SubjectFromWebIdentityToken"] == "pipeline"
    trusting.provider.rotate("stolen")
    with pytest.raises(ClientError, match="InvalidIdentityToken"):
        assume(trusting.provider.token(aud="programs"))
