"""Detection on all pictures and frames: requests in parallel, results in order."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.cli.detect.failure import PictureError
from lensmith.cli.detect.look import Looker, Seen
from lensmith.cli.detect.object import copy_object
from lensmith.cli.detect.result import Result
from lensmith.cli.detect.video import Sampling, opened
from lensmith.exchange.services import Location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from lensmith.cli.detect.source import Source

_QUEUED = 4  # detections, with their frames, that wait for a request in flight to end

Grow = Callable[[int], None]
_Look = Callable[[], Seen]


class Run:
    """Detects on many sources with `in_flight` requests at once."""

    def __init__(
        self,
        looker: Looker,
        s3: S3Client,
        sampling: Sampling,
        copies: Mapping[str, Path],  # source name -> annotated copy; empty when none are wanted
        in_flight: int,
    ) -> None:
        self._looker = looker
        self._s3 = s3
        self._sampling = sampling
        self._copies = copies
        self._in_flight = in_flight

    def results(self, sources: Iterable[Source], grow: Grow) -> Generator[Seen]:
        """Yield one result per picture and chosen frame, in the order of the sources.

        Calls `grow` with the change of the expected total, which begins at one per source. Raises
        DetectError if the run cannot go on.
        """
        waiting: deque[Future[Seen]] = deque()
        pool = ThreadPoolExecutor(self._in_flight, "look")
        try:
            with closing(self._looks(sources, grow)) as looks:
                for look in looks:
                    waiting.append(pool.submit(look))
                    if len(waiting) >= self._in_flight + _QUEUED:
                        yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            self._looker.stop()
            pool.shutdown(cancel_futures=True)

    def _looks(self, sources: Iterable[Source], grow: Grow) -> Generator[_Look]:
        for source in sources:
            if source.is_video:
                yield from self._looks_at_video(source, grow)
            else:
                yield partial(self._looker.at_image, source, self._copies.get(source.name))

    def _looks_at_video(self, source: Source, grow: Grow) -> Iterator[_Look]:
        known = 1  # results that the total counts for this source
        given = 0
        try:
            with _local(source, self._s3) as path, opened(path, self._sampling) as video:
                grow(video.expected - known)
                known = video.expected
                for frame in video.frames():
                    given += 1
                    yield partial(self._looker.at_frame, source, frame)
        except PictureError as error:
            given += 1
            yield partial(Seen, Result(source.name, error=str(error)))
        grow(given - known)


@contextmanager
def _local(source: Source, s3: S3Client) -> Iterator[Path]:
    """Yield the file itself, or a copy of the object for as long as it is needed."""
    if not isinstance(source.place, Location):
        yield source.place
        return
    with tempfile.NamedTemporaryFile(suffix=source.relative.suffix) as file:
        copy_object(s3, source.place, file)
        yield Path(file.name)
