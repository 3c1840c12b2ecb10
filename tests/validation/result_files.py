"""The result files of a training, read strictly from their description.

Written from manifests.md 5 and evaluation.md 3 and 4, with no code of Lensmith. Every reader
raises msgspec.ValidationError on a missing, an additional or a mistyped member.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Certain = Annotated[float, Meta(ge=1, le=1)]
Pixels = Annotated[int, Meta(ge=0)]
Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")]
UseCase = Literal["IMAGE_LEVEL_LABELS", "OBJECT_LOCALIZATION", "NOT_DETERMINED"]
Answer = Literal["yes", "no"]


class Strict(Struct, forbid_unknown_fields=True):
    """No member may be missing or additional."""


class Finding(Strict):
    code: Annotated[str, Meta(pattern="^(ERROR|WARNING)_[A-Z0-9_]+$")]
    message: Annotated[str, Meta(min_length=1)]


# The manifest summary


class Statistics(Strict):
    use_case: UseCase
    total_json_lines: Count
    valid_json_lines: Count
    invalid_json_lines: Count
    ignored_json_lines: Count
    error_json_line_indices: list[Annotated[int, Meta(ge=1)]]
    errors: list[Finding]


class BothStatistics(Strict):
    training: Statistics
    testing: Statistics


class ManifestSummary(Strict):
    statistics: BothStatistics
    errors: list[Finding]


def read_manifest_summary(content: bytes) -> ManifestSummary:
    return msgspec.json.decode(content, type=ManifestSummary)


# The evaluation summary


class Cell(Strict, rename="pascal"):
    ground_truth_label: str
    predicted_label: str
    value: Fraction


class ClassificationAggregate(Strict, rename="pascal"):
    confusion_matrix: list[Cell]
    f1_score: Fraction = msgspec.field(name="F1Score")
    precision: Fraction
    recall: Fraction


class DetectionAggregate(Strict, rename="pascal"):
    average_precision: Fraction
    average_recall: Fraction
    f1_score: Fraction = msgspec.field(name="F1Score")
    precision: Fraction
    recall: Fraction


class EvaluationDetails(Strict, rename="pascal"):
    evaluation_end_timestamp: Moment
    labels: list[str]
    number_of_testing_images: Count
    number_of_training_images: Count
    project_version_arn: str


class LabelMetrics(Strict, rename="pascal"):
    f1_score: Fraction = msgspec.field(name="F1Score")
    precision: Fraction
    recall: Fraction
    threshold: Fraction


class LabelResult(Strict, rename="pascal"):
    label: str
    metrics: LabelMetrics
    number_of_testing_images: Count


class ClassificationSummary(Strict, rename="pascal"):
    version: Literal[1]
    aggregated_evaluation_results: ClassificationAggregate
    evaluation_details: EvaluationDetails
    label_evaluation_results: list[LabelResult]


class DetectionSummary(Strict, rename="pascal"):
    version: Literal[1]
    aggregated_evaluation_results: DetectionAggregate
    evaluation_details: EvaluationDetails
    label_evaluation_results: list[LabelResult]


def read_classification_summary(content: bytes) -> ClassificationSummary:
    return msgspec.json.decode(content, type=ClassificationSummary)


def read_detection_summary(content: bytes) -> DetectionSummary:
    return msgspec.json.decode(content, type=DetectionSummary)


# What label attributes are made of


class Size(Strict):
    width: Annotated[int, Meta(gt=0)]
    height: Annotated[int, Meta(gt=0)]
    depth: Literal[3]


class Annotation(Strict):
    class_id: Count
    left: Pixels
    top: Pixels
    width: Annotated[int, Meta(gt=0)]
    height: Annotated[int, Meta(gt=0)]


class Boxes(Strict):
    image_size: Annotated[list[Size], Meta(min_length=1, max_length=1)]
    annotations: list[Annotation]


class Details(Strict, rename="kebab"):
    """`rekognition-custom-labels-evaluation-details`."""

    version: Literal[1]
    ground_truth_labelling_jobs: list[Literal["rekognition-custom-labels-training-job"]]
    is_true_positive: bool
    is_true_negative: bool
    is_false_positive: bool
    is_false_negative: bool
    is_present_in_ground_truth: bool

    @property
    def outcome(self) -> str:
        """TP, TN, FP or FN; raises ValueError unless exactly one flag is set."""
        flags = {
            "TP": self.is_true_positive,
            "TN": self.is_true_negative,
            "FP": self.is_false_positive,
            "FN": self.is_false_negative,
        }
        (outcome,) = (name for name, is_set in flags.items() if is_set)
        return outcome


class TrueLabel(Strict, rename="kebab"):
    """Metadata of an image-level label of the ground truth."""

    confidence: Certain
    job_name: Literal["rekognition-custom-labels-training-job"]
    class_name: str
    human_annotated: Answer
    creation_date: str
    type: Literal["groundtruth/image-classification"]


class PredictedLabel(Strict, rename="kebab"):
    confidence: Fraction
    job_name: Literal["rekognition-custom-labels-evaluation-job"]
    class_name: str
    human_annotated: Literal["no"]
    creation_date: Moment
    type: Literal["groundtruth/image-classification"]
    details: Details = msgspec.field(name="rekognition-custom-labels-evaluation-details")


class TrueObject(Strict):
    confidence: Certain


class TrueBoxes(Strict, rename="kebab"):
    """Metadata of the boxes of the ground truth."""

    job_name: Literal["rekognition-custom-labels-training-job"]
    class_map: dict[str, str]
    human_annotated: Answer
    objects: list[TrueObject]
    creation_date: str
    type: Literal["groundtruth/object-detection"]


class PredictedObject(Strict):
    confidence: Fraction
    details: Details = msgspec.field(name="rekognition-custom-labels-evaluation-details")


class PredictedBoxes(Strict, rename="kebab"):
    confidence: Fraction
    job_name: Literal["rekognition-custom-labels-evaluation-job"]
    class_map: dict[str, str]
    human_annotated: Literal["no"]
    objects: list[PredictedObject]
    creation_date: Moment
    type: Literal["groundtruth/object-detection"]


# The snapshots


class Snapshot(Struct):
    """One line of TrainingGroundTruth-… or TestingGroundTruth-…"""

    source_ref: str
    object_id: int
    line: int
    labels: list[TrueLabel]
    predicted_labels: list[PredictedLabel]
    boxes: Boxes | None = None
    box_truth: TrueBoxes | None = None
    predicted_boxes: Boxes | None = None
    box_predictions: PredictedBoxes | None = None


def read_snapshots(content: bytes) -> list[Snapshot]:
    """Every line; raises ValueError (msgspec's errors are such) on whatever does not belong."""
    lines = _lines(content)
    for line in lines:
        _expect(msgspec.json.encode(msgspec.json.decode(line)) == line, "compact JSON")
    return [_snapshot(msgspec.json.decode(line)) for line in lines]


def _snapshot(raw: dict[str, Any]) -> Snapshot:
    found = Snapshot(
        raw.pop("source-ref"),
        raw.pop("rekognition-custom-labels-object-id"),
        raw.pop("line-idx"),
        [],
        [],
    )
    for key in [key for key in raw if not key.endswith("-metadata")]:
        _read_attribute(found, key, raw.pop(key), raw.pop(f"{key}-metadata"))
    if raw:
        raise ValueError(f"unknown members: {sorted(raw)}")
    return found


def _read_attribute(found: Snapshot, key: str, value: Any, metadata: Any) -> None:
    if key == "rekognition-custom-labels-evaluation":
        found.predicted_boxes = msgspec.convert(value, Boxes)
        found.box_predictions = msgspec.convert(metadata, PredictedBoxes)
        return
    match = re.fullmatch(r"rekognition-custom-labels-(training|evaluation)-(\d+)", key)
    if match is None:
        raise ValueError(f"unknown member: {key}")
    kind, number = match[1], int(match[2])
    if kind == "training" and isinstance(value, dict):
        _expect(number == 0, key)
        found.boxes = msgspec.convert(value, Boxes)
        found.box_truth = msgspec.convert(metadata, TrueBoxes)
    elif kind == "training":
        _expect(value == 1 and number == len(found.labels), key)
        found.labels.append(msgspec.convert(metadata, TrueLabel))
    else:
        _expect(value == 1 and number == len(found.predicted_labels), key)
        found.predicted_labels.append(msgspec.convert(metadata, PredictedLabel))


# The validation manifests


class ValidatedLine(Struct):
    """One line of a manifest with validation results."""

    source_ref: str | None
    attributes: dict[str, tuple[Any, Any]]  # name -> value and metadata, without the findings
    errors: list[Finding]  # at any level
    warnings: list[Finding]


def read_validation_manifest(content: bytes) -> list[ValidatedLine]:
    return [_validated(msgspec.json.decode(line)) for line in _lines(content)]


def _validated(raw: dict[str, Any]) -> ValidatedLine:
    errors = _take(raw, "errors")
    warnings = _take(raw, "warnings")
    names = [name for name in raw if f"{name}-metadata" in raw]
    pairs = {name: (raw[name], raw[f"{name}-metadata"]) for name in names}
    return ValidatedLine(raw.get("source-ref"), pairs, errors, warnings)


def _take(value: Any, key: str) -> list[Finding]:
    """The findings of that key at every level, removed from where they stood."""
    found: list[Finding] = []
    if isinstance(value, dict):
        if key in value:
            _expect(key == list(value)[-1], f"{key} stands last")
            found += msgspec.convert(value.pop(key), Annotated[list[Finding], Meta(min_length=1)])
        inner = list(value.values())
    else:
        inner = value if isinstance(value, list) else []
    for one in inner:
        found += _take(one, key)
    return found


def _lines(content: bytes) -> list[bytes]:
    """JSON Lines, each line ended."""
    _expect(not content or content.endswith(b"\n"), "the last line is ended")
    return content.splitlines()


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
