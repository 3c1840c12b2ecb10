"""Keeps the answers of a person who reviews predictions; each answer is complete by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from lensmith.domain.review import ImageState, Review
from lensmith.inference.artefact import Task
from lensmith.manifest.dataset.entry import RejectedLine, check_entry
from lensmith.manifest.labelling.edit import EditError
from lensmith.manifest.labelling.image import MarkedBox, read_image
from lensmith.manifest.labelling.verified import (
    PredictedImage,
    Verification,
    VerifiedAnswer,
    is_confirmed,
    verified_line,
)
from lensmith.operations.call import Service
from lensmith.operations.lensmith.review_state import prediction_of
from lensmith.store.records import review_images
from lensmith.store.records.review_images import ReviewedImage

_TRIED = Verification("feedback/check", "version", "2020-01-01T00:00:00.000Z")


class Answer(Struct, frozen=True):
    """The answer to one picture; `labels` or `boxes` belong to `verified` only."""

    source_ref: str
    verdict: Literal["verified", "rejected", "skipped", "pending"]
    image_labels: tuple[str, ...] = ()
    boxes: tuple[MarkedBox, ...] = ()
    nothing_here: bool = False


class SavedAnswer(Struct, frozen=True):
    source_ref: str
    state: str


class RefusedAnswer(Struct, frozen=True):
    source_ref: str
    code: str


class Outcome(Struct):
    saved: list[SavedAnswer]
    rejected: list[RefusedAnswer]


_STATES = {
    "rejected": ImageState.REJECTED,
    "skipped": ImageState.SKIPPED,
    "pending": ImageState.PENDING,
}


def save_answers(service: Service, review: Review, answers: Sequence[Answer]) -> Outcome:
    """Save answers; whether one confirms or corrects is read from the prediction.

    An answer that cannot be a line is refused with its code, the others are saved.
    """
    outcome = Outcome([], [])
    with service.records.write() as connection:
        refs = list(dict.fromkeys(answer.source_ref for answer in answers))
        known = review_images.find(connection, review.id, refs)
        for answer in answers:
            image = known.get(answer.source_ref)
            code = _fault(review, image, answer)
            if code is not None or image is None:
                refused = RefusedAnswer(answer.source_ref, code or "NOT_IN_REVIEW")
                outcome.rejected.append(refused)
                continue
            state, given = _decided(prediction_of(image), answer)
            review_images.answer(connection, review.id, image.position, state, given)
            outcome.saved.append(SavedAnswer(answer.source_ref, state.value))
    return outcome


def _decided(predicted: PredictedImage, answer: Answer) -> tuple[ImageState, bytes | None]:
    if answer.verdict != "verified":
        return _STATES[answer.verdict], None
    given = _given(answer)
    confirmed = is_confirmed(predicted, given)
    state = ImageState.CONFIRMED if confirmed else ImageState.CORRECTED
    return state, msgspec.json.encode(given)


def _given(answer: Answer) -> VerifiedAnswer:
    labels = tuple(dict.fromkeys(answer.image_labels))
    return VerifiedAnswer(labels, answer.boxes, answer.nothing_here)


def _fault(review: Review, image: ReviewedImage | None, answer: Answer) -> str | None:
    """Return the code of an answer that would make no line."""
    if image is None:
        return "NOT_IN_REVIEW"
    if image.state is ImageState.UNREADABLE:
        return "UNREADABLE"
    if answer.verdict != "verified":
        return None
    if review.task == Task.CLASSIFICATION and not answer.image_labels:
        return "NO_LABEL"
    if review.task == Task.DETECTION and not (answer.boxes or answer.nothing_here):
        return "NO_BOX"
    try:
        line = verified_line(answer.source_ref, None, prediction_of(image), _given(answer), _TRIED)
    except EditError as error:
        return error.code
    checked = check_entry(line)
    if isinstance(checked, RejectedLine):
        return checked.name
    return next(iter(read_image(checked.text).errors), None)
