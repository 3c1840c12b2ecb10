"""Validation codes, each with its message and the object of a line that carries it."""

from __future__ import annotations

from enum import Enum, StrEnum

from msgspec import Struct

from lensmith.domain.errors import LensmithError


class Level(StrEnum):
    """The object of a line that holds the array with the finding (manifests.md 3.5)."""

    LINE = "line"
    ATTRIBUTE = "attribute"
    METADATA = "metadata"
    ANNOTATION = "annotation"


class Code(Enum):
    """A code of manifests.md 2 and 3: the member name goes on the wire.

    `{}` in a message stands for the name of the label attribute. Codes without a level concern
    the whole manifest.
    """

    # The manifest as a file (2.1, 3.2); training reports only the message.
    ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET = (
        None,
        "The S3 bucket permissions are incorrect.",
    )
    ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT = (
        None,
        "The manifest file extension or contents are invalid.",
    )
    ERROR_MANIFEST_SIZE_TOO_LARGE = (
        None,
        "The manifest file size exceeds the maximum supported size.",
    )
    ERROR_EMPTY_MANIFEST = (None, "The manifest file is empty.")
    ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM = (None, "The manifest file has too many rows.")
    ERROR_TOO_MANY_RECORDS_IN_ERROR = (None, "The manifest file has too many terminal errors.")
    ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE = (
        None,
        "The manifest file doesn't have enough labeled images to distribute the dataset.",
    )
    OUTPUT_BUCKET_NOT_WRITABLE = (None, "Unable to write to output S3 bucket.")

    # The content of the manifests as a whole (3.3); two of them also fail a dataset (2.1).
    ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST = (
        None,
        "The manifest file contains too many invalid rows.",
    )
    ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS = (
        None,
        "The manifest file contains images from multiple S3 buckets.",
    )
    ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET = (
        None,
        "The permissions for the images S3 bucket are invalid.",
    )
    ERROR_INVALID_IMAGES_S3_BUCKET_OWNER = (None, "Invalid owner id for images S3 bucket.")
    ERROR_FAILED_IMAGES_S3_COPY = (None, "Failed to copy images from S3 bucket.")
    ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT = (
        None,
        "The manifest file contains insufficient labeled images per label to perform auto-split.",
    )
    ERROR_MANIFEST_TOO_FEW_LABELS = (None, "The manifest file has too few labels.")
    ERROR_MANIFEST_TOO_MANY_LABELS = (None, "The manifest file has too many labels.")
    ERROR_INSUFFICIENT_LABEL_OVERLAP = (
        None,
        "Less than 50% label overlap between the training and testing manifest files.",
    )
    ERROR_MANIFEST_TOO_FEW_USABLE_LABELS = (
        None,
        "The manifest file has too few usable labels.",
    )
    ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP = (
        None,
        "Less than 50% usable label overlap between the training and testing manifest files.",
    )

    # One line, stage A: the first of them ends the validation of the line (3.5).
    ERROR_INVALID_JSON_LINE = (Level.LINE, "The JSON Line has an invalid format.")
    ERROR_MISSING_SOURCE_REF = (Level.LINE, "The source-ref key is missing.")
    ERROR_INVALID_SOURCE_REF_FORMAT = (
        Level.LINE,
        "The format of the source-ref value is invalid.",
    )
    ERROR_NO_LABEL_ATTRIBUTES = (Level.LINE, "No label attributes found.")
    ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT = (
        Level.ATTRIBUTE,
        "The format of the label attribute {} is invalid.",
    )
    ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT = (
        Level.METADATA,
        "The format of the label attribute metadata is invalid.",
    )
    ERROR_MISSING_BOUNDING_BOX_CONFIDENCE = (
        Level.METADATA,
        "One or more bounding boxes has a missing confidence value.",
    )
    ERROR_MISSING_CLASS_MAP_ID = (
        Level.METADATA,
        "One of more class ids is missing from the class map.",
    )

    # One line, stage B: all of them are reported (3.5).
    ERROR_UNSUPPORTED_USE_CASE_TYPE = (
        Level.METADATA,
        "The use case type of the {}-metadata label attribute metadata is unsupported. "
        "Check the type field.",
    )
    ERROR_INVALID_LABEL_NAME_LENGTH = (Level.METADATA, "The length of the label name is invalid.")
    ERROR_TOO_MANY_BOUNDING_BOXES = (
        Level.ATTRIBUTE,
        "There are more bounding boxes than the allowed maximum.",
    )
    ERROR_INVALID_IMAGE_DIMENSION = (
        Level.LINE,
        "The image dimension(s) do not conform to allowed dimensions.",
    )
    ERROR_INVALID_BOUNDING_BOX = (Level.ANNOTATION, "The bounding box has off frame values.")
    ERROR_BOUNDING_BOX_TOO_SMALL = (
        Level.ANNOTATION,
        "The height and width of the bounding box is too small.",
    )
    ERROR_NO_VALID_ANNOTATIONS = (Level.LINE, "No valid annotations found.")
    ERROR_INVALID_IMAGE = (
        Level.LINE,
        "The image is invalid. Check S3 path and/or image properties.",
    )
    ERROR_NO_VALID_LABEL_ATTRIBUTES = (Level.LINE, "No valid label attributes found.")

    # One line, ignored or partly ignored (3.6).
    WARNING_UNANNOTATED_RECORD = (Level.LINE, "Record is unannotated.")
    WARNING_NO_ATTRIBUTE_ANNOTATIONS = (
        Level.ATTRIBUTE,
        "No attribute annotations were found.",
    )
    WARNING_NO_ANNOTATIONS = (Level.LINE, "No annotations were found.")

    def __init__(self, level: Level | None, message: str) -> None:
        self.level = level
        self.message = message

    @property
    def is_warning(self) -> bool:
        return self.name.startswith("WARNING_")

    def report(self) -> dict[str, str]:
        """Return the element of an `errors` array of the manifest summary."""
        return {"code": self.name, "message": self.message}


class Finding(Struct, frozen=True, gc=False):
    """One occurrence of a code in a line."""

    code: Code
    attribute: str | None = None  # label attribute; None at the level of the line
    annotation: int | None = None  # index into `annotations`

    def report(self) -> dict[str, str]:
        """Return the element of an `errors`, `cl-errors` or `warnings` array."""
        message = self.code.message.replace("{}", self.attribute or "")
        return {"code": self.code.name, "message": message}


class ManifestFileError(LensmithError):
    """A manifest, or what a job writes, failed as a whole (manifests.md 2.1, 3.2)."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.message)
        self.code = code
        self.message = code.message
