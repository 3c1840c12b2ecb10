"""Proxies in front of the gateway: what they say of the client is believed, from them only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

_UNKNOWN = "unknown"  # no number, so that a Deny that asks for one counts


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a request: its address, and whether it came by TLS."""

    address: str
    is_secure: bool
    tls_version: str = ""  # s3:TlsVersion; `unknown` of one behind a proxy


class TrustedProxies:
    """Addresses and networks of LENSMITH_TRUSTED_PROXIES; `*` is every one, as in uvicorn."""

    def __init__(self, addresses: Iterable[str] = ()) -> None:
        given = tuple(addresses)
        self._all = "*" in given
        self._networks = [ip_network(one, strict=False) for one in given if _is_network(one)]

    def __contains__(self, address: str) -> bool:
        if self._all:
            return True
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def only_client(self, peer: str, tls_version: str = "") -> Client | None:
        """Return the client of all requests of a connection; None for a proxy's."""
        return None if peer in self else Client(peer, bool(tls_version), tls_version)

    def client(self, peer: str, headers: Mapping[str, str], tls_version: str = "") -> Client:
        """Find the client behind the proxies: the last address that is not one of theirs."""
        if peer not in self:
            return Client(peer, bool(tls_version), tls_version)
        said = [one.strip() for one in headers.get("x-forwarded-for", "").split(",") if one.strip()]
        outside = [one for one in said if one not in self]
        address = outside[-1] if outside else (said[0] if said else peer)
        proto = headers.get("x-forwarded-proto", "").strip()
        is_secure = proto == "https" if proto else bool(tls_version)
        return Client(address, is_secure, _UNKNOWN if is_secure else "")


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
