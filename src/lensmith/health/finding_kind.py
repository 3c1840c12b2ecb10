"""Kinds of findings, each with its severity and advice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MIN_LABEL_IMAGES = 10  # of a label; the guide advises at least that many
MAX_LABEL_RATIO = 10  # of the most to the least frequent label


class Severity(StrEnum):
    ERROR = "error"  # training fails, leaves something out, or its evaluation is worthless
    WARNING = "warning"  # the model will probably be worse than it could be
    NOTE = "note"  # worth a look


class FindingKind(StrEnum):
    """Kinds in the order of a report within one severity."""

    TOO_FEW_LABELS = "too-few-labels"
    LABEL_NOT_TRAINED = "label-not-trained"
    ENTRIES_WITH_ERRORS = "entries-with-errors"
    UNREADABLE_IMAGES = "unreadable-images"
    LEAKED_IMAGES = "leaked-images"
    NEARLY_LEAKED_IMAGES = "nearly-leaked-images"
    CONFLICTING_LABELS = "conflicting-labels"
    LABEL_WITH_FEW_IMAGES = "label-with-few-images"
    LABEL_NOT_TESTED = "label-not-tested"
    LABEL_UNUSED = "label-unused"
    LABEL_NAMED_LIKE_SPLIT = "label-named-like-split"
    LABEL_ON_EVERY_IMAGE = "label-on-every-image"
    IMBALANCED_LABELS = "imbalanced-labels"
    IMAGES_WITHOUT_LABELS = "images-without-labels"
    DUPLICATE_IMAGES = "duplicate-images"
    NEAR_DUPLICATE_IMAGES = "near-duplicate-images"
    DECLARED_SIZE_DIFFERS = "declared-size-differs"
    ADJUSTED_LABELS_KEPT = "adjusted-labels-kept"
    DUPLICATE_BOXES = "duplicate-boxes"
    TINY_BOXES = "tiny-boxes"
    WHOLE_IMAGE_BOXES = "whole-image-boxes"
    BOXES_AT_BORDER = "boxes-at-border"
    UNUSUAL_SIZE = "unusual-size"
    UNUSUAL_ASPECT = "unusual-aspect"
    BLANK_IMAGES = "blank-images"


@dataclass(frozen=True, slots=True)
class KindDetails:
    severity: Severity
    unit: str
    advice: str


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

KIND_DETAILS: dict[FindingKind, KindDetails] = {
    FindingKind.TOO_FEW_LABELS: KindDetails(
        _ERROR,
        "datasets",
        "Training needs images with at least two labels, or boxes of at least one label.",
    ),
    FindingKind.LABEL_NOT_TRAINED: KindDetails(
        _ERROR,
        "labels",
        "Tested but without a training image, so the model cannot know them. "
        "Add training images or remove them from the test dataset.",
    ),
    FindingKind.ENTRIES_WITH_ERRORS: KindDetails(
        _ERROR,
        "entries",
        "Training leaves these out, and fails when they are a fifth of a dataset. "
        "Correct or remove them.",
    ),
    FindingKind.UNREADABLE_IMAGES: KindDetails(
        _ERROR,
        "images",
        "Missing, out of your reach or not an image that training takes. "
        "Upload them again or remove their entries.",
    ),
    FindingKind.LEAKED_IMAGES: KindDetails(
        _ERROR,
        "images",
        "The same file is in both datasets, so the evaluation flatters the model. "
        "Remove it from one of them.",
    ),
    FindingKind.NEARLY_LEAKED_IMAGES: KindDetails(
        _WARNING,
        "images",
        "Test images that look like a training image make the evaluation look better than the "
        "model is. Keep such groups in one dataset.",
    ),
    FindingKind.CONFLICTING_LABELS: KindDetails(
        _WARNING,
        "images",
        "The same file with other labels teaches contradictions. Decide on one set of labels.",
    ),
    FindingKind.LABEL_WITH_FEW_IMAGES: KindDetails(
        _WARNING,
        "labels",
        f"Fewer than {MIN_LABEL_IMAGES} training images rarely teach a label. Add more.",
    ),
    FindingKind.LABEL_NOT_TESTED: KindDetails(
        _WARNING,
        "labels",
        "Trained but without a test image, so how well they are found stays unknown. "
        "Add test images.",
    ),
    FindingKind.LABEL_UNUSED: KindDetails(
        _WARNING,
        "labels",
        "Declared but on no valid image: the model will not know them.",
    ),
    FindingKind.LABEL_NAMED_LIKE_SPLIT: KindDetails(
        _WARNING,
        "labels",
        "Named like a part of a set (train, valid, test): probably a folder that was taken for "
        "a label. Import the set again, split by split.",
    ),
    FindingKind.LABEL_ON_EVERY_IMAGE: KindDetails(
        _WARNING,
        "labels",
        "On every image of the training dataset, so a classifier cannot learn what it means. "
        "Add images without it, or remove it.",
    ),
    FindingKind.IMBALANCED_LABELS: KindDetails(
        _WARNING,
        "labels",
        f"More than {MAX_LABEL_RATIO} times rarer than the most frequent label of the dataset. "
        "Add images of these first.",
    ),
    FindingKind.IMAGES_WITHOUT_LABELS: KindDetails(
        _WARNING,
        "images",
        "Training ignores images without labels. Label or remove them.",
    ),
    FindingKind.DUPLICATE_IMAGES: KindDetails(
        _WARNING,
        "images",
        "Files that the dataset holds already count twice and teach nothing new. Remove them.",
    ),
    FindingKind.NEAR_DUPLICATE_IMAGES: KindDetails(
        _WARNING,
        "images",
        "They look like another image of the dataset, perhaps resized, turned or mirrored. "
        "Keep one of each group.",
    ),
    FindingKind.DECLARED_SIZE_DIFFERS: KindDetails(
        _WARNING,
        "images",
        "The line declares another shape than the image has, so its boxes are displaced. "
        "A rotation in the EXIF data is a common cause.",
    ),
    FindingKind.ADJUSTED_LABELS_KEPT: KindDetails(
        _WARNING,
        "images",
        "The labels that an adjustment job corrected are still beside the corrected ones, and "
        "training learns both. Import the manifest again with `lensmith import ground-truth`.",
    ),
    FindingKind.DUPLICATE_BOXES: KindDetails(
        _WARNING,
        "boxes",
        "They cover another box of their label nearly exactly. Remove one of the two.",
    ),
    FindingKind.TINY_BOXES: KindDetails(
        _WARNING,
        "boxes",
        "Objects this small are rarely found. Crop or photograph from nearer.",
    ),
    FindingKind.WHOLE_IMAGE_BOXES: KindDetails(
        _WARNING,
        "boxes",
        "A box around nearly everything says nothing of where the object is. "
        "Draw it tighter or use an image-level label.",
    ),
    FindingKind.BOXES_AT_BORDER: KindDetails(
        _NOTE,
        "boxes",
        "They touch the border. That is right for objects cut off by it; check the others.",
    ),
    FindingKind.UNUSUAL_SIZE: KindDetails(
        _NOTE,
        "images",
        "Sides more than 4 times longer or shorter than those of the median image. "
        "Train with images like those that you will analyze.",
    ),
    FindingKind.UNUSUAL_ASPECT: KindDetails(
        _NOTE,
        "images",
        "Much longer for their width than the median image. "
        "Train with images like those that you will analyze.",
    ),
    FindingKind.BLANK_IMAGES: KindDetails(
        _NOTE,
        "images",
        "Next to nothing can be seen on them. Remove them if that is not intended.",
    ),
}
