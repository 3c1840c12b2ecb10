"""Sampling of video frames at a chosen rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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

    _Timed = tuple[Moment, VideoFrame]

_DEFAULT_RATE = 25.0  # frames a second, if the file states none
_TOLERATED = 1.0  # seconds that may be missing at the end


@dataclass(frozen=True, slots=True)
class Sampling:
    """Selects frames `1 / fps` seconds apart, or every `every`th one."""

    fps: float = 1.0
    every: int | None = None

    def expected(self, stream: VideoStream, seconds: float) -> int:
        """Estimate the number of chosen frames of a video that is not read yet."""
        rate = float(stream.average_rate or _DEFAULT_RATE)
        if self.every is not None:
            return max(1, -(-int(seconds * rate) // self.every))
        return max(1, round(seconds * min(rate, self.fps)))

    def chosen(self, frames: Iterable[_Timed], rate: float) -> Iterator[_Timed]:
        """Choose among all frames of a video, of which there are about `rate` a second."""
        due = 0.0
        for moment, frame in frames:
            if self.every is not None:
                if moment.frame % self.every == 0:
                    yield moment, frame
            elif (reached := moment.seconds + 0.5 / rate) >= due:
                due = (floor(reached * self.fps) + 1) / self.fps
                yield moment, frame


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
        self._rate = float(self._stream.average_rate or 0) or _DEFAULT_RATE

    @property
    def expected(self) -> int:
        """Estimate the number of chosen frames; 1 if the file does not state its duration."""
        duration = self._container.duration
        return self._sampling.expected(self._stream, duration / 1e6 if duration else 0.0)

    def frames(self) -> Iterator[Frame]:
        """Yield the chosen frames in order; raises PictureError if the file is damaged."""
        with _naming_damage():
            for moment, frame in self._sampling.chosen(self._timed(), self._rate):
                yield Frame(moment, _upright(frame))

    def _timed(self) -> Iterator[_Timed]:
        begin: float | None = None
        seconds = 0.0
        for index, frame in enumerate(self._container.decode(self._stream)):
            time = index / self._rate if frame.time is None else frame.time
            begin = time if begin is None else begin
            seconds = time - begin
            yield Moment(index, seconds), frame
        self._refuse_early_end(seconds)

    def _refuse_early_end(self, seconds: float) -> None:
        """Refuse a truncated file, which only a stated duration (mp4) tells from a shorter one."""
        if self._stream.duration is None or self._stream.time_base is None:
            return
        stated = float(self._stream.duration * self._stream.time_base)
        if seconds + 2 / self._rate + _TOLERATED < stated:
            raise PictureError(f"The video ends after {seconds:.1f} of {stated:.1f} s.")


@contextmanager
def opened(path: Path, sampling: Sampling) -> Iterator[Video]:
    """Open a video; raises PictureError for a file without one, DetectError without PyAV."""
    av = require_av()
    with _naming_damage():
        container = av.open(str(path))
    with container:
        if not container.streams.video:
            raise PictureError("There is no video in this file.")
        yield Video(container, sampling)


def require_av() -> ModuleType:
    """Import PyAV; raises DetectError that says how to install it."""
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
