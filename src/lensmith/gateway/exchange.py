"""One request with everything that is known of it, from the address to the signer."""

from __future__ import annotations

from dataclasses import dataclass, field

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.checksum import PREFIX, Checksums
from lensmith.gateway.grammar.address import Address
from lensmith.gateway.grammar.operation import Operation
from lensmith.gateway.grammar.route import Query
from lensmith.gateway.http.connection import ClientConnection
from lensmith.gateway.http.reply import Headers, Reply
from lensmith.gateway.http.request import Request
from lensmith.gateway.services import JudgedBucket, Services
from lensmith.gateway.signature.payload import Decoder, decoder_of, is_chunked
from lensmith.gateway.signer import Signer

MAX_DOCUMENT = 2 << 20  # bytes of XML or JSON in a request


@dataclass(slots=True)
class Exchange:
    """A request that may be answered, and the connection that takes the reply."""

    services: Services
    request: Request
    connection: ClientConnection
    operation: Operation
    address: Address
    query: Query
    signer: Signer
    bucket: JudgedBucket | None
    added: Headers = field(default_factory=list)  # headers of every reply to this request
    status: int = 0  # of the reply, once its head is written

    @property
    def judged(self) -> JudgedBucket:
        """Return the bucket; raises S3Error without it."""
        if self.bucket is None:
            raise S3Error("NoSuchBucket", BucketName=self.address.bucket)
        return self.bucket

    def reply(self, reply: Reply) -> None:
        self.status = reply.status
        self.connection.reply(self.request, reply, self.added_to(reply.headers))

    def added_to(self, headers: Headers) -> Headers:
        """Return the headers of every reply; an error of the store keeps its request's id."""
        if any(name.lower() == "x-amz-request-id" for name, _ in headers):
            return [pair for pair in self.added if pair[0] != "x-amz-request-id"]
        return self.added

    def decoder(self) -> Decoder:
        """Return what reads the body as it was signed."""
        signer = self.signer
        return decoder_of(signer.payload, signer.claim, signer.signing_key)

    def body_length(self) -> int:
        """Return the length of the object in the body; raises S3Error when it is not declared."""
        headers = self.request.headers
        if is_chunked(self.signer.payload):
            text = headers.get("x-amz-decoded-content-length", "")
        elif self.request.body.length is None:
            text = ""
        else:
            text = headers.get("content-length", "")
            if not text and self.request.method in {"PUT", "POST"}:
                raise S3Error("MissingContentLength")
        if not (text.isascii() and text.isdigit()):
            raise S3Error("MissingContentLength")
        return int(text)

    async def document(self) -> bytes:
        """Read a small body whole, verified; raises S3Error for a large or a false one."""
        decoder = self.decoder()
        body = self.request.body
        if (body.length or 0) > MAX_DOCUMENT:
            raise S3Error("EntityTooLarge")
        whole = decoder.feed(await body.read_all(MAX_DOCUMENT))
        decoder.finish()
        headers = self.request.headers
        if self.operation.name == "CompleteMultipartUpload":  # whose checksum is the object's
            headers = {name: headers[name] for name in headers if not name.startswith(PREFIX)}
        checksums = Checksums(headers)
        checksums.update(whole)
        checksums.check(decoder.trailers)
        return whole
