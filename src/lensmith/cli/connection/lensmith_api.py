"""Client of Lensmith's own API under /_lensmith/."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import msgspec
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import (
    BotoCoreError,
    EndpointConnectionError,
    HTTPClientError,
    SSLError,
)
from botocore.httpsession import URLLib3Session
from urllib3.exceptions import HTTPError

from lensmith.cli.connection.refused_key import REFUSALS, used
from lensmith.cli.connection.server_choice import ServerChoice, is_of_aws
from lensmith.domain.errors import LensmithError

_SERVICE = "rekognition"
_CHUNK_BYTES = 1 << 20  # of a download, held at once


class LensmithApiError(LensmithError):
    """The server refused the request or did not answer; the message says which."""


class LensmithApi:
    """Sends signed requests to one Lensmith server."""

    def __init__(self, choice: ServerChoice) -> None:
        """Raises LensmithApiError for an endpoint of AWS, which has no such routes."""
        if is_of_aws(choice.endpoint):
            raise LensmithApiError(
                f"{choice.endpoint} ({choice.named_by}) is no Lensmith server. "
                "Write a profile by `lensmith configure`."
            )
        self._choice = choice
        self._endpoint = choice.endpoint.rstrip("/")
        verify: Any = choice.verify or True  # botocore's stubs know no path here
        self._http = URLLib3Session(verify=verify)

    def call(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        """Send a request and return the JSON object of the reply; raises LensmithApiError."""
        with _naming_failures(self._endpoint):
            reply = self._http.send(self._signed(method, path, body).prepare())
        if reply.status_code >= 400:
            raise LensmithApiError(self._reason(reply.status_code, reply.content))
        return msgspec.json.decode(reply.content, type=dict[str, Any])

    def download(self, path: str, file: IO[bytes]) -> None:
        """Stream the body of a reply into a file; raises LensmithApiError."""
        request = self._signed("GET", path)
        request.stream_output = True
        with _naming_failures(self._endpoint):
            reply = self._http.send(request.prepare())
            if reply.status_code >= 400:
                raise LensmithApiError(self._reason(reply.status_code, reply.content))
            for chunk in reply.raw.stream(_CHUNK_BYTES):
                file.write(chunk)

    def _signed(self, method: str, path: str, body: bytes = b"") -> AWSRequest:
        request = AWSRequest(method, self._endpoint + path, data=body)
        with _naming_failures(self._endpoint):
            credentials = self._choice.session.get_credentials()
            if credentials is None:
                raise LensmithApiError(
                    f"There are no keys to sign with in {self._choice.named_by}; "
                    "see `lensmith configure`."
                )
            region = self._choice.session.get_config_variable("region")
            SigV4Auth(credentials, _SERVICE, region).add_auth(request)
        return request

    def _reason(self, status: int, body: bytes) -> str:
        try:
            refusal = msgspec.json.decode(body, type=_Refusal)
        except msgspec.MsgspecError:
            return f"{self._endpoint} answered {status}; is it a Lensmith server?"
        reason = refusal.Message or refusal.message or f"The server answered {status}."
        if refusal.code not in REFUSALS:
            return reason
        return f"{reason.rstrip('.')}. {used(self._choice, self._endpoint)}"


@contextmanager
def _naming_failures(endpoint: str) -> Iterator[None]:
    try:
        yield
    except SSLError as error:
        raise LensmithApiError(
            f"{error}. Name the authority that signed the server's certificate by `ca_bundle` in "
            "the profile, AWS_CA_BUNDLE or SSL_CERT_FILE."
        ) from error
    except (EndpointConnectionError, HTTPClientError) as error:
        raise LensmithApiError(
            f"{endpoint} does not answer: {error} Is the server running?"
        ) from error
    except BotoCoreError as error:
        raise LensmithApiError(str(error)) from error
    except HTTPError as error:  # of the connection below botocore, in the middle of an answer
        raise LensmithApiError(f"{endpoint} broke off its answer: {error}") from error


class _Refusal(msgspec.Struct):
    code: str = msgspec.field(default="", name="__type")
    Message: str = ""  # of an operation's error
    message: str = ""  # of the protocol layer's
