"""Report of a training: plan, trials, scores, calibration, ending. Codes and numbers, no sentences.

Training writes it into model.json, the API sends it, and its readers make the sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LAYOUT = 1  # of the report; models trained before it have none

BUNDLED = "bundled"
"""Name of the bundled detector among the candidates."""


class EndReason(StrEnum):
    """Why a training loop ended."""

    ALL_ITERATIONS = "all-iterations"
    LEARNT = "learnt"  # the training pictures, before all iterations of the recipe
    OUT_OF_TIME = "out-of-time"


class Method(StrEnum):
    """How a backbone becomes a classifier; from the plainest to the most flexible."""

    PROTOTYPES = "prototypes"  # of frozen features, as is the regression
    REGRESSION = "regression"
    AVERAGE = "average"  # of several backbones' logits, each with a head of its own
    FINE_TUNING = "fine-tuning"
    FULL_FINE_TUNING = "full-fine-tuning"


class SkipReason(StrEnum):
    """Why something was not tried, or not to its end; the comment says what `number` is."""

    BUDGET = "budget"  # a larger time budget allows it
    TIME = "time"  # the time left is too short
    HEADS = "heads"  # no time for this number of further heads
    LARGER_INPUT = "larger-input"  # no time for an input of this number of pixels a side
    FOLDS = "folds"  # further folds to validate fine-tuning on; a larger budget allows them
    TOO_SLOW = "too-slow"  # seconds that it needs; `limit` seconds are allowed
    TOO_FEW_PICTURES = "too-few-pictures"  # pictures that it needs
    TOO_FEW_PICTURES_A_LABEL = "too-few-pictures-a-label"  # pictures that it needs
    NOTHING_HELD_OUT = "nothing-held-out"
    NOT_NEEDED = "not-needed"  # frozen features leave nothing to gain
    DIVERGED = "diverged"  # iteration
    EXPORT = "export"  # the exported model differs; `detail` is the error
    NOT_INSTALLED = "not-installed"  # `detail` is the package
    NO_SUCH_FOLDER = "no-such-folder"  # and not a name on the hub
    NOT_ON_THE_HUB = "not-on-the-hub"
    NO_SUCH_REVISION = "no-such-revision"
    GATED = "gated"
    OFFLINE = "offline"  # HF_HUB_OFFLINE is set
    UNREACHABLE = "unreachable"
    HUB_STATUS = "hub-status"  # HTTP status
    DOWNLOAD = "download"  # `detail` is the error
    IS_A_DETECTOR = "is-a-detector"
    IS_NO_DETECTOR = "is-no-detector"
    UNUSABLE = "unusable"  # `detail` is the error


class ChoiceReason(StrEnum):
    """The criterion that decided between the candidates."""

    ONE_STANDARD_ERROR = "one-standard-error"  # the plainest within it of the lowest log loss
    FEW_PICTURES = "few-pictures"  # too few to tell backbones apart: their average
    LARGER_INPUT = "larger-input"  # log loss lower by more than the error of the difference
    LOG_LOSS = "log-loss"  # of fine-tuning and frozen features on the same pictures
    AVERAGE_PRECISION = "average-precision"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A candidate that was left out."""

    reason: SkipReason
    candidate: str = ""  # backbone or detector
    method: Method | None = None
    number: float | None = None
    limit: float | None = None
    detail: str = ""  # of an error of another package


@dataclass(frozen=True, slots=True)
class ClassifierPlan:
    backbones: tuple[str, ...]  # whose frozen features are tried
    folds: int  # of the cross-validation; 0 where nothing can be held out
    tuning_folds: int = 0  # that validate fine-tuning; 0 where pictures are too few for it
    full_tuning: bool = False  # whether a backbone of which every layer is trained is tried too
    averaged: bool = False  # whether the backbones are averaged, not chosen from
    larger_input: tuple[int, int] | None = None  # width, height in pixels, tried for small parts


