"""Predicts on image files with a trained model."""

from __future__ import annotations

import time

import numpy as np

from lensmith.domain.label import Detection, Prediction
from lensmith.domain.precision import Dropped, Precision
from lensmith.domain.readable import Folder
from lensmith.inference.artefact import Artefact, ArtefactError, Task
from lensmith.inference.choice import choose_here
from lensmith.inference.image import Pixels
from lensmith.inference.image_file import File
from lensmith.inference.network import Network, load_network
from lensmith.inference.postprocess import classified, detected
from lensmith.inference.preprocess import Placement, place, prepare
from lensmith.inference.variant import Variant, reference_of

_TIMED_RUNS, _TIMING_SECONDS = 3, 0.03


class Predictor:
    """One loaded artefact; training's evaluation and serving both predict with this."""

    seconds: float  # of the network for one picture, measured after it was loaded

    def __init__(
        self, artefact: Artefact, network: Network, variant: Variant | None = None
    ) -> None:
        """Build a predictor; `artefact` is described as the variant serves it."""
        self.artefact = artefact
        self.variant = variant
        self.dropped: tuple[Dropped, ...] = ()
        self.seconds = 0.0
        self.network = network
        self._thresholds = dict(zip(artefact.labels, artefact.thresholds, strict=True))

    @classmethod
    def open(
        cls, directory: Folder, threads: int = 0, precision: Precision | None = None
    ) -> Predictor:
        """Load the variant to serve and try it out on zeros; 0 threads means all cores.

        Without a `precision` the rule decides which. One that cannot be loaded or run is dropped,
        and the rule decides among the others. Raises ArtefactError when the model cannot be read,
        or float32 in ONNX Runtime not be loaded or run.
        """
        artefact = Artefact.read(directory)
        dropped: list[Dropped] = []
        while True:
            variant = choose_here(artefact, precision, dropped)
            try:
                predictor = cls.of_variant(directory, artefact, variant, threads)
            except ArtefactError as error:
                if variant is None or variant is reference_of(artefact.variants):
                    raise
                dropped.append(Dropped(variant.precision, variant.runtime, str(error)))
            else:
                predictor.dropped = tuple(dropped)
                return predictor

    @classmethod
    def of_variant(
        cls, directory: Folder, artefact: Artefact, variant: Variant | None, threads: int = 0
    ) -> Predictor:
        """Load one variant, float32 without one; raises as `open` does."""
        network = load_network(directory, artefact, threads, variant)
        predictor = cls(artefact.served_as(variant), network, variant)
        predictor._try_out()
        return predictor

    def predict(self, data: File) -> Prediction:
        """Predict on a PNG or JPEG file.

        Raises InvalidImageFormatException, ImageTooLargeException or InvalidParameterException
        as `image.read_header` does.
        """
        frame, placement = prepare(data, self.artefact)
        return Prediction(self._detections(frame, placement), self._thresholds)

    def _detections(self, frame: Pixels, placement: Placement) -> tuple[Detection, ...]:
        outputs = self.network.run(frame[None])
        if self.artefact.task is Task.CLASSIFICATION:
            return classified(outputs["scores"][0], self.artefact)
        return detected(outputs["boxes"][0], outputs["scores"][0], placement, self.artefact)

    def _try_out(self) -> None:
        width, height = self.artefact.input_size
        placement = place((width, height), (width, height), self.artefact.preprocessing)
        try:
            frame = np.zeros((height, width, 3), np.uint8)
            scored = self.network.run(frame[None])["scores"].shape[-1]
            self.seconds = self._shortest_run(frame, placement)  # the first allocates memory
        except Exception as error:  # whatever a wrong network file provokes
            raise ArtefactError("The model does not run as its description says.") from error
        if scored != len(self.artefact.labels):
            raise ArtefactError("The model and its description differ in their labels.")

    def _shortest_run(self, frame: Pixels, placement: Placement) -> float:
        """Time up to three runs, fewer of a slow network; other work only makes them longer."""
        times: list[float] = []
        while len(times) < _TIMED_RUNS and sum(times) < _TIMING_SECONDS:
            began = time.perf_counter()
            self._detections(frame, placement)
            times.append(time.perf_counter() - began)
        return min(times)
