"""Results of a converter: drafts of manifest lines, and problems with what it skipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lensmith.domain.errors import LensmithError


class UnreadableSourceError(LensmithError):
    """A source as a whole cannot be converted; the message says where, why and what to do."""


class ProblemKind(Enum):
    """Reasons to skip something: its unit, what is wrong with it, how to fix it."""

    UNKNOWN_IMAGE = (
        "annotation",
        "its image_id is that of no image",
        "add the image or correct image_id",
    )
    BAD_BOX = ("annotation", "its box is not four usable numbers", "correct or remove it")
    UNKNOWN_CLASS = ("annotation", "its class has no name", "add the class to the list of names")
    NO_LABEL_NAME = ("annotation", "it has no label", "name the object or remove it")
    NOT_A_LABEL = (
        "label",
        "the class-map has no name for it",
        "add the class to the class-map",
    )
    NOT_A_LINE = ("line", "it is not a JSON object with a source-ref", "correct or remove the line")
    LINE_TOO_LONG = (
        "image",
        "its line would exceed 100,000 characters",
        "remove boxes; a model takes at most 50 an image",
    )
    REPEATED_IMAGE = ("image", "it occurs a second time", "merge the two into one")
    REPEATED_ID = ("image", "its id is that of an earlier image", "give each image its own id")
    AMBIGUOUS_IMAGE = (
        "image",
        "several files could be it",
        "give its path below the folder of images",
    )
    AMBIGUOUS_NAME = (
        "image",
        "more than one name could mean this file",
        "add the missing files or correct the names",
    )
    NO_FILE_NAME = ("image", "it has no file_name", "add file_name")
    NO_FILE = ("image", "there is no such file", "put it there or name its folder with --images")
    OUTSIDE = (
        "image",
        "its path leads out of the folder or is no file name",
        "copy the file into the folder and use a relative path",
    )
    NOT_AN_IMAGE = ("image", "it is neither PNG nor JPEG", "convert it to PNG or JPEG")
    NO_SIZE = ("image", "its size is not known", "add width and height or the image itself")
    UNREADABLE_LABELS = ("image", "its label file cannot be read", "correct the label file")
    BAD_KEY = ("image", "its key cannot be a file name", "rename the object")
    SAME_STEM = (
        "image",
        "another image has the same name with another ending",
        "rename one of the two objects",
    )
    BOX_NOT_CARRIED = ("box", "the format has no boxes", "export to coco, yolo or voc as well")
    LABEL_NOT_CARRIED = (
        "image-level label",
        "the format has only boxes",
        "export to csv as well",
    )
    NOT_XML = ("box", "XML cannot hold its label", "rename the label")
    UNREADABLE_ANNOTATION = (
        "annotation",
        "the stored line does not describe it fully",
        "correct the entry with UpdateDatasetEntries",
    )
    NOT_DOWNLOADED = ("image", "it cannot be downloaded", "check that the object is there")
    ADJUSTED = (
        "set of labels",
        "a later labeling job adjusted it",
        "the adjusted set is kept; remove that one if it is not wanted",
    )
    OTHER_JOB = (
        "set of labels",
        "its labeling job marks neither images nor boxes",
        "convert it to one of the two if it is wanted",
    )
    SIZE_DIFFERS = (
        "image",
        "it has another shape than its labels declare, so its boxes are displaced",
        "correct the size or the rotation in the EXIF data",
    )
    NO_LABEL_FILE = (
        "split",
        "some images have no label file and count as images without objects",
        "put missing label files into the folder of labels",
    )
    KEYPOINTS = (
        "split",
        "its lines are boxes with keypoints by the look of them; the boxes are kept",
        "name kpt_shape in data.yaml, or 'kpt_shape: none' if the lines are polygons",
    )
    MAYBE_KEYPOINTS = (
        "split",
        "its lines are read as polygons but could be boxes with keypoints",
        "name kpt_shape in data.yaml, or 'kpt_shape: none' if the lines are polygons",
    )
    UNREADABLE_BUCKET = (
        "bucket",
        "its images cannot be read here, so training would fail",
        "copy them here and name their folder with --images",
    )
    NOT_OF_THE_SPLIT = (
        "folder",
        "it is another split",
        "import it with --split, as --type train or test",
    )

    @property
    def is_note(self) -> bool:
        """Whether nothing is skipped because of it."""
        return self in {
            ProblemKind.SIZE_DIFFERS,
            ProblemKind.NO_LABEL_FILE,
            ProblemKind.KEYPOINTS,
            ProblemKind.MAYBE_KEYPOINTS,
            ProblemKind.UNREADABLE_BUCKET,
        }

    @property
    def unit(self) -> str:
        return str(self.value[0])

    @property
    def what(self) -> str:
        return str(self.value[1])

    @property
    def fix(self) -> str:
        return str(self.value[2])


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that was skipped or wants a look."""

    kind: ProblemKind
    where: str  # file, line or image

    @property
    def shown(self) -> str:
        """`where` without characters that a terminal or a text file would stumble over."""
        return "".join(
            one if one.isprintable() else one.encode("unicode_escape").decode()
            for one in self.where
        )

    def __str__(self) -> str:
        if self.kind.is_note:
            return f"{self.shown}: {self.kind.what}; {self.kind.fix}"
        return f"{self.shown}: {self.kind.unit} skipped, {self.kind.what}; {self.kind.fix}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A manifest line without the location of its image."""

    image: str  # path below the images folder, `/` between its parts, or s3://BUCKET/KEY
    attributes: Mapping[str, Any]  # label attributes with their metadata, and other keys
    others: tuple[str, ...] = ()  # further paths where the image may be, the likeliest first
