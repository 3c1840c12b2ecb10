"""Signed chunks; the example is AWS's own (Signature Calculations: chunked upload)."""

from __future__ import annotations

import pytest

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.signature.chunks import ChunkDecoder
from lensmith.gateway.signature.claim import Claim, Scope
from lensmith.gateway.signature.verify import key_of

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SCOPE = Scope("AKIAIOSFODNN7EXAMPLE", "20130524", "us-east-1", "s3")
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
SIGNATURES = (
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)


def body(data: bytes = b"a" * 66560) -> bytes:
    pieces = (data[:65536], data[65536:], b"")
    return b"".join(
        b"%x;chunk-signature=%b\r\n%b\r\n" % (len(piece), signature.encode(), piece)
        for piece, signature in zip(pieces, SIGNATURES, strict=True)
    )


def decode(sent: bytes, step: int) -> bytes:
    claim = Claim(SCOPE, ("host",), SEED, "20130524T000000Z", None)
    decoder = ChunkDecoder(claim, key_of(SCOPE, SECRET), has_trailer=False)
    given = b"".join(decoder.feed(sent[at : at + step]) for at in range(0, len(sent), step))
    decoder.finish()
    return given


@pytest.mark.parametrize("step", [7, 1000, 1 << 20])
def test_the_documented_example(step: int) -> None:
    assert decode(body(), step) == b"a" * 66560


def test_a_changed_chunk_is_refused() -> None:
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        decode(body(b"a" * 70 + b"b" + b"a" * 66489), 1000)


SIGNED_TRAILER_SEED = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
WITH_TRAILER = (
    b"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n"
    + b"a" * 65536
    + b"\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"
    + b"\r\n"
    + b"a" * 1024
    + b"\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"
    + b"\r\nx-amz-checksum-crc32c:sOO8/Q==\n\r\n"
    + b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
    + b"\r\n\r\n"
)


def decode_trailer(sent: bytes, step: int) -> tuple[bytes, dict[str, str]]:
    claim = Claim(SCOPE, ("host",), SIGNED_TRAILER_SEED, "20130524T000000Z", None)
    decoder = ChunkDecoder(claim, key_of(SCOPE, SECRET), has_trailer=True)
    given = b"".join(decoder.feed(sent[at : at + step]) for at in range(0, len(sent), step))
    decoder.finish()
    return given, decoder.trailers


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_the_documented_example_of_a_signed_trailer(step: int) -> None:
    given, trailers = decode_trailer(WITH_TRAILER, step)
    assert given == b"a" * 66560
    assert trailers == {"x-amz-checksum-crc32c": "sOO8/Q=="}


@pytest.mark.parametrize("removed", [b"d81f82fc", b"sOO8", b"x-amz-trailer-signature:"])
def test_a_trailer_that_was_not_signed_is_refused(removed: bytes) -> None:
    with pytest.raises(S3Error):
        decode_trailer(WITH_TRAILER.replace(removed, b""), 1000)


@pytest.mark.parametrize(
    "sent", [body()[:-100], b"zz\r\n", b"4\r\ndata\r\n", b"-1;chunk-signature=a\r\n"]
)
def test_what_is_cut_off_or_malformed_is_refused(sent: bytes) -> None:
    with pytest.raises(S3Error):
        decode(sent, 1000)
