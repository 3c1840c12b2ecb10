"""Writes drawn requests in the protocol of their service, with what the draw breaks in them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import cbor2
from botocore.serialize import create_serializer
from tests.attack.services import AttackedService
from tests.attack.values import Breakage, Known, Pairs
from tests.isolation.client import Sent

Resolve = Callable[[Known], str]
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MAX_REPEATED = 1 << 20  # characters of what is repeated; breakages multiply
_NO_FIELD_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110, 5.5: those are for raw.py


def filled(value: Any, resolve: Resolve) -> Any:
    """Put names of the live server in the place of `Known`."""
    if isinstance(value, Known):
        return resolve(value)
    if isinstance(value, Pairs):
        return {filled(key, resolve): filled(one, resolve) for key, one in value.pairs}
    if isinstance(value, dict):
        return {key: filled(one, resolve) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, resolve) for one in value]
    return value


def request_of(
    service: AttackedService, name: str, members: dict[str, Any], breaks: list[Breakage]
) -> Sent:
    """Serialise by botocore, then break what the draw says."""
    serializer = create_serializer(service.protocol, include_validation=False)
    if service.protocol in ("rest-xml", "smithy-rpc-v2-cbor"):
        members = _encodable(members)
    made = serializer.serialize_to_request(members, service.operation(name))
    headers = {str(key): str(value) for key, value in made["headers"].items()}
    match service.protocol:
        case "json":
            body = _json_body(made["body"], breaks)
        case "smithy-rpc-v2-cbor":
            body = _cbor_body(made["body"], breaks)
        case "query":
            body = _form_body(made["body"], breaks)
        case _:
            return _rest(service, made, headers, breaks)
    return Sent(service.name, made["method"], made["url_path"], body, headers)


def _encodable(value: Any) -> Any:
    """Replace lone surrogates, which botocore writes into no XML, URL and CBOR."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_encodable(one) for one in value]
    return value


def _json_body(body: bytes | str, breaks: list[Breakage]) -> bytes:
    tree = json.loads(body or b"{}")
    for one in breaks:
        tree = broken(tree, one)
    return json.dumps(tree, default=_as_text).encode()


def _cbor_body(body: bytes, breaks: list[Breakage]) -> bytes:
    if not breaks:
        return body
    tree = cbor2.loads(body) if body else {}
    for one in breaks:
        tree = broken(tree, one)
    try:
        return cbor2.dumps(tree, datetime_as_timestamp=True)
    except UnicodeEncodeError:  # a lone surrogate
        return cbor2.dumps({"Namespace": "x"}).replace(b"x", b"\xff")


def _as_text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _form_body(fields: dict[str, Any], breaks: list[Breakage]) -> bytes:
    operation = {name: fields.pop(name) for name in ("Action", "Version")}
    for number, one in enumerate(breaks):
        if number == 2:  # the third may break what names the operation, too
            fields, operation = {**operation, **fields}, {}
        changed = _renumbered(fields, one) if one.kind == "rename" else broken(fields, one)
        fields = changed if isinstance(changed, dict) else {}
    return _urlencoded({**operation, **fields}).encode()


def _renumbered(fields: dict[str, Any], breakage: Breakage) -> dict[str, Any]:
    """Change the number of a list's member, or end a name in a part more."""
    number = ("999999999", "0", "-1", "é", "1.1", "18446744073709551616")[breakage.where % 6]
    return {
        re.sub(r"\.\d+", f".{number}", name, count=1) if "." in name else f"{name}.{number}": value
        for name, value in fields.items()
    }


def _urlencoded(fields: dict[str, Any]) -> str:
    texts = [(str(name), _form_text(value)) for name, value in fields.items()]
    return urlencode(texts, errors="surrogatepass")


def _form_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=_as_text)


def broken(tree: Any, breakage: Breakage) -> Any:
    """Break one member of a tree of maps and lists, or the whole where it has none."""
    paths = list(_paths(tree))
    if not paths:
        return breakage.value if breakage.kind == "replace" else tree
    return _changed(tree, paths[breakage.where % len(paths)], breakage)


