"""`lensmith detect`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.detect.output import OutputFormat

_MAX_IN_FLIGHT = 64
_MAX_FPS = 1000


def detect(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="PROJECT/VERSION, or the ARN of a version", show_default=False
        ),
    ],
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Pictures, videos, folders, s3://BUCKET/PREFIX",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File for the results (default: stdout)"),
    ] = None,
    format_: Annotated[
        OutputFormat | None,
        typer.Option(
            "--format",
            help="(default: csv for a file so named, text on a terminal, else jsonl)",
            show_default=False,
        ),
    ] = None,
    annotated: Annotated[
        Path | None, typer.Option(help="Folder for copies with what was found drawn onto them")
    ] = None,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            help="Percent (default: the threshold that training chose for each label)",
            min=0,
            max=100,
            show_default=False,
        ),
    ] = None,
    max_results: Annotated[
        int | None, typer.Option(help="Labels of a picture at most", min=0, show_default=False)
    ] = None,
    fps: Annotated[float, typer.Option(help="Frames looked at in each second of a video")] = 1.0,
    every: Annotated[
        int | None,
        typer.Option(help="Look at every Nth frame instead", min=1, show_default=False),
    ] = None,
    in_flight: Annotated[
        int | None,
        typer.Option(
            help="Requests at once (default: four for each unit of the model)",
            min=1,
            max=_MAX_IN_FLIGHT,
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        bool, typer.Option("--start", help="Start a model that does not run; stop it afterwards")
    ] = False,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Look for what a model knows in pictures and videos.

    Ends with 1 when a picture failed. Stopped by Ctrl-C, what was written stays.
    """
    from botocore.config import Config

    from lensmith.cli.connection.aws_services import connect
    from lensmith.cli.detect.detection import DetectOptions, detect_all
    from lensmith.cli.detect.video import Sampling

    if not 0 < fps <= _MAX_FPS:
        raise typer.BadParameter(f"must be more than 0, up to {_MAX_FPS}", param_hint="--fps")
    # The detector retries by itself, sooner than botocore, and can be interrupted.
    config = Config(max_pool_connections=_MAX_IN_FLIGHT, retries={"total_max_attempts": 1})
    options = DetectOptions(
        model=model,
        paths=paths,
        output=output,
        format=format_,
        annotated=annotated,
        min_confidence=min_confidence,
        max_results=max_results,
        sampling=Sampling(fps, every),
        in_flight=in_flight,
        start=start,
    )
    raise SystemExit(detect_all(connect(profile, data_directory, config), options))
