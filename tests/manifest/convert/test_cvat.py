"""CVAT for images to drafts."""

from __future__ import annotations

import pytest

from lensmith.manifest.convert.cvat import read_cvat
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import Origin

_ORIGIN = Origin("2026-01-02T03:04:05", "labeling-job/test")


def read(shapes: str) -> list[Draft | Problem]:
    xml = f'<annotations><image id="0" name="x/a.jpg" width="200" height="100">{shapes}'
    return list(read_cvat(f"{xml}</image></annotations>".encode(), _ORIGIN))


def test_boxes_polygons_and_tags() -> None:
    (draft,) = read(
        '<box label="bolt" xtl="1.5" ytl="2" xbr="11.5" ybr="12"/>'
        '<polygon label="nut" points="5,6;15,6;15,26"/><tag label="fog"/>'
    )
    assert isinstance(draft, Draft)
    assert draft.image == "x/a.jpg"
    assert draft.attributes["bounding-box"]["annotations"] == [
        {"class_id": 0, "left": 1.5, "top": 2, "width": 10, "height": 10},
        {"class_id": 1, "left": 5, "top": 6, "width": 10, "height": 20},
    ]
    assert draft.attributes["fog"] == 1


def test_tags_alone_leave_no_boxes_and_nothing_means_no_objects() -> None:
    (tagged,), (empty,) = read('<tag label="fog"/>'), read("")
    assert isinstance(tagged, Draft)
    assert isinstance(empty, Draft)
    assert "bounding-box" not in tagged.attributes
    assert empty.attributes["bounding-box"]["annotations"] == []


@pytest.mark.parametrize(
    "shape",
    [
        '<box label="a" xtl="1" ytl="2" xbr="3" ybr="4" rotation="30"/>',
        '<box label="a" xtl="x" ytl="2" xbr="3" ybr="4"/>',
        '<polygon label="a" points="1"/>',
        '<box label="a" xtl="9" ytl="2" xbr="3" ybr="4"/>',
        '<polyline label="a" points="1,2;9,2"/>',
        '<cuboid label="a"/>',
    ],
)
def test_other_shapes_are_named(shape: str) -> None:
    problem, draft = read(shape)
    assert isinstance(problem, Problem)
    assert problem.kind is ProblemKind.BAD_BOX
    assert isinstance(draft, Draft)


@pytest.mark.parametrize("xml", [b"", b"<a/>", b"<annotations><track/></annotations>"])
def test_anything_else_is_refused(xml: bytes) -> None:
    with pytest.raises(UnreadableSourceError):
        list(read_cvat(xml, _ORIGIN))


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        ('<box label="a" xtl="1" ytl="2" xbr="200.03" ybr="4"/>', (1, 2, 199, 2)),
        ('<polygon label="a" points="-5.0,6 ; 15,6;15,26;"/>', (0, 6, 15, 20)),
        ('<mask label="a" rle="1,2" left="3" top="4" width="5" height="6"/>', (3, 4, 5, 6)),
        ('<ellipse label="a" cx="50" cy="40" rx="10" ry="5"/>', (40, 35, 20, 10)),
    ],
)
def test_the_box_is_around_the_part_in_the_frame(shape: str, box: tuple[float, ...]) -> None:
    (draft,) = read(shape)
    assert isinstance(draft, Draft)
    (found,) = draft.attributes["bounding-box"]["annotations"]
    assert tuple(found[side] for side in ("left", "top", "width", "height")) == box


def test_a_size_that_is_missing_is_that_of_the_picture() -> None:
    xml = b'<annotations><image name="a.jpg"><tag label="fog"/></image></annotations>'
    (draft,) = read_cvat(xml, _ORIGIN, lambda _: (200, 100))
    assert isinstance(draft, Draft)
    assert list(read_cvat(xml, _ORIGIN)) == [Problem(ProblemKind.NO_SIZE, "a.jpg")]
