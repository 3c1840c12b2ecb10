"""Certificate and key of the servers of one installation, from the secret in their records."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

SECRET_NAME = "units"  # noqa: S105 - among the secrets of the records

_NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lensmith units")])
_BEGIN, _END = datetime(2020, 1, 1), datetime(9999, 12, 31)


def credentials_of(secret: bytes) -> bytes:
    """Derive a certificate and its key (PEM), the same on every server that has the secret.

    The key comes from the secret by HKDF (RFC 5869). Ed25519 signatures hold nothing random (RFC
    8032), so the certificate is the same bytes everywhere and can be the only one that is trusted.
    """
    seed = HKDF(SHA256(), 32, salt=None, info=b"lensmith units 1").derive(secret)
    key = Ed25519PrivateKey.from_private_bytes(seed)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .issuer_name(_NAME)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_BEGIN)
        .not_valid_after(_END)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, None)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + private