@dataclass(frozen=True, slots=True)
class DetectorPlan:
    detectors: tuple[str, ...]  # tried beside the bundled one
    training_pictures: int
    held_out_pictures: int


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Candidates that a training is going to try; one of both members."""

    classifier: ClassifierPlan | None = None
    detector: DetectorPlan | None = None


@dataclass(frozen=True, slots=True)
class MachineShare:
    """Describes a training's part of its machine, beside other work."""

    cores: int  # that its process may use
    trainings: int = 0  # of the same server that ran beside it when it was planned
    load: float | None = None  # average number of busy or waiting processes, then
    cores_used: float | None = None  # on average, from the plan to the exported model

    @property
    def fair_cores(self) -> float:
        """Cores for each of the trainings, if they share evenly."""
        return self.cores / (self.trainings + 1)


@dataclass(frozen=True, slots=True)
class Trial:
    """A candidate with its scores on pictures that it was not trained on."""

    candidate: str  # backbone or detector
    method: Method | None = None  # of a classifier
    strength: float | None = None  # C of a regression
    log_loss: float | None = None
    standard_error: float | None = None  # of the log loss
    accuracy: float | None = None  # if labels exclude each other
    average_precision: float | None = None
    folds: int | None = None  # that it was validated on
    pictures: int | None = None
    seconds: float | None = None
    input_size: tuple[int, int] | None = None  # width, height; if larger than the native one


@dataclass(frozen=True, slots=True)
class Choice:
    trial: Trial
    reason: ChoiceReason | None = None
    runner_up: Trial | None = None  # among detectors
    baseline_log_loss: float | None = None  # of frozen features, on the pictures of fine-tuning
    lead: float | None = None  # in average precision, to be worth replacing the bundled detector
    fine_tuning: Skipped | None = None  # why it was not tried
    continuation: Skipped | None = None  # why training on all pictures failed afterwards


@dataclass(frozen=True, slots=True)
class Recipe:
    input_size: tuple[int, int]  # width, height in pixels
    iterations: int  # at most
    batch: int
    backbone: str = ""  # none for a detector from the hub
    more_iterations: int = 0  # with the held-out pictures


@dataclass(frozen=True, slots=True)
class ClassifierTraining:
    exclusive: bool  # whether labels exclude each other
    min_pictures_a_label: int
    max_pictures_a_label: int
    temperature: float = 1.0  # that calibrates the logits
    views: int | None = None  # of each picture, for frozen features
    recipe: Recipe | None = None  # of fine-tuning


@dataclass(frozen=True, slots=True)
class Cut:
    """Counts what the time budget left out of a training."""

    iterations: int  # that were left out
    seconds: float  # that they would have taken, at the pace of the others
    wanted_recall: float | None = None  # of boxes in training images, ends a training early


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Result of a detector on pictures, or made scenes, that it was not trained on."""

    pictures: int
    average_precision: float  # at IoU 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling: slope and offset of the logits."""

    slope: float
    offset: float


@dataclass(frozen=True, slots=True)
class DetectorTraining:
    recipe: Recipe
    iterations: int
    loss: float
    ending: EndReason | None = None
    detector: str = BUNDLED
    recall: float | None = None  # of the boxes in training images
    held_out: HeldOut | None = None
    calibration: Calibration | None = None
    logos: bool = False  # whether it was trained on scenes made around logos
    cut: Cut | None = None  # by the time budget


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """Everything that a training reports; a member that is None is not known."""

    layout: int = LAYOUT
    seed: int | None = None
    device: str = ""  # cpu, or cuda for a GPU
    budget_seconds: float | None = None
    seconds: float | None = None  # of the whole training, to the evaluated model
    labels: int | None = None
    training_images: int | None = None
    testing_images: int | None = None
    f1_score: float | None = None  # these three are of the test set
    average_precision: float | None = None
    expected_calibration_error: float | None = None
    plan: TrainingPlan | None = None
    machine: MachineShare | None = None
    trials: tuple[Trial, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    choice: Choice | None = None
    classifier: ClassifierTraining | None = None
    detector: DetectorTraining | None = None
