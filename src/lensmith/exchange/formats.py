"""The formats that come in and go out, by their names on the command line."""

from __future__ import annotations

from enum import StrEnum


class ImportFormat(StrEnum):
    COCO = "coco"
    YOLO = "yolo"
    VOC = "voc"
    CVAT = "cvat"
    LABEL_STUDIO = "label-studio"
    CSV = "csv"
    GROUND_TRUTH = "ground-truth"
    FOLDERS = "folders"


class ExportFormat(StrEnum):
    GROUND_TRUTH = "ground-truth"
    COCO = "coco"
    YOLO = "yolo"
    VOC = "voc"
    CSV = "csv"
