"""Signed requests to what AWS does not have, under /_lensmith/."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
from boto3 import Session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, EndpointConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session

from lensmith.domain.errors import LensmithError

_SERVICE = "rekognition"


class LensmithApiError(LensmithError):
    """The server refused, or did not answer; the message says which."""


class LensmithApi:
    """A Lensmith server, and the keys that sign."""

    def __init__(self, session: Session, endpoint: str) -> None:
        """Raises LensmithApiError for an endpoint of AWS, which has none of this."""
        host = urlsplit(endpoint).hostname or ""
        if host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            raise LensmithApiError(
                f"{endpoint} is no Lensmith server. Write a profile by `lensmith configure`."
            )
        self._session = session
        self._endpoint = endpoint.rstrip("/")
        self._http = URLLib3Session()

    def call(self, method: str, path: str) -> dict[str, Any]:
        """The JSON object that the server answers; raises LensmithApiError."""
        request = AWSRequest(method, self._endpoint + path, data=b"")
        try:
            credentials = self._session.get_credentials()
            if credentials is None:
                raise LensmithApiError("There are no keys to sign with; see `lensmith configure`.")
            SigV4Auth(credentials, _SERVICE, self._session.region_name).add_auth(request)
            reply = self._http.send(request.prepare())
        except (EndpointConnectionError, HTTPClientError) as error:
            raise LensmithApiError(
                f"{self._endpoint} does not answer: {error} Is the server running?"
            ) from error
        except BotoCoreError as error:
            raise LensmithApiError(str(error)) from error
        if reply.status_code >= 400:
            raise LensmithApiError(_said(reply.status_code, reply.content))
        return msgspec.json.decode(reply.content, type=dict[str, Any])


class _Refusal(msgspec.Struct):
    Message: str = ""  # of an operation's error
    message: str = ""  # of the protocol layer's


def _said(status: int, body: bytes) -> str:
    try:
        refusal = msgspec.json.decode(body, type=_Refusal)
    except msgspec.MsgspecError:
        return f"The server answered {status}; is it a Lensmith server?"
    return refusal.Message or refusal.message or f"The server answered {status}."
