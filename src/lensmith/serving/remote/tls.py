"""TLS 1.3 between servers and units: each side shows the certificate that the other has itself."""

from __future__ import annotations

import os
import ssl
import tempfile

_END_OF_CERTIFICATE = b"-----END CERTIFICATE-----\n"


def accepting_context(credentials: bytes) -> ssl.SSLContext:
    """Build the context of a unit's listening socket from `credentials` (PEM)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0  # a connection lives long; none is resumed
    return _mutual(context, credentials)


def connecting_context(credentials: bytes) -> ssl.SSLContext:
    """Build the context of connections to units from `credentials` (PEM)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the key names the installation, not a host
    return _mutual(context, credentials)


def _mutual(context: ssl.SSLContext, credentials: bytes) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    certificate = credentials.partition(_END_OF_CERTIFICATE)[0] + _END_OF_CERTIFICATE
    context.load_verify_locations(cadata=certificate.decode())
    _load_key(context, credentials)
    return context


def _load_key(context: ssl.SSLContext, credentials: bytes) -> None:
    """Load from memory: Python's ssl takes a file's name only."""
    if not hasattr(os, "memfd_create"):  # not Linux
        with tempfile.NamedTemporaryFile() as file:
            file.write(credentials)
            file.flush()
            context.load_cert_chain(file.name)
        return
    descriptor = os.memfd_create("lensmith-units")
    try:
        os.write(descriptor, credentials)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
