"""Certificate files that are wrong, and files that change."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from tests.support.tls_proxy import certificates

from lensmith.domain.errors import StartupError
from lensmith.wire import tls
from lensmith.wire.tls import Certificate, certificate_of


def presented(certificate: Certificate, ca: Path) -> str | None:
    """Shake hands in memory; the serial number of the certificate, None if it is not trusted."""
    trusting = ssl.create_default_context(cafile=str(ca))
    trusting.check_hostname = False
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server)
    server = certificate.context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return None
    found = client.getpeercert()
    return str(found["serialNumber"]) if found else None


def test_a_renewed_certificate_is_taken_and_a_broken_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "_CHECK_SECONDS", 0.0)
    first_ca, chain = certificates(_made(tmp_path / "first"))
    second_ca, renewed = certificates(_made(tmp_path / "second"))
    certificate = Certificate(str(chain), str(chain))
    assert presented(certificate, first_ca)
    assert presented(certificate, second_ca) is None
    renewed.replace(chain)
    assert presented(certificate, second_ca)
    chain.write_text("nothing")
    assert presented(certificate, second_ca)


def test_wrong_files_are_one_sentence(tmp_path: Path) -> None:
    _, one = certificates(_made(tmp_path / "one"))
    _, other = certificates(_made(tmp_path / "other"))
    leaf = tmp_path / "leaf.pem"
    leaf.write_text("-----BEGIN CERTIFICATE" + one.read_text().partition("BEGIN CERTIFICATE")[2])
    text = tmp_path / "text.pem"
    text.write_text("text")
    assert certificate_of("", "") is None
    for certificate, key, expected in (
        (str(leaf), "", "set without LENSMITH_TLS_KEY"),
        ("", str(one), "set without LENSMITH_TLS_CERTIFICATE"),
        (str(leaf), str(other), "does not belong to the certificate"),
        (str(text), str(one), "no certificate and key"),
        (str(leaf), str(text), "no certificate and key"),
        (str(tmp_path / "none"), str(one), "cannot be read"),
        (str(leaf), str(tmp_path), "cannot be read"),
    ):
        with pytest.raises(StartupError, match=expected):
            certificate_of(certificate, key)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
