"""Verifies the tokens of the provider that the settings name (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jwt

from lensmith.config import Settings
from lensmith.domain.identity_errors import ExpiredIdentityTokenError, InvalidIdentityTokenError
from lensmith.operations.openid.provider import ProviderError, chosen_key, provider_of

_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "PS256", "EdDSA")


def verified(settings: Settings, token: str, audiences: Sequence[str]) -> dict[str, Any]:
    """Return the claims of a token.

    Raises InvalidIdentityTokenError, or ExpiredIdentityTokenError.
    """
    if not settings.oidc_issuer or not audiences:
        raise InvalidIdentityTokenError(
            "No identity provider is set up; LENSMITH_OIDC_ISSUER and LENSMITH_OIDC_AUDIENCES "
            "name one."
        )
    try:
        return dict(
            jwt.decode(
                token,
                _signing_key(settings, token),
                algorithms=list(_ALGORITHMS),
                audience=list(audiences),
                issuer=settings.oidc_issuer,
                leeway=10,  # seconds between the clocks
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        )
    except jwt.ExpiredSignatureError as error:
        raise ExpiredIdentityTokenError from error
    except (jwt.PyJWTError, ProviderError, ValueError, OSError) as error:
        raise InvalidIdentityTokenError(f"The web identity token is not valid: {error}") from error


def _signing_key(settings: Settings, token: str) -> Any:
    if not settings.oidc_keys_file:
        return provider_of(settings.oidc_issuer).signing_key(token)
    kept = jwt.PyJWKSet.from_dict(json.loads(Path(settings.oidc_keys_file).read_text("utf-8")))
    key_id = jwt.get_unverified_header(token).get("kid")
    found = chosen_key(kept, key_id)
    if found is None:
        raise jwt.InvalidKeyError(f"no key {key_id!r}")
    return found
