"""Keeps other local users from bypassing the S3 signatures.

SeaweedFS's master, volume and filer trust each other. Their HTTP requests carry JWTs signed with
keys that only this installation knows, and their gRPC connections need a certificate whose
private key only this installation has. Both stand in the directory that `weed` is started in.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lensmith.store.files import write_atomically
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

_COMPONENTS = ("master", "volume", "filer", "s3", "client")
_TEN_YEARS = datetime.timedelta(days=3650)  # a new one at every start


def write_security(records: Records, directory: Path) -> None:
    """Write security.toml and the certificate it names, readable by this user only."""
    certificate, key = _self_signed_certificate()
    write_atomically(directory / "grpc.crt", certificate, mode=0o600)
    write_atomically(directory / "grpc.key", key, mode=0o600)
    write_atomically(directory / "security.toml", _security_toml(records).encode(), mode=0o600)


def _security_toml(records: Records) -> str:
    names = ("volume.write", "volume.read", "filer.write", "filer.read", "encryption")
    with records.write() as connection:
        keys = {name: accounts.secret(connection, f"objects.{name}").hex() for name in names}
    tables = [
        f'[jwt.signing]\nkey = "{keys["volume.write"]}"',
        f'[jwt.signing.read]\nkey = "{keys["volume.read"]}"',
        f'[jwt.filer_signing]\nkey = "{keys["filer.write"]}"',
        f'[jwt.filer_signing.read]\nkey = "{keys["filer.read"]}"',
        f'[s3.sse]\nkey = "{keys["encryption"]}"',
        '[grpc]\nca = "grpc.crt"',
        *(f'[grpc.{name}]\ncert = "grpc.crt"\nkey = "grpc.key"' for name in _COMPONENTS),
    ]
    return "\n\n".join(tables) + "\n"


def _self_signed_certificate() -> tuple[bytes, bytes]:
    """Make a self-signed certificate and its private key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lensmith object store")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _TEN_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
