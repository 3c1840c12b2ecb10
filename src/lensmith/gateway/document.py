"""XML documents of S3: read without entities, written with escapes."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lensmith.domain.s3_errors import S3Error

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def parse(document: bytes, root: str) -> Element:
    """Return the root element, names without namespaces; raises S3Error for another document."""
    try:
        found = fromstring(document)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise S3Error("MalformedXML") from error
    for element in found.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    if found.tag != root:
        raise S3Error("MalformedXML")
    assert isinstance(found, Element)
    return found


def text_of(element: Element, name: str) -> str | None:
    """Return the text of a child, None without that child."""
    found = element.find(name)
    return None if found is None else (found.text or "")


def texts(element: Element, name: str) -> tuple[str, ...]:
    return tuple((found.text or "").strip() for found in element.findall(name))


def tag(name: str, text: str) -> str:
    """Write an element with text."""
    return f"<{name}>{escape(text)}</{name}>"


def tags(name: str, given: Iterable[str]) -> str:
    return "".join(tag(name, text) for text in given)
