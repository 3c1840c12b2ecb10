"""TLS 1.2 and newer by a certificate and a key in PEM files, read again when they change."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path

import structlog

from lensmith.domain.errors import StartupError

_CHECK_SECONDS = 5.0  # between two looks at the files

log = structlog.get_logger(__name__)


class Certificate:
    """Gives the context of a listening socket; new connections get the files' newest content.

    The certificate's file holds its chain too. Files that cannot be used later are logged and the
    last good ones stay.
    """

    def __init__(self, certificate: str, key: str) -> None:
        """Raises StartupError with a sentence that says which file is wrong, and how."""
        if not certificate or not key:
            given, missing = ("CERTIFICATE", "KEY") if certificate else ("KEY", "CERTIFICATE")
            raise StartupError(
                f"LENSMITH_TLS_{given} is set without LENSMITH_TLS_{missing}; TLS needs both."
            )
        self._certificate, self._key = Path(certificate), Path(key)
        self._stamp = self._stamps()
        self._newest = self._load()
        self._checked_at = time.monotonic()
        self.context = self._load()
        self.context.sni_callback = self._choose

    def _choose(self, connection: ssl.SSLSocket | ssl.SSLObject, *_: object) -> None:
        """Run at every handshake, with or without a server name."""
        if time.monotonic() - self._checked_at >= _CHECK_SECONDS:
            self._checked_at = time.monotonic()
            self._reload()
        connection.context = self._newest

    def _reload(self) -> None:
        try:
            stamp = self._stamps()
            if stamp == self._stamp:
                return
            self._newest, self._stamp = self._load(), stamp
        except StartupError as error:
            log.warning("TLS certificate was not read again", reason=str(error))
        else:
            log.info("TLS certificate was read again")

    def _stamps(self) -> tuple[int, ...]:
        """Return what changes with the files, which may be links; raises StartupError."""
        try:
            return tuple(
                number
                for path in (self._certificate, self._key)
                for number in (path.stat().st_mtime_ns, path.stat().st_ino)
            )
        except OSError as error:
            raise self._unreadable(error) from error

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        try:
            for path in (self._certificate, self._key):
                path.read_bytes()
            context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except ssl.SSLError as error:
            raise StartupError(self._mismatch(error)) from error
        except OSError as error:
            raise self._unreadable(error) from error
        return context

    def _unreadable(self, error: OSError) -> StartupError:
        return StartupError(
            f"{error.filename} cannot be read ({error.strerror}); LENSMITH_TLS_CERTIFICATE and "
            "LENSMITH_TLS_KEY name files in PEM format."
        )

    def _mismatch(self, error: ssl.SSLError) -> str:
        if error.reason == "KEY_VALUES_MISMATCH":
            return (
                f"The key in {self._key} does not belong to the certificate in {self._certificate}."
            )
        return (
            f"{self._certificate} and {self._key} are no certificate and key without a password "
            f"in PEM format ({error.reason or error})."
        )


def certificate_of(certificate: str, key: str) -> Certificate | None:
    """Return None where neither file is named; raises StartupError."""
    return Certificate(certificate, key) if certificate or key else None


def unverified_context() -> ssl.SSLContext:
    """Return the context with which the server calls its own ports, which it bound itself."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _no_password() -> str:
    return ""  # else OpenSSL asks at the terminal


def tls_version(transport: asyncio.BaseTransport) -> str:
    """Return the version of TLS that a connection speaks, as 1.3; nothing without TLS."""
    secured = transport.get_extra_info("ssl_object")
    return "" if secured is None else (secured.version() or "unknown").removeprefix("TLSv")
