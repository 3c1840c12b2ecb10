"""Copies of pictures and videos with the detections drawn onto them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import IO, TYPE_CHECKING

from PIL import Image

from lensmith.cli.detect.failure import DetectError, PictureError
from lensmith.cli.detect.video import require_av
from lensmith.examples.annotate import annotate
from lensmith.exchange.destinations.whole_file import whole_file

if TYPE_CHECKING:
    from av.video.stream import VideoStream

    from lensmith.cli.detect.result import Found
    from lensmith.cli.detect.source import Source

_CLOCK = 1000  # ticks a second of annotated videos
_KEPT = frozenset({".jpg", ".jpeg", ".png"})  # other pictures get .jpg added to their name


class Pen:
    """Draws detections, each label in one colour throughout. Thread-safe."""

    def __init__(self) -> None:
        self._labels: list[str] = []
        self._lock = Lock()

    def draw(self, image: Image.Image, found: Sequence[Found]) -> Image.Image:
        """Return a copy with a box or a caption for each label."""
        with self._lock:
            for each in found:
                if each.name not in self._labels:
                    self._labels.append(each.name)
        return annotate(image, [each.as_detection() for each in found], self._labels)


def copy_paths(sources: Sequence[Source], folder: Path) -> dict[str, Path]:
    """Map each source's name to the path of its copy, below the folder as it lies below its PATH.

    Paths are unique and never those of a source. Raises DetectError when the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DetectError(f"{folder} cannot be made: {error.strerror}.") from error
    taken = {source.place.resolve() for source in sources if isinstance(source.place, Path)}
    copies: dict[str, Path] = {}
    for source in sources:
        wanted = folder.resolve() / _copy_name(source)
        path = next(path for path in _numbered(wanted) if path not in taken)
        taken.add(path)
        copies[source.name] = path
    return copies


def _copy_name(source: Source) -> PurePosixPath:
    """Make a relative name without `..` of any object key."""
    parts = [
        part.replace("\0", "_").replace("\\", "_")
        for part in source.relative.parts
        if part not in {"/", ".", ".."}
    ]
    name = PurePosixPath(*parts) if parts else PurePosixPath("picture")
    kept = {".mp4"} if source.is_video else _KEPT
    added = ".mp4" if source.is_video else ".jpg"
    return name if name.suffix.lower() in kept else name.with_name(name.name + added)


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_stem(f"{path.stem}-{number}")
        number += 1


def save_image(image: Image.Image, path: Path) -> None:
    """Write JPEG or PNG, by the suffix; raises PictureError if it cannot be written."""
    try:
        with whole_file(path) as file:
            image.save(file, "PNG" if path.suffix.lower() == ".png" else "JPEG", quality=92)
    except OSError as error:
        raise PictureError(f"{path} cannot be written: {error.strerror}.") from error


class AnnotatedVideos:
    """Encodes annotated frames, which arrive in order, into one H.264 file per video."""

    def __init__(self, copies: Mapping[str, Path]) -> None:
        self._copies = copies
        self._source: str | None = None
        self._file = ExitStack()
        self._film: _Film | None = None

    def add(self, source: str, seconds: float, image: Image.Image) -> None:
        """Append a frame; raises DetectError if the file cannot be written."""
        if source != self._source or self._film is None:
            self.close()
            self._film = self._file.enter_context(_film(self._copies[source]))
            self._source = source
        with _naming_failures(self._copies[source]):
            self._film.add(image, seconds)

    def close(self) -> None:
        """Finish the file of the last video; raises as `add` does."""
        self._film = None
        self._file.close()


class _Film:
    """An mp4 file under way; a frame is shown until the next one."""

    def __init__(self, file: IO[bytes]) -> None:
        self._av = require_av()
        self._container = self._av.open(file, "w", format="mp4")
        self._stream: VideoStream | None = None

    def add(self, image: Image.Image, seconds: float) -> None:
        if self._stream is None:
            self._stream = self._begin(image)
        size = (self._stream.width, self._stream.height)
        frame = self._av.VideoFrame.from_image(image if image.size == size else image.resize(size))
        frame.pts = round(seconds * _CLOCK)
        frame.time_base = Fraction(1, _CLOCK)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        if self._stream is not None:
            self._container.mux(self._stream.encode())
        self._container.close()

    def _begin(self, image: Image.Image) -> VideoStream:
        stream: VideoStream = self._container.add_stream("h264", options={"preset": "veryfast"})
        stream.codec_context.time_base = Fraction(1, _CLOCK)
        stream.width, stream.height = image.width & ~1, image.height & ~1  # halved for colour
        stream.pix_fmt = "yuv420p"
        return stream


@contextmanager
def _film(path: Path) -> Iterator[_Film]:
    with _naming_failures(path), whole_file(path) as file:
        film = _Film(file)
        try:
            yield film
        finally:
            film.close()


@contextmanager
def _naming_failures(path: Path) -> Iterator[None]:
    from av.error import FFmpegError

    try:
        yield
    except (OSError, FFmpegError) as error:
        raise DetectError(f"{path} cannot be written: {error.strerror}.") from error
