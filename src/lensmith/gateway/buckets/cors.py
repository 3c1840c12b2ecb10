"""CORS: which pages elsewhere a browser lets read from a bucket."""

from __future__ import annotations

from fnmatch import fnmatchcase
from xml.etree.ElementTree import Element

from lensmith.domain.bucket import CorsRule
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.document import NAMESPACE, parse, tag, tags, text_of, texts
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.http.reply import Headers, Reply, xml
from lensmith.store.records import buckets

_METHODS = frozenset({"DELETE", "GET", "HEAD", "POST", "PUT"})
_MAX_RULES = 100
_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


async def bucket_cors(exchange: Exchange) -> Reply:
    rules = exchange.judged.record.cors
    if not rules:
        raise S3Error("NoSuchCORSConfiguration", BucketName=exchange.address.bucket)
    inner = "".join(map(_written, rules))
    return xml(200, f"<CORSConfiguration {NAMESPACE}>{inner}</CORSConfiguration>")


async def put_bucket_cors(exchange: Exchange) -> Reply:
    given = parse(await exchange.document(), "CORSConfiguration").findall("CORSRule")
    if not 1 <= len(given) <= _MAX_RULES:
        raise S3Error("MalformedXML")
    rules = tuple(map(_rule, given))
    name = exchange.judged.record.name
    await exchange.services.write(lambda it: buckets.set_cors(it, name, rules))
    return Reply(200)


async def delete_bucket_cors(exchange: Exchange) -> Reply:
    name = exchange.judged.record.name
    await exchange.services.write(lambda it: buckets.set_cors(it, name, ()))
    return Reply(204)


def preflight(rules: tuple[CorsRule, ...], headers: dict[str, str]) -> Reply:
    """Answer OPTIONS; raises S3Error when no rule allows what the page asks for."""
    origin = headers.get("origin")
    method = headers.get("access-control-request-method")
    if origin is None or method not in _METHODS:
        raise S3Error("InvalidRequest", "Insufficient information. Origin and method are needed.")
    asked = headers.get("access-control-request-headers", "")
    wanted = [name.strip().lower() for name in asked.split(",") if name.strip()]
    for rule in rules:
        if _allows(rule, origin, method) and _allows_headers(rule, wanted):
            granted = _granted(rule, origin)
            if wanted:
                granted.append(("Access-Control-Allow-Headers", ", ".join(wanted)))
            if rule.max_age_seconds is not None:
                granted.append(("Access-Control-Max-Age", str(rule.max_age_seconds)))
            return Reply(200, granted)
    raise S3Error("CORSForbidden")


def headers_for_page(rules: tuple[CorsRule, ...], origin: str, method: str) -> Headers:
    """Return what a reply says to a page at `origin`; nothing where no rule allows it."""
    for rule in rules:
        if _allows(rule, origin, method):
            return _granted(rule, origin)
    return [("Vary", _VARY)] if rules else []


def _granted(rule: CorsRule, origin: str) -> Headers:
    everybody = "*" in rule.origins
    granted = [
        ("Access-Control-Allow-Origin", "*" if everybody else origin),
        ("Access-Control-Allow-Methods", ", ".join(rule.methods)),
        ("Vary", _VARY),
    ]
    if rule.exposed:
        granted.append(("Access-Control-Expose-Headers", ", ".join(rule.exposed)))
    if not everybody:
        granted.append(("Access-Control-Allow-Credentials", "true"))
    return granted


def _allows(rule: CorsRule, origin: str, method: str) -> bool:
    return method in rule.methods and any(_matches(origin, each) for each in rule.origins)


def _allows_headers(rule: CorsRule, wanted: list[str]) -> bool:
    return all(any(_matches(name, each.lower()) for each in rule.headers) for name in wanted)


def _matches(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))


def _rule(element: Element) -> CorsRule:
    age = text_of(element, "MaxAgeSeconds")
    rule = CorsRule(
        origins=texts(element, "AllowedOrigin"),
        methods=texts(element, "AllowedMethod"),
        headers=texts(element, "AllowedHeader"),
        exposed=texts(element, "ExposeHeader"),
        max_age_seconds=int(age) if age is not None and age.isdigit() else None,
        id=text_of(element, "ID"),
    )
    if not rule.origins or not rule.methods:
        raise S3Error("MalformedXML")
    for method in rule.methods:
        if method not in _METHODS:
            raise S3Error(
                "InvalidRequest",
                "Found unsupported HTTP method in CORS config. "
                f"Unsupported method is {method[:16]}",
            )
    for pattern in (*rule.origins, *rule.headers):
        if pattern.count("*") > 1 or "\n" in pattern or "\r" in pattern:
            raise S3Error("InvalidRequest", "A pattern of a CORS rule may have one '*'.")
    if any("\n" in name or "\r" in name for name in rule.exposed):
        raise S3Error("MalformedXML")
    return rule


def _written(rule: CorsRule) -> str:
    age = rule.max_age_seconds
    return (
        "<CORSRule>"
        f"{tag('ID', rule.id) if rule.id is not None else ''}"
        f"{tags('AllowedHeader', rule.headers)}"
        f"{tags('AllowedMethod', rule.methods)}"
        f"{tags('AllowedOrigin', rule.origins)}"
        f"{tags('ExposeHeader', rule.exposed)}"
        f"{tag('MaxAgeSeconds', str(age)) if age is not None else ''}"
        "</CORSRule>"
    )
