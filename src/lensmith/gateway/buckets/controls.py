"""Public access block and ownership controls of a bucket."""

from __future__ import annotations

from lensmith.domain.bucket import ENFORCED, PUBLIC_ACCESS_FLAGS
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.document import NAMESPACE, parse, tag, text_of
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.http.reply import Reply, xml
from lensmith.store.records import buckets

OWNERSHIPS = frozenset({ENFORCED, "BucketOwnerPreferred", "ObjectWriter"})


async def public_access_block(exchange: Exchange) -> Reply:
    flags = exchange.judged.record.public_access
    if flags is None:
        raise S3Error("NoSuchPublicAccessBlockConfiguration")
    inner = "".join(
        tag(name, "true" if flags.get(name) else "false") for name in PUBLIC_ACCESS_FLAGS
    )
    root = "PublicAccessBlockConfiguration"
    return xml(200, f"<{root} {NAMESPACE}>{inner}</{root}>")


async def put_public_access_block(exchange: Exchange) -> Reply:
    given = parse(await exchange.document(), "PublicAccessBlockConfiguration")
    flags: dict[str, bool] = {}
    for element in given:
        text = (element.text or "").strip().lower()
        if element.tag not in PUBLIC_ACCESS_FLAGS or text not in {"true", "false"}:
            raise S3Error("MalformedXML")
        flags[element.tag] = text == "true"
    name = exchange.judged.record.name
    await exchange.services.write(lambda it: buckets.set_public_access(it, name, flags))
    return Reply(200)


async def delete_public_access_block(exchange: Exchange) -> Reply:
    name = exchange.judged.record.name
    await exchange.services.write(lambda it: buckets.set_public_access(it, name, None))
    return Reply(204)


async def ownership_controls(exchange: Exchange) -> Reply:
    ownership = exchange.judged.record.ownership
    if ownership is None:
        raise S3Error("OwnershipControlsNotFoundError")
    rule = f"<Rule>{tag('ObjectOwnership', ownership)}</Rule>"
    return xml(200, f"<OwnershipControls {NAMESPACE}>{rule}</OwnershipControls>")


async def put_ownership_controls(exchange: Exchange) -> Reply:
    """Keep what is asked for; objects belong to the bucket's owner whatever it says."""
    given = parse(await exchange.document(), "OwnershipControls")
    rules = given.findall("Rule")
    ownership = text_of(rules[0], "ObjectOwnership") if len(rules) == 1 else None
    if ownership not in OWNERSHIPS:
        raise S3Error("MalformedXML")
    name = exchange.judged.record.name
    await exchange.services.write(lambda it: buckets.set_ownership(it, name, ownership))
    return Reply(200)


async def delete_ownership_controls(exchange: Exchange) -> Reply:
    name = exchange.judged.record.name
    await exchange.services.write(lambda it: buckets.set_ownership(it, name, None))
    return Reply(204)
