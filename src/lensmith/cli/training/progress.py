"""Bars that follow trainings: of this machine through the records, of any through its API."""

from __future__ import annotations

import time
from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from lensmith.cli.training.phase_words import phase_words
from lensmith.config import Settings
from lensmith.domain.job import JobStatus
from lensmith.domain.job import Progress as TrainingProgress
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

_PAUSE = 0.25
_ENDED = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})


def follow_trainings(settings: Settings, names: Mapping[str, str], console: Console) -> None:
    """Show one bar a training until all have ended; `names` maps version ARN to a title."""
    records = Records.of(settings)
    try:
        with training_bars(console) as bars:
            tasks = {
                arn: bars.add_task(f"Training {name}", total=None, phase="waiting", detail="")
                for arn, name in names.items()
            }
            while not all(_show(records, bars, task, arn) for arn, task in tasks.items()):
                time.sleep(_PAUSE)
    finally:
        records.close()


def _show(records: Records, bars: Progress, task: TaskID, arn: str) -> bool:
    """Bring one bar up to date; True when the training has ended."""
    with records.read() as connection:
        job = jobs.of_resource(connection, arn)
    if job is None:
        return False
    if job.status in _ENDED:
        phase = "done" if job.status is JobStatus.SUCCEEDED else job.status.value
        bars.update(task, total=1, completed=1, phase=phase, detail="")
        bars.stop_task(task)
        return True
    if job.progress is not None:
        show_progress(bars, task, job.progress)
    return False


def show_progress(bars: Progress, task: TaskID, progress: TrainingProgress) -> None:
    bars.update(
        task,
        total=progress.steps or None,
        completed=progress.step,
        phase=phase_words(progress),
        detail=detail(progress),
    )


def detail(progress: TrainingProgress) -> str:
    """Format what a bar does not show: loss, metric, time left."""
    parts = []
    if progress.loss is not None:
        parts.append(f"loss {progress.loss:.3f}")
    if progress.metric is not None:
        parts.append(f"metric {progress.metric:.3f}")
    if progress.eta_seconds is not None:
        parts.append(f"{progress.eta_seconds:.0f} s left")
    if progress.budget_seconds is not None:
        parts.append(f"budget {progress.budget_seconds:.0f} s")
    return ", ".join(parts)


def training_bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<36}"),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[phase]:<18}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}"),
        console=console,
    )
