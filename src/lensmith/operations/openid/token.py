"""Verifies the tokens of OpenID Connect providers (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from lensmith.domain.identity_errors import (
    ExpiredIdentityTokenError,
    InvalidIdentityTokenError,
    UnprovenIdentityTokenError,
)
from lensmith.operations.openid.provider import ProviderError, chosen_key, provider_of

_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "PS256", "EdDSA")


@dataclass(frozen=True, slots=True)
class Issuer:
    """A provider whose tokens are taken."""

    url: str  # as in the claim iss
    audiences: Sequence[str]  # one of which a token must be for
    keys_file: str = ""  # JWKS; empty: what the provider publishes


def named_issuer(token: str) -> str:
    """Read the claim iss of a token that nothing proves yet; empty without one."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return ""
    named = claims.get("iss")
    return named if isinstance(named, str) else ""


def verified(issuer: Issuer, token: str) -> dict[str, Any]:
    """Return the claims of a token.

    Raises InvalidIdentityTokenError, UnprovenIdentityTokenError, or ExpiredIdentityTokenError.
    """
    try:
        return dict(
            jwt.decode(
                token,
                _signing_key(issuer, token),
                algorithms=list(_ALGORITHMS),
                audience=list(issuer.audiences),
                issuer=issuer.url,
                leeway=10,  # seconds between the clocks
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        )
    except jwt.ExpiredSignatureError as error:
        raise ExpiredIdentityTokenError from error
    except (jwt.DecodeError, jwt.InvalidAlgorithmError) as error:
        raise UnprovenIdentityTokenError(_text(error)) from error
    except jwt.InvalidTokenError as error:  # a claim
        raise InvalidIdentityTokenError(_text(error)) from error
    except (jwt.PyJWTError, ProviderError, ValueError, OSError, RecursionError) as error:
        raise UnprovenIdentityTokenError(_text(error)) from error


def _text(error: Exception) -> str:
    return f"The web identity token is not valid: {error}"


def _signing_key(issuer: Issuer, token: str) -> Any:
    if not issuer.keys_file:
        return provider_of(issuer.url).signing_key(token)
    kept = jwt.PyJWKSet.from_dict(json.loads(Path(issuer.keys_file).read_text("utf-8")))
    key_id = jwt.get_unverified_header(token).get("kid")
    found = chosen_key(kept, key_id)
    if found is None:
        raise jwt.InvalidKeyError(f"no key {key_id!r}")
    return found
