"""Stage B of a line and its warnings: selects the usable labels (manifests.md 3.5, 3.6)."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from sys import intern

from lensmith.manifest.line.attributes import (
    Annotation,
    Attribute,
    BoxAttribute,
    ImageAttribute,
    UnsupportedAttribute,
)
from lensmith.manifest.line.box_rules import are_dimensions_allowed, fault_of
from lensmith.manifest.line.entry import BoxSet, Entry, ImageLabel
from lensmith.manifest.line.finding import Code, Finding
from lensmith.manifest.line.quotas import BOXES_PER_IMAGE, LABEL_NAME_CHARACTERS, LABELS_PER_IMAGE


@dataclass(slots=True)
class _Judged:
    """Accumulates the labels and findings of a line, attribute by attribute."""

    findings: list[Finding] = field(default_factory=list)
    image_labels: dict[str, ImageLabel] = field(default_factory=dict)
    box_sets: list[BoxSet] = field(default_factory=list)
    refused: bool = False  # an attribute is invalid as a whole (codes 9 to 11)
    lost_all_boxes: bool = False  # an attribute had boxes and none survived
    wrong_dimensions: bool = False

    @property
    def has_labels(self) -> bool:
        return bool(self.image_labels or self.box_sets)


def judge_attributes(
    source_ref: str, attributes: list[Attribute]
) -> tuple[Entry | None, list[Finding]]:
    """Return the entry of a line that passed stage A (None without a usable label), and findings.

    Without an entry the line is invalid if a finding is an error, else ignored.
    """
    if not any(_has_content(attribute) for attribute in attributes):
        return None, list(_warnings_without_content(attributes))
    judged = _Judged()
    boxes_so_far = accumulate(_box_count(attribute) for attribute in attributes)
    for attribute, boxes in zip(attributes, boxes_so_far, strict=True):
        _judge(judged, attribute, boxes)
    judged.findings.extend(_line_errors(judged))
    if judged.wrong_dimensions or not judged.has_labels:
        return None, judged.findings
    labels = tuple(judged.image_labels.values())[:LABELS_PER_IMAGE]
    return Entry(source_ref, labels, tuple(judged.box_sets)), judged.findings


def _judge(judged: _Judged, attribute: Attribute, boxes_so_far: int) -> None:
    match attribute:
        case UnsupportedAttribute(name):
            judged.findings.append(Finding(Code.ERROR_UNSUPPORTED_USE_CASE_TYPE, name))
            judged.refused = True
        case ImageAttribute():
            _judge_image_label(judged, attribute)
        case BoxAttribute():
            judged.findings.extend(_emptiness(attribute))
            _judge_boxes(judged, attribute, boxes_so_far)


def _judge_image_label(judged: _Judged, attribute: ImageAttribute) -> None:
    if not _has_valid_names(attribute):
        judged.findings.append(_name_length(attribute))
        judged.refused = True
        return
    origin = attribute.provenance
    label = ImageLabel(
        intern(attribute.label), origin.human_annotated, origin.creation_date, origin.job_name
    )
    judged.image_labels.setdefault(attribute.label, label)


def _judge_boxes(judged: _Judged, attribute: BoxAttribute, boxes_so_far: int) -> None:
    refusals = list(_refusals(attribute, boxes_so_far))
    judged.findings.extend(refusals)
    if attribute.annotations and not _are_dimensions_allowed(attribute):
        judged.wrong_dimensions = True
    surviving = []
    for index, box in enumerate(attribute.annotations):
        code = _fault(attribute, box)
        if code is None:
            surviving.append(box)
        else:
            judged.findings.append(Finding(code, attribute.name, index))
    if refusals:
        judged.refused = True
    elif surviving:
        judged.box_sets.append(_box_set(attribute, surviving))
    elif attribute.annotations:
        judged.lost_all_boxes = True


def _refusals(attribute: BoxAttribute, boxes_so_far: int) -> Iterator[Finding]:
    if not _has_valid_names(attribute):
        yield _name_length(attribute)
    if boxes_so_far > BOXES_PER_IMAGE:
        yield Finding(Code.ERROR_TOO_MANY_BOUNDING_BOXES, attribute.name)


def _line_errors(judged: _Judged) -> Iterator[Finding]:
    if judged.wrong_dimensions:
        yield Finding(Code.ERROR_INVALID_IMAGE_DIMENSION)
    if judged.has_labels:
        return
    if judged.lost_all_boxes:
        yield Finding(Code.ERROR_NO_VALID_ANNOTATIONS)
    elif judged.refused:
        yield Finding(Code.ERROR_NO_VALID_LABEL_ATTRIBUTES)


def _warnings_without_content(attributes: list[Attribute]) -> Iterator[Finding]:
    """Yield the warnings of a line without any box or label, which is ignored."""
    by_people = False
    for attribute in attributes:
        if isinstance(attribute, BoxAttribute):
            yield from _emptiness(attribute)
            by_people = by_people or attribute.provenance.human_annotated
    yield Finding(Code.WARNING_NO_ANNOTATIONS if by_people else Code.WARNING_UNANNOTATED_RECORD)


def _emptiness(attribute: BoxAttribute) -> Iterator[Finding]:
    if not attribute.annotations and attribute.provenance.human_annotated:
        yield Finding(Code.WARNING_NO_ATTRIBUTE_ANNOTATIONS, attribute.name)


def _has_content(attribute: Attribute) -> bool:
    """Return whether there are labels or an error; an attribute without boxes may be invalid."""
    if not isinstance(attribute, BoxAttribute):
        return True
    return bool(attribute.annotations) or not _has_valid_names(attribute)


def _box_count(attribute: Attribute) -> int:
    return len(attribute.annotations) if isinstance(attribute, BoxAttribute) else 0


def _has_valid_names(attribute: ImageAttribute | BoxAttribute) -> bool:
    names = (attribute.label,) if isinstance(attribute, ImageAttribute) else attribute.class_names
    return all(is_label_name(name) for name in names)


def is_label_name(name: str) -> bool:
    """Return whether the name has 1 to 256 characters."""
    return 1 <= len(name) <= LABEL_NAME_CHARACTERS


def _name_length(attribute: Attribute) -> Finding:
    return Finding(Code.ERROR_INVALID_LABEL_NAME_LENGTH, attribute.name)


def _are_dimensions_allowed(attribute: BoxAttribute) -> bool:
    return are_dimensions_allowed(attribute.image_width, attribute.image_height)


def _fault(attribute: BoxAttribute, box: Annotation) -> Code | None:
    return fault_of(
        box.left,
        box.top,
        box.width,
        box.height,
        attribute.image_width,
        attribute.image_height,
    )


def _box_set(attribute: BoxAttribute, boxes: list[Annotation]) -> BoxSet:
    edges = array("d")
    for box in boxes:
        edges.extend((box.left, box.top, box.width, box.height))
    origin = attribute.provenance
    return BoxSet(
        attribute.image_width,
        attribute.image_height,
        tuple(intern(box.label) for box in boxes),
        edges,
        origin.human_annotated,
        origin.creation_date,
        origin.job_name,
    )