def _paths(tree: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if _lists(tree) else ()
    for key, value in members:
        yield (*above, key)
        yield from _paths(value, (*above, key))


def _lists(tree: Any) -> bool:
    return isinstance(tree, list)


def _changed(tree: Any, path: tuple[Any, ...], breakage: Breakage) -> Any:
    key, *rest = path
    if rest:
        changed = dict(tree) if isinstance(tree, dict) else list(tree)
        changed[key] = _changed(tree[key], tuple(rest), breakage)
        return changed
    pairs: list[tuple[Any, Any]] = (
        list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree))
    )
    at = next(number for number, (name, _) in enumerate(pairs) if name == key)
    name, value = pairs[at]
    match breakage.kind:
        case "drop":
            del pairs[at]
        case "replace":
            pairs[at] = (name, breakage.value)
        case "add":
            pairs.append((f"Further{breakage.where}", breakage.value))
        case "rename":
            pairs[at] = (str(name).swapcase(), value)
        case "repeat":
            most = max(2, _MAX_REPEATED // (1 + len(str(value))))
            pairs[at] = (name, [value] * min(most, 2 + 50 * (breakage.where % 40)))
        case "wrap":
            pairs[at] = (name, {str(name): value})
    return dict(pairs) if isinstance(tree, dict) else [value for _, value in pairs]


def _rest(
    service: AttackedService, made: dict[str, Any], headers: dict[str, str], breaks: list[Breakage]
) -> Sent:
    query: dict[str, Any] = dict(made["query_string"] or {})
    path, marks = made["url_path"].partition("?")[::2]
    query |= {mark.partition("=")[0]: mark.partition("=")[2] for mark in marks.split("&") if mark}
    body = _bytes(made["body"])
    for one in breaks:
        text = _encodable(_form_text(one.value))
        match one.where % 5:
            case 0 if query:
                query = broken(query, one)
            case 1 if headers:
                headers = {name: _form_text(value) for name, value in broken(headers, one).items()}
            case 2 if body:
                body = _broken_xml(body, one, text)
            case 3:
                query |= {
                    ("versionId", "x-id", "max-keys", "prefix", text[:40])[one.where % 4]: text
                }
            case _:
                headers[_HEADERS[one.where % len(_HEADERS)]] = text[:4000]
    if body and "Content-MD5" not in headers:
        headers["Content-MD5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
    target = path + (f"?{_query(query)}" if query else "")
    return Sent(service.name, made["method"], target, body, dict(_sendable(headers)))


_HEADERS = (
    *("Range", "If-Match", "If-None-Match", "If-Modified-Since", "x-amz-copy-source"),
    *("x-amz-copy-source-range", "x-amz-acl", "x-amz-grant-read", "x-amz-tagging"),
    *("x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"),
    *("x-amz-server-side-encryption-context", "x-amz-object-lock-mode", "x-amz-meta-é"),
    *("x-amz-server-side-encryption-customer-algorithm", "x-amz-checksum-crc32", "x-amz-date"),
    *("x-amz-object-lock-retain-until-date", "x-amz-storage-class", "x-amz-trailer", "expect"),
    *("x-amz-decoded-content-length", "content-encoding", "x-amz-sdk-checksum-algorithm"),
    *("x-amz-website-redirect-location", "content-type", "cache-control", "origin", "Content-MD5"),
)


def _query(query: dict[str, Any]) -> str:
    return "&".join(
        f"{quote(str(name), safe='-_.~')}={quote(_encodable(_form_text(value)), safe='-_.~')}"
        for name, value in query.items()
    )


def _bytes(body: Any) -> bytes:
    if hasattr(body, "read"):
        return bytes(body.read())
    return body.encode("utf-8", "replace") if isinstance(body, str) else bytes(body or b"")


def _broken_xml(body: bytes, breakage: Breakage, text: str) -> bytes:
    """Break an element of a document; where there is none, the bytes."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return body[: len(body) // 2] if breakage.kind == "drop" else body + text.encode()
    holders = [element for element in root.iter() if len(element)] or [root]
    holder = holders[breakage.where % len(holders)]
    child = holder[breakage.where % len(holder)] if len(holder) else holder
    match breakage.kind:
        case "drop" if child is not holder:
            holder.remove(child)
        case "repeat":
            most = max(1, _MAX_REPEATED // (1 + len(ElementTree.tostring(child))))
            holder.extend([child] * min(most, breakage.where) if child is not holder else [])
        case "rename":
            child.tag = "Further"
        case "add":
            ElementTree.SubElement(holder, "Further").text = text
        case "wrap":
            return b'<!DOCTYPE a [<!ENTITY b "' + text[:50].encode() + b'">]>' + body
        case _:
            child.text = text
    return ElementTree.tostring(root)


def _sendable(headers: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        if _HEADER_NAME.fullmatch(name) and name.lower() not in ("host", "content-length"):
            yield name, _NO_FIELD_VALUE.sub(" ", value).strip()
