"""Run of `lensmith detect`: find the model and the files, detect, write, sum up."""

from __future__ import annotations

import enum
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from lensmith.cli.detect.annotated import AnnotatedVideos, Pen, copy_paths
from lensmith.cli.detect.detector import Detector
from lensmith.cli.detect.failure import DetectError
from lensmith.cli.detect.interruption import interrupted_afterwards
from lensmith.cli.detect.look import Looker, Seen
from lensmith.cli.detect.model import find_model, running
from lensmith.cli.detect.output import OutputFormat
from lensmith.cli.detect.run import Run
from lensmith.cli.detect.sink import Write, sink
from lensmith.cli.detect.source import Source, gather
from lensmith.cli.detect.summary import Tally, progress_bar, show_in_the_end
from lensmith.cli.detect.video import Sampling, require_av
from lensmith.exchange.services import Services

_IN_FLIGHT_PER_UNIT = 4  # one in the unit, one that waits for it, and two on their way
_MIN_IN_FLIGHT, _MAX_IN_FLIGHT = 4, 16  # unless --in-flight is given


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectOptions:
    """Options of the command line."""

    model: str
    paths: list[str]
    output: Path | None
    format: OutputFormat | None
    annotated: Path | None
    min_confidence: float | None
    max_results: int | None
    sampling: Sampling
    in_flight: int | None
    start: bool

    def chosen_format(self) -> OutputFormat:
        """Choose by the option, else by the file's suffix, else by whether stdout is a terminal."""
        if self.format is not None:
            return self.format
        if self.output is not None:
            is_csv = self.output.suffix.lower() == ".csv"
            return OutputFormat.CSV if is_csv else OutputFormat.JSONL
        return OutputFormat.TEXT if sys.stdout.isatty() else OutputFormat.JSONL


class Ending(enum.IntEnum):
    """Exit status of a run that began."""

    FINE = 0
    SOME_FAILED = 1
    INTERRUPTED = 130  # as shells say of what Ctrl-C ended


def detect_all(services: Services, options: DetectOptions) -> Ending:
    """Detect in every picture and return the exit status.

    Raises DetectError or ExchangeError if the run cannot begin or go on.
    """
    console = Console(stderr=True)
    model = find_model(services.rekognition, options.model)
    with console.status("Looking for pictures"):
        sources = _sources(services, options)
    copies = {} if options.annotated is None else copy_paths(sources, options.annotated)
    tally = Tally()
    try:
        with (
            running(services.rekognition, model, console, start=options.start) as units,
            sink(options.output, console) as write,
            show_in_the_end(console, tally),
        ):
            run = _run(services, options, model.arn, copies, units)
            with closing(AnnotatedVideos(copies)) as videos:
                keeper = _Keeper(write, options.chosen_format(), videos, tally)
                _keep_all(run, sources, keeper, console)
    except KeyboardInterrupt:
        console.print("Interrupted; every line that was written is whole.")
        return Ending.INTERRUPTED
    return Ending.SOME_FAILED if tally.failures else Ending.FINE


class _Keeper:
    """Writes each result in order, counts it and adds it to its annotated video."""

    def __init__(
        self, write: Write, format_: OutputFormat, videos: AnnotatedVideos, tally: Tally
    ) -> None:
        self._write = write
        self._format = format_
        self._videos = videos
        self._tally = tally
        if format_.header:
            write(format_.header)

    def keep(self, seen: Seen) -> None:
        result = seen.result
        self._write(self._format.lines(result))
        self._tally.add(result)
        if seen.drawn is not None and result.moment is not None:
            self._videos.add(result.source, result.moment.seconds, seen.drawn)


def _keep_all(run: Run, sources: list[Source], keeper: _Keeper, console: Console) -> None:
    with progress_bar(console) as bar:
        total = len(sources)
        task = bar.add_task("Looking", total=total)

        def grow(more: int) -> None:
            nonlocal total
            total += more
            bar.update(task, total=total)

        with closing(run.results(sources, grow)) as results:
            for seen in results:
                with interrupted_afterwards():  # what is written is counted
                    keeper.keep(seen)
                    bar.advance(task)


def _run(
    services: Services,
    options: DetectOptions,
    version_arn: str,
    copies: dict[str, Path],
    units: int,
) -> Run:
    detector = Detector(
        services.rekognition,
        version_arn,
        min_confidence=options.min_confidence,
        max_results=options.max_results,
    )
    looker = Looker(detector, services.s3, None if options.annotated is None else Pen())
    wanted = min(max(_IN_FLIGHT_PER_UNIT * units, _MIN_IN_FLIGHT), _MAX_IN_FLIGHT)
    return Run(looker, services.s3, options.sampling, copies, options.in_flight or wanted)


def _sources(services: Services, options: DetectOptions) -> list[Source]:
    """Raises DetectError if there is no picture, or a video but no PyAV to read it."""
    without = None if options.annotated is None else options.annotated.resolve()
    if without is not None and any(Path(path).resolve() == without for path in options.paths):
        raise DetectError("--annotated must be another folder than that of the pictures.")
    sources = gather(options.paths, services.s3, without)
    if not sources:
        raise DetectError(f"There are no pictures or videos in {', '.join(options.paths)}.")
    if any(source.is_video for source in sources):
        require_av()
    return sources
