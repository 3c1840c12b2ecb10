"""Sessions of browsers on a live server."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest
from tests.support.browser_session import BrowserSession
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.api.lensmith.attempts import Attempts
from lensmith.config import Settings
from lensmith.domain.errors import TooManyAttemptsException
from lensmith.store.records.engine import Records

SESSION = "/_lensmith/session"


@pytest.fixture
def browser(server: LiveServer) -> BrowserSession:
    return BrowserSession.open(server)


def token_of(address: str) -> str:
    found = re.search(r"#token=([\w-]+)", address)
    assert found
    return found[1]


def test_an_address_signs_in_once(server: LiveServer) -> None:
    token = token_of(server.run("console"))
    stranger = BrowserSession(server)
    answer = stranger.post(SESSION, {"token": token})
    assert answer.status == 200
    who = answer.json
    assert (who["user_name"], who["account_id"]) == ("admin", "000000000000")
    assert who["region"] == "us-east-1"
    assert who["endpoint_url"] == f"http://127.0.0.1:{server.port}"
    assert who["upload_batch"] == 30

    again = stranger.post(SESSION, {"token": token})
    assert (again.status, again.code) == (403, "UnrecognizedClientException")


def test_no_token_goes_into_a_log(server: LiveServer) -> None:
    # The server answers a moment before it prints.
    log = until(server.log.read_text, lambda log: "Console" in log)
    assert "`lensmith console`" in log
    assert "token=" not in log


def test_a_key_and_its_secret_sign_in(server: LiveServer) -> None:
    given = server.environment()
    stranger = BrowserSession(server)
    key = {"access_key_id": given["AWS_ACCESS_KEY_ID"]}
    secret = {"secret_access_key": given["AWS_SECRET_ACCESS_KEY"]}
    assert stranger.post(SESSION, {**key, **secret}).status == 200
    for wrong in ({**key, "secret_access_key": "x"}, {"access_key_id": "AKIANONE", **secret}):
        answer = stranger.post(SESSION, wrong)
        assert (answer.status, answer.code) == (403, "UnrecognizedClientException")
    assert stranger.post(SESSION, {}).code == "SerializationException"
    assert stranger.post(SESSION, ["no"]).code == "SerializationException"


def test_a_session_says_who_it_is_until_it_is_signed_out(browser: BrowserSession) -> None:
    who = browser.get(SESSION)
    assert who.status == 200
    assert who.json["arn"] == "arn:aws:iam::000000000000:user/admin"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", who.json["expires_at"])
    assert browser.delete(SESSION).status == 204
    ended = browser.get(SESSION)
    assert (ended.status, ended.code) == (403, "ExpiredTokenException")
    assert ended.json["message"]
    without = BrowserSession(browser.server).get(SESSION)
    assert (without.status, without.code) == (403, "MissingAuthenticationTokenException")


def test_a_session_carries_out_operations_of_aws(browser: BrowserSession) -> None:
    created = browser.operation("CreateProject", ProjectName="by-session")
    assert created.status == 200
    listed = browser.operation("DescribeProjects", ProjectNames=["by-session"]).json
    assert listed["ProjectDescriptions"][0]["ProjectArn"] == created.json["ProjectArn"]
    line = next(
        json.loads(line)
        for line in browser.server.log.read_text().splitlines()
        if '"CreateProject"' in line and created.headers["x-amzn-requestid"] in line
    )
    assert line["session"] is True
    assert line["caller"].endswith(":user/admin")


def test_no_token_is_logged(browser: BrowserSession) -> None:
    browser.get(SESSION)
    log = browser.server.log.read_text()
    assert browser.headers["X-Lensmith-Session"] not in log
    assert browser.cookie.partition("=")[2] not in log


def test_a_cookie_alone_changes_nothing(browser: BrowserSession) -> None:
    stranger = BrowserSession(browser.server, {"Cookie": browser.cookie})
    for answer in (
        stranger.operation("CreateProject", ProjectName="by-cookie"),
        stranger.get(SESSION),
        stranger.delete(SESSION),
        stranger.get("/_lensmith/usage"),
    ):
        assert answer.code == "MissingAuthenticationTokenException"
    assert browser.get(SESSION).status == 200


def test_the_cookie_is_for_pictures_only(server: LiveServer) -> None:
    token = token_of(server.run("console"))
    given = BrowserSession(server).post(SESSION, {"token": token}).headers["Set-Cookie"]
    (cookie,) = SimpleCookie(given).values()
    assert cookie.key == f"lensmith-{server.port}"
    assert cookie["path"] == "/_lensmith/pictures"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"


def test_a_session_may_do_what_its_user_may(server: LiveServer) -> None:
    statement = {"Effect": "Allow", "Action": "rekognition:Describe*", "Resource": "*"}
    server.create_user("session-looker", statement)
    looker = BrowserSession.open(server, "session-looker")
    assert looker.operation("DescribeProjects").status == 200
    refused = looker.operation("CreateProject", ProjectName="not-mine")
    assert refused.json["Code"] == "AccessDeniedException"


def test_sessions_survive_a_restart_and_end_with_their_key(server: LiveServer) -> None:
    server.create_user("session-ends", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    browser = BrowserSession.open(server, "session-ends")
    assert server.stop() == 0
    server.start()
    assert browser.get(SESSION).status == 200

    access_key_id = server.exports("session-ends")["AWS_ACCESS_KEY_ID"]
    records = Records.of(Settings(server.home / "data"))
    with records.write() as connection:
        connection.exec_driver_sql(
            f"DELETE FROM access_keys WHERE access_key_id = '{access_key_id}'"
        )
    records.close()
    assert browser.get(SESSION).code == "ExpiredTokenException"


def test_no_address_is_printed_that_signs_nobody_in(
    server: LiveServer, new_server: Callable[..., LiveServer]
) -> None:
    for given, arguments, said in (
        (server, ("--user", "nobody-here"), "no such user with keys"),
        (new_server(), (), "No server runs on"),
    ):
        with pytest.raises(subprocess.CalledProcessError) as caught:
            given.run("console", *arguments)
        assert said in caught.value.stderr


def test_behind_a_proxy_an_address_signs_nobody_in(server: LiveServer) -> None:
    token = token_of(server.run("console"))
    body = json.dumps({"token": token}).encode()
    proxied = BrowserSession(server).send("POST", SESSION, body, {"X-Forwarded-For": "10.0.0.9"})
    assert proxied.code == "UnrecognizedClientException"


def test_attempts_that_fail_are_limited_by_address() -> None:
    now = [0.0]
    attempts = Attempts(max_failures=2, seconds=60, addresses=2, clock=lambda: now[0])
    for _ in range(2):
        attempts.refuse_too_many("a")
        attempts.note_failure("a")
    with pytest.raises(TooManyAttemptsException):
        attempts.refuse_too_many("a")
    attempts.refuse_too_many("b")
    now[0] = 61.0
    attempts.refuse_too_many("a")


def test_attempts_are_limited_whatever_address_a_client_claims(
    new_server: Callable[..., LiveServer],
) -> None:
    server = new_server()
    server.start()
    stranger = BrowserSession(server)
    body = json.dumps({"access_key_id": "AKIANONE", "secret_access_key": "x"}).encode()
    codes = [
        stranger.send("POST", SESSION, body, {"X-Forwarded-For": f"10.0.0.{number}"}).code
        for number in range(11)
    ]
    assert codes == ["UnrecognizedClientException"] * 10 + ["ThrottlingException"]


def test_the_body_of_an_unknown_session_is_not_waited_for(server: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as wire:
        head = "POST /_lensmith/imports HTTP/1.1\r\nHost: localhost\r\n"
        wire.sendall(f"{head}X-Lensmith-Session: none\r\nContent-Length: 60000\r\n\r\n".encode())
        assert b"ExpiredTokenException" in wire.recv(4096)
