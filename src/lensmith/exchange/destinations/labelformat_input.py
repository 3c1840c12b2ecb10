"""Adapts images to the library labelformat, which writes YOLO and Pascal VOC."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from labelformat.model.bounding_box import BoundingBox, BoundingBoxFormat
from labelformat.model.category import Category
from labelformat.model.image import Image
from labelformat.model.object_detection import (
    ImageObjectDetection,
    ObjectDetectionInput,
    SingleObjectDetection,
)

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.fitting import Fitted
from lensmith.exchange.inside import first_link
from lensmith.manifest.convert.annotated_image import LabeledPixels


def refuse_links(*paths: Path) -> None:
    """Refuse links: raises ExchangeError for a symbolic link at or below one of the paths.

    The library writes wherever links lead, which may be out of the destination.
    """
    for path in paths:
        link = first_link(path)
        if link is not None:
            raise ExchangeError(f"{link} is a symbolic link; export to a folder without links.")


class FittedImages(ObjectDetectionInput):
    """Streams images; classes are numbered from 0 in the order of the labels."""

    def __init__(
        self,
        fitted: Fitted,
        labels: Sequence[str] | None = None,
        file_name: Callable[[str], str] = str,
    ) -> None:
        """Take other labels than those of the images, and names of files made from theirs."""
        self._fitted = fitted
        self._file_name = file_name
        names = fitted.labels if labels is None else labels
        self._categories = {name: Category(id_, name) for id_, name in enumerate(names)}

    @staticmethod
    def add_cli_arguments(parser: ArgumentParser) -> None:
        """Add nothing: the base class requires the method, this input has no command line."""

    def get_categories(self) -> Iterable[Category]:
        return self._categories.values()

    def get_images(self) -> Iterable[Image]:
        for number, fit in enumerate(self._fitted.images):
            yield Image(number, self._file_name(fit.name), *fit.size)

    def get_labels(self) -> Iterable[ImageObjectDetection]:
        for image, fit in zip(self.get_images(), self._fitted.images, strict=True):
            yield ImageObjectDetection(image, [self._object(box) for box in fit.boxes])

    def _object(self, box: LabeledPixels) -> SingleObjectDetection:
        corners = BoundingBox.from_format(
            [box.left, box.top, box.width, box.height], BoundingBoxFormat.XYWH
        )
        return SingleObjectDetection(self._categories[box.label], corners)
