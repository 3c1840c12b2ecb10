"""Lists images of a dataset for a gallery: filtered, counted, by offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from msgspec import Struct
from sqlalchemy import Connection

from lensmith.domain.dataset import Dataset, DatasetStatus
from lensmith.domain.errors import ResourceInUseException, ResourceNotReadyException
from lensmith.manifest.labelling.image import MarkedBox, read_image
from lensmith.manifest.line.entry import bucket_of, key_of
from lensmith.operations.call import Service
from lensmith.store.records import datasets, image_page
from lensmith.store.records.image_page import ImageFilter, PageAfter
from lensmith.store.records.stored_entries import StoredEntry

MAX_IMAGES = 500  # of one page


class Image(Struct, frozen=True):
    """An entry; its `revision` changes with it."""

    source_ref: str
    bucket: str
    key: str
    name: str
    width: int | None  # as shown, in pixels; None where the entry does not say
    height: int | None
    image_labels: tuple[str, ...]
    boxes: tuple[MarkedBox, ...]
    nothing_here: bool
    errors: tuple[str, ...]
    revision: str


class ImagePage(Struct, frozen=True):
    revision: int  # grows with every change of the dataset
    total: int  # images that satisfy the filters; with `after`, those found so far
    counts: Mapping[str, int]  # of the whole dataset
    images: list[Image]
    status: str
    next: int | None = None  # `after` of the next page, where one was given
    complete: bool = True  # whether `total` counts all, from `after` on


@dataclass(frozen=True, slots=True)
class ImageQuery:
    filters: ImageFilter
    offset: int
    limit: int
    after: int | None = None  # look a bounded way from this position on, instead of counting


def find_images(service: Service, dataset: Dataset, query: ImageQuery) -> ImagePage:
    """Raises ResourceNotReadyException or ResourceInUseException without content to show."""
    with service.records.read() as connection:
        now = datasets.find(connection, dataset.arn) or dataset
        refuse_unreadable(now)
        page = _page(connection, now.id, query)
    stats = now.stats
    counts = {
        "all": stats.total_entries,
        "labeled": stats.labeled_entries,
        "unlabeled": stats.total_entries - stats.labeled_entries,
        "errors": stats.error_entries,
    }
    images = [as_image(stored) for stored in page.entries]
    return ImagePage(
        now.updated_ms,
        page.found,
        counts,
        images,
        now.status.value,
        page.next_position,
        page.is_complete,
    )


def _page(connection: Connection, dataset_id: int, query: ImageQuery) -> PageAfter:
    filters, offset, limit = query.filters, query.offset, query.limit
    if query.after is None:
        total, shown = image_page.page(connection, dataset_id, filters, offset=offset, limit=limit)
        return PageAfter(total, shown, None, is_complete=True)
    return image_page.page_after(
        connection, dataset_id, filters, after=query.after, offset=offset, limit=limit
    )


def as_image(stored: StoredEntry) -> Image:
    seen = read_image(stored.line)
    width, height = seen.size or (None, None)
    key = key_of(stored.source_ref)
    return Image(
        stored.source_ref,
        bucket_of(stored.source_ref),
        key,
        key.rpartition("/")[2],
        width,
        height,
        seen.image_labels,
        seen.boxes,
        seen.nothing_here,
        seen.errors,
        revision_of(stored.line),
    )


def revision_of(line: str) -> str:
    """Hash a line: two lines of one entry have the same revision only if they are equal."""
    return blake2b(line.encode(), digest_size=12).hexdigest()


def refuse_unreadable(dataset: Dataset) -> None:
    """Raises for a dataset whose content is not complete, or goes away."""
    detail = f"Dataset is in state {dataset.status.value}."
    if dataset.status in {DatasetStatus.CREATE_IN_PROGRESS, DatasetStatus.CREATE_FAILED}:
        raise ResourceNotReadyException(detail)
    if dataset.status is DatasetStatus.DELETE_IN_PROGRESS:
        raise ResourceInUseException(detail)
