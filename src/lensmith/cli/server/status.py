"""`lensmith status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lensmith.cli.connection.settings import DataDirectory, read_settings

if TYPE_CHECKING:
    from rich.table import Table

    from lensmith.config import Settings
    from lensmith.domain.job import Job
    from lensmith.store.lock import Holder


def status(data_directory: DataDirectory = None) -> None:
    """Show the server, its processes and the work that is queued or under way."""
    from rich.console import Console

    from lensmith.store.lock import current_holder

    settings = read_settings(data_directory)
    console = Console()
    holder = current_holder(settings.data_directory)
    if holder is None:
        console.print(f"No server runs on {settings.data_directory}.")
        raise SystemExit(1)
    console.print(_processes(holder))
    console.print(_jobs(settings))


def _processes(holder: Holder) -> Table:
    import psutil
    from rich.table import Table

    table = Table("process", "pid", "memory", "command", title=f"Lensmith at {holder.endpoint}")
    server = psutil.Process(holder.pid)
    for process in [server, *server.children(recursive=True)]:
        try:
            megabytes = process.memory_info().rss / 1e6
            table.add_row(
                "server" if process.pid == holder.pid else "child",
                str(process.pid),
                f"{megabytes:.0f} MB",
                _short(process.cmdline()),
            )
        except psutil.NoSuchProcess:
            continue
    return table


def _short(command: list[str]) -> str:
    """Shorten a command line to what tells children apart: `weed server`."""
    if not command:
        return ""
    words = command[1:]
    if "-m" in words:
        return " ".join(words[words.index("-m") + 1 :][:2])
    name = command[0].rsplit("/", 1)[-1]
    return " ".join([name, *(word for word in words if not word.startswith(("-", "/")))])


def _jobs(settings: Settings) -> Table:
    from rich.table import Table

    from lensmith.domain.job import JobKind, JobStatus
    from lensmith.store.records import jobs
    from lensmith.store.records.engine import Records

    table = Table("job", "kind", "status", "progress", "resource", title="Jobs")
    records = Records.open(settings.records_location)
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
    return job.resource_arn.split(":", 5)[-1]


def _progress(job: Job) -> str:
    if job.progress is None:
        return ""
    steps = f" {job.progress.step}/{job.progress.steps}" if job.progress.steps else ""
    eta = job.progress.eta_seconds
    return f"{job.progress.phase}{steps}" + (f", {eta:.0f} s left" if eta is not None else "")
