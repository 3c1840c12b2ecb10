"""Refusals of a key say which key it was: its profile or data directory, its id, its server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lensmith.cli.connection.server_choice import ServerChoice

REFUSALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidSignatureException",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
        "403",  # S3's answer to HEAD, which has no body
    }
)


def name_refused_keys(client: Any, choice: ServerChoice) -> None:
    """Let the errors of a client that refuse a key end with the words of `used`."""

    def add_key(parsed: dict[str, Any], **_: object) -> None:
        error = parsed.get("Error", {})
        if error.get("Code") in REFUSALS:
            message = error.get("Message", "").rstrip(".")
            error["Message"] = f"{message}. {used(choice, client.meta.endpoint_url)}"

    client.meta.events.register("after-call", add_key)


def used(choice: ServerChoice, endpoint: str) -> str:
    """Say which key a request was signed with, and what to do when it was the wrong one."""
    return (
        f"Used: {choice.named_by}, key {choice.key_id}, endpoint {endpoint}. "
        "`lensmith configure` writes a profile with the keys of a server of this machine."
    )
