"""Frames of a video at a chosen rate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import floor
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from PIL import Image

from lensmith.cli.detect.failure import DetectError, PictureError
from lensmith.cli.detect.result import Moment

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which frames: those `1 / fps` seconds apart, or every so many."""

    fps: float = 1.0
    every: int | None = None

    def expected(self, stream: VideoStream, seconds: float) -> int:
        """About how many frames of a video that is not read yet."""
        rate = float(stream.average_rate or self.fps)
        if self.every is not None:
            return max(1, -(-int(seconds * rate) // self.every))
        return max(1, round(seconds * min(rate, self.fps)))


@dataclass(frozen=True, slots=True)
class Frame:
    moment: Moment
    image: Image.Image  # upright, RGB


class Video:
    """A video file, opened by `opened`."""

    def __init__(self, container: InputContainer, sampling: Sampling) -> None:
        self._container = container
        self._stream = container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._sampling = sampling

    @property
    def expected(self) -> int:
        """About how many frames there will be; 1 where the file does not say how long it is."""
        duration = self._container.duration
        return self._sampling.expected(self._stream, duration / 1e6 if duration else 0.0)

    def frames(self) -> Iterator[Frame]:
        """The chosen frames in their order; raises PictureError where the file is damaged."""
        with _naming_damage():
            for moment, frame in self._chosen():
                yield Frame(moment, _upright(frame))

    def _chosen(self) -> Iterator[tuple[Moment, VideoFrame]]:
        rate = float(self._stream.average_rate or 0) or 25.0  # where frames have no time
        begin: float | None = None
        due = 0.0
        for index, frame in enumerate(self._container.decode(self._stream)):
            time = index / rate if frame.time is None else frame.time
            begin = time if begin is None else begin
            seconds = time - begin
            if self._sampling.every is not None:
                if index % self._sampling.every == 0:
                    yield Moment(index, seconds), frame
            elif (reached := seconds + 0.5 / rate) >= due:
                due = (floor(reached * self._sampling.fps) + 1) / self._sampling.fps
                yield Moment(index, seconds), frame


@contextmanager
def opened(path: Path, sampling: Sampling) -> Iterator[Video]:
    """Raises PictureError for a file without a video, DetectError where PyAV is missing."""
    av = require_av()
    with _naming_damage():
        container = av.open(str(path))
    with container:
        if not container.streams.video:
            raise PictureError("There is no video in this file.")
        yield Video(container, sampling)


def require_av() -> ModuleType:
    """PyAV; raises DetectError that says how to install it."""
    try:
        import av
    except ImportError as error:
        raise DetectError("Videos need PyAV. Install it: pip install 'lensmith[video]'") from error
    return av


@contextmanager
def _naming_damage() -> Iterator[None]:
    from av.error import FFmpegError

    try:
        yield
    except FFmpegError as error:
        raise PictureError(f"Not a video that can be read: {error.strerror}.") from error


def _upright(frame: VideoFrame) -> Image.Image:
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
