"""`lensmith status`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from lensmith.cli.connection.settings import DataDirectory, read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

    from lensmith.config import Settings
    from lensmith.domain.job import Job
    from lensmith.domain.project_version import ProjectVersion
    from lensmith.store.lock import Holder


def status(data_directory: DataDirectory = None) -> None:
    """Show the server, its processes, models with their units, and work under way."""
    from rich.console import Console
    from rich.text import Text

    from lensmith.store.lock import current_holder

    settings = read_settings(data_directory)
    console = Console()
    holder = current_holder(settings.data_directory)
    if holder is None:
        console.print(f"No server runs on {settings.data_directory}.")
        raise SystemExit(1)
    typer.echo(f"Lensmith at {holder.endpoint}, S3 at {holder.s3_endpoint}")
    models = _models(settings)
    running, dropped = _running(models, data_directory)
    for table in (_processes(holder, models), running, _jobs(settings)):
        if table.row_count:
            console.print()
            console.print(table)
    if dropped:
        console.print()
        console.print(Text("\n".join(dropped), "red"), soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Model:
    """A version that runs, starts or stops."""

    version: ProjectVersion
    artefact: str  # its directory, which a unit's command line names

    @property
    def project(self) -> str:
        return self.version.arn.split("/")[1]

    @property
    def name(self) -> str:
        return f"{self.project}/{self.version.name}"


def _models(settings: Settings) -> list[_Model]:
    from lensmith.domain.project_version import HOSTED
    from lensmith.store.published.model import local_folder
    from lensmith.store.records import project_versions
    from lensmith.store.records.engine import Records

    records = Records.of(settings)
    try:
        with records.read() as connection:
            found = project_versions.in_states(connection, HOSTED)
    finally:
        records.close()
    return [_Model(each, str(local_folder(settings, each))) for each in found]


def _running(models: list[_Model], data_directory: Path | None) -> tuple[Table, list[str]]:
    """List the models, and what their units were to serve and could not."""
    from lensmith.cli.evaluation.variants_view import drops
    from lensmith.cli.terminal.plain_table import plain_table

    table = plain_table("Models")
    dropped: list[str] = []
    table.add_column("model", overflow="fold")
    table.add_column("status")
    table.add_column("units", justify="right")
    table.add_column("of", justify="right")
    table.add_column("precision")
    for name in ("ms", "costs F1", "AP"):
        table.add_column(name, justify="right")
    for model in models:
        version = model.version
        wanted = str(version.min_units or 1)
        if version.max_units:
            wanted += f" to {version.max_units}"
        in_service, variants = _in_service(model, data_directory)
        table.add_row(model.name, version.status.value, in_service, wanted, *_variant(variants))
        dropped += [f"{model.name}: {each}" for each in drops(variants)]
    return table, dropped


def _in_service(model: _Model, data_directory: Path | None) -> tuple[str, dict[str, Any]]:
    """Ask the server for the units and the variants; `-` and none when it does not say."""
    from lensmith.cli.connection.lensmith_api import LensmithApi
    from lensmith.cli.connection.server_choice import of_data_directory
    from lensmith.cli.connection.version_path import version_path
    from lensmith.domain.errors import LensmithError

    try:
        api = LensmithApi(of_data_directory(read_settings(data_directory)))
        path = version_path(model.project, model.version.name)
        units, variants = (api.call("GET", f"{path}/{part}") for part in ("units", "variants"))
    except LensmithError:
        return "-", {}
    return str(units["InServiceInferenceUnits"]), variants


def _variant(variants: dict[str, Any]) -> list[str]:
    """Return precision, milliseconds and costs of the variant in service."""
    from lensmith.cli.evaluation.variants_view import points, precision_name

    served = variants.get("served")
    if served is None:
        return []
    name = precision_name(served)
    costs = (one["cost"] for one in variants["variants"] if precision_name(one) == name)
    cost = next(costs, {"f1_score": 0.0, "average_precision": 0.0})
    return [name, f"{1e3 * served['seconds']:.1f}", *map(points, cost.values())]


def _processes(holder: Holder, models: list[_Model]) -> Table:
    import psutil

    from lensmith.cli.terminal.plain_table import plain_table

    table = plain_table("Processes")
    table.add_column("pid", justify="right")
    table.add_column("memory", justify="right")
    table.add_column("command", overflow="fold")
    server = psutil.Process(holder.pid)
    for process in [server, *server.children(recursive=True)]:
        try:
            megabytes = process.memory_info().rss / 1e6
            shown = _short(process.cmdline(), models)
        except psutil.NoSuchProcess:
            continue
        table.add_row(str(process.pid), f"{megabytes:.0f} MB", shown)
    return table


def _short(command: list[str], models: list[_Model]) -> str:
    """Shorten a command line to what tells children apart: `weed server`."""
    if not command:
        return ""
    words = command[1:]
    for model in models:
        if model.artefact in words:
            return f"unit of {model.name}"
    if "-m" in words:
        return " ".join(words[words.index("-m") + 1 :][:2])
    name = command[0].rsplit("/", 1)[-1]
    return " ".join([name, *(word for word in words if not word.startswith(("-", "/")))])


def _jobs(settings: Settings) -> Table:
    from lensmith.cli.terminal.plain_table import plain_table
    from lensmith.domain.job import JobKind, JobStatus
    from lensmith.store.records import jobs
    from lensmith.store.records.engine import Records

    table = plain_table("Jobs")
    table.add_column("job", justify="right")
    for name in ("kind", "status"):
        table.add_column(name)
    for name in ("progress", "resource"):
        table.add_column(name, overflow="fold")
    records = Records.of(settings)
    try:
        with records.read() as connection:
            found = [
                *jobs.with_status(connection, JobStatus.RUNNING, list(JobKind)),
                *jobs.with_status(connection, JobStatus.QUEUED, list(JobKind)),
            ]
    finally:
        records.close()
    for job in found:
        table.add_row(str(job.id), job.kind.value, job.status.value, _progress(job), _name(job))
    return table


def _name(job: Job) -> str:
    """Shorten `project/flowers/version/v1/1700` to `flowers/version/v1`."""
    return "/".join(job.resource_arn.split(":", 5)[-1].split("/")[1:4])


def _progress(job: Job) -> str:
    from lensmith.cli.training.phase_words import phase_words

    if job.progress is None:
        return ""
    steps = f" {job.progress.step}/{job.progress.steps}" if job.progress.steps else ""
    eta = job.progress.eta_seconds
    return f"{phase_words(job.progress)}{steps}" + (
        f", {eta:.0f} s left" if eta is not None else ""
    )
