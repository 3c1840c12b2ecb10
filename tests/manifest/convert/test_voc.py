"""Pascal VOC files to boxes."""

from __future__ import annotations

import pytest

from lensmith.manifest.convert.draft import Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.voc import VocBox, read_annotation

_BOX = "<bndbox><xmin>10</xmin><ymin>20.5</ymin><xmax>40</xmax><ymax>60</ymax></bndbox>"
_BOMB = """<!DOCTYPE annotation [<!ENTITY a "lollollol"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><annotation><filename>&c;</filename></annotation>"""
_FILE = """<!DOCTYPE annotation [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<annotation><filename>&a;</filename></annotation>"""


def annotation(objects: str, size: str = "<width>200</width><height>100</height>") -> bytes:
    return (
        f"<annotation><filename> a.jpg </filename><size>{size}</size>{objects}</annotation>"
    ).encode()


def test_corners_become_sides() -> None:
    read = read_annotation(annotation(f"<object><name>nut</name>{_BOX}</object>"), "a.xml")
    assert (read.filename, read.size) == ("a.jpg", (200, 100))
    assert read.boxes == (VocBox("nut", 10, 20.5, 30, 39.5),)
    assert read.problems == ()


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        (f"<object>{_BOX}</object>", Problem(ProblemKind.NO_LABEL_NAME, "a.xml, object 1")),
        (
            "<object><name>nut</name></object>",
            Problem(ProblemKind.BAD_BOX, "a.xml, object 1 (nut)"),
        ),
        (
            f"<object><name>nut</name>{_BOX.replace('40', '4')}</object>",
            Problem(ProblemKind.BAD_BOX, "a.xml, object 1 (nut)"),
        ),
        (
            f"<object><name>nut</name>{_BOX.replace('40', 'inf')}</object>",
            Problem(ProblemKind.BAD_BOX, "a.xml, object 1 (nut)"),
        ),
    ],
)
def test_objects_without_a_usable_box_are_named(element: str, problem: Problem) -> None:
    good = f"<object><name>nut</name>{_BOX}</object>"
    read = read_annotation(annotation(element + good), "a.xml")
    assert read.problems == (problem,)
    assert len(read.boxes) == 1


@pytest.mark.parametrize("size", ["", "<width>0</width><height>0</height>", "<width>x</width>"])
def test_a_size_may_be_missing(size: str) -> None:
    assert read_annotation(annotation("", size), "a.xml").size is None


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<a>",
        b"<annotation/>",
        b"<other><filename>a</filename></other>",
        _BOMB.encode(),
        _FILE.encode(),
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="nonsense"?><annotation/>',
        b"<annotation>" * 50_000,
    ],
    ids=range(9),
)
def test_hostile_and_other_xml_is_refused(xml: bytes) -> None:
    with pytest.raises(UnreadableSourceError):
        read_annotation(xml, "a.xml")


@pytest.mark.parametrize(
    "points",
    [
        "<x1>10</x1><y1>20</y1><x2>40</x2><y2>20</y2><x3>40</x3><y3>60</y3>",
        "<pt><x>10</x><y>20</y></pt><pt><x>40</x><y>20</y></pt><pt><x>40</x><y>60</y></pt>",
    ],
)
def test_a_polygon_becomes_the_box_around_it(points: str) -> None:
    objects = f"<object><name>nut</name><polygon>{points}</polygon></object>"
    assert read_annotation(annotation(objects), "a.xml").boxes == (VocBox("nut", 10, 20, 30, 40),)
