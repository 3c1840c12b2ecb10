"""`lensmith evaluation`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument, VersionArgument, version_path

if TYPE_CHECKING:
    from rich.console import Console

    from lensmith.cli.connection.lensmith_api import LensmithApi
    from lensmith.evaluation.report import EvaluationReport

_GLANCE = 5  # pictures below a report


class Pictures(StrEnum):
    """Which test images are listed; all of them the worst first."""

    WORST = "worst"
    FALSE_POSITIVES = "fp"
    FALSE_NEGATIVES = "fn"


_OUTCOMES = {
    Pictures.WORST: ["false-positive", "false-negative"],
    Pictures.FALSE_POSITIVES: ["false-positive"],
    Pictures.FALSE_NEGATIVES: ["false-negative"],
}


def evaluation(
    project: ProjectArgument,
    version: VersionArgument,
    label: Annotated[
        str | None, typer.Option(help="One label: its curves, confusions and mistakes")
    ] = None,
    images: Annotated[
        Pictures | None,
        typer.Option(help="List pictures: with any mistake, false positives, false negatives"),
    ] = None,
    limit: Annotated[int, typer.Option(help="Pictures listed", min=1, max=500)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON")] = False,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Show how good a trained version is on its test images, and where it errs."""
    import msgspec
    from rich.console import Console

    from lensmith.cli.connection.aws_services import connect_lensmith
    from lensmith.cli.evaluation.advice_view import read_advice, show_advice
    from lensmith.cli.evaluation.variants_view import show_variants

    api = connect_lensmith(profile, data_directory)
    of_version = version_path(project, version)
    path = f"{of_version}/evaluation"
    report = api.call("GET", path)
    _refuse_unknown(label, report)
    variants = api.call("GET", f"{of_version}/variants")
    if as_json:
        whole = {**report, "variants": variants}
        shown = _pictures(api, path, images, label, limit) if images else _of(whole, label)
        typer.echo(msgspec.json.format(msgspec.json.encode(shown)))
    else:
        console = Console()
        _show(console, api, path, f"{project} {version}", report, label, images, limit)
        if images is None and label is None:
            show_variants(console, variants)
            show_advice(console, read_advice(api, of_version))


def _show(
    console: Console,
    api: LensmithApi,
    path: str,
    name: str,
    answered: dict[str, Any],
    label: str | None,
    images: Pictures | None,
    limit: int,
) -> None:
    import msgspec

    from lensmith.cli.evaluation.label_view import show_label
    from lensmith.cli.evaluation.view import show_evaluation
    from lensmith.evaluation.report import EvaluationReport

    report = msgspec.convert(answered, EvaluationReport)
    if images is None and label is None:
        show_evaluation(console, name, report)
    elif images is None and label is not None:
        show_label(console, name, report, label)
    chosen = images or Pictures.WORST
    page = _pictures(api, path, chosen, label, limit if images else _GLANCE)
    _show_pictures(console, report, page, chosen, label)


def _show_pictures(
    console: Console,
    report: EvaluationReport,
    page: dict[str, Any],
    chosen: Pictures,
    label: str | None,
) -> None:
    import msgspec

    from lensmith.cli.evaluation.images_view import show_images
    from lensmith.evaluation.image_result import ImageResult

    found = msgspec.convert(page["images"], list[ImageResult])
    outcomes = frozenset(_OUTCOMES[chosen])
    show_images(console, report, found, page["total"], outcomes, label)


def _pictures(
    api: LensmithApi, path: str, chosen: Pictures, label: str | None, limit: int
) -> dict[str, Any]:
    asked = [("outcome", outcome) for outcome in _OUTCOMES[chosen]]
    if label is not None:
        asked.append(("label", label))
    return api.call("GET", f"{path}/images?{urlencode([*asked, ('limit', limit)])}")


def _of(report: dict[str, Any], label: str | None) -> dict[str, Any]:
    """Return the report, or the part of it about one label."""
    if label is None:
        return report
    (found,) = (each for each in report["labels"] if each["label"] == label)
    return dict(found)


def _refuse_unknown(label: str | None, report: dict[str, Any]) -> None:
    """Raises LensmithError for a label that the model does not have."""
    from lensmith.domain.errors import LensmithError

    names = [each["label"] for each in report["labels"]]
    if label is not None and label not in names:
        raise LensmithError(f"The model has no label {label}. It has {', '.join(names)}.")
