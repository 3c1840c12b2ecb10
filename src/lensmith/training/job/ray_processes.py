"""Runs trainings on the nodes of a Ray cluster, one detached actor each.

An actor, not a task: one that is detached stays when this server's connection or the head of the
cluster is away, and is found again by its name. Ray never runs one again by itself; each attempt is
claimed anew, so that it has a fence of its own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from lensmith import __version__
from lensmith.config import Settings
from lensmith.domain.job import Job
from lensmith.ray_cluster.connection import NAMESPACE, RayConnection, Session
from lensmith.ray_cluster.errors import ClusterAwayError
from lensmith.store.published.opening import installation
from lensmith.store.records.engine import Records
from lensmith.training.job.local_processes import ended
from lensmith.training.job.processes import Ended, NotStartedError
from lensmith.training.job.remote_training import RemoteTraining, UnfitNodeError

_CALLS = 4  # of an actor at once: one waits for the end, one cancels
_WAIT_SECONDS = 20.0  # until an actor answers that its process goes on
_ROOM_SECONDS = 10.0  # for Ray to start an actor on a node that has room
_UNFIT_SECONDS = 30.0  # after a node that cannot run trainings, until one is started again
_GRACE_LOOKS = 20  # of the launcher, some ten seconds, until a cancelled actor is killed
_FENCES = 8  # from which on a lost node counts as an attempt: some training may end its nodes

# What the server decides about a training; where things are, a node knows itself.
_CHOICES = re.compile(
    "LENSMITH_(CLUSTER|TRAINING_(THREADS|BUDGET)|DETECTOR_SIZE|PRECISION|BACKBONES|REGION|QUOTA_.*)"
)

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Run:
    actor: Any
    end: Any  # reference to an answer of `RemoteTraining.wait`
    began: Any  # reference to its first answer; None once that is there
    session: int
    asked_at: float = field(default_factory=time.monotonic)
    cancelled: int = 0  # times


class RayProcesses:
    """Implements TrainingProcesses; used by the one thread of the launcher."""

    def __init__(self, settings: Settings, records: Records, connection: RayConnection) -> None:
        self._settings = settings
        self._connection = connection
        self._prefix = f"training-{installation(records)}"  # others may have the same cluster
        self._runs: dict[int, _Run] = {}
        self._next_start_at = 0.0

    def can_start(self) -> bool:
        return self._connection.wait(0) and time.monotonic() >= self._next_start_at

    def start(self, job: Job) -> int | None:
        settings = self._settings
        try:
            with self._connection.session() as session:
                actor_class = session.ray.remote(RemoteTraining).options(
                    name=self._name(job),
                    lifetime="detached",
                    max_restarts=0,
                    max_concurrency=_CALLS,
                    scheduling_strategy="SPREAD",
                    num_cpus=settings.training_threads or 1,
                    num_gpus=settings.cluster_training_gpus,
                    memory=settings.cluster_training_memory_bytes or None,
                )
                actor = actor_class.remote(__version__, job.id, job.fence, _choices(settings))
                self._runs[job.id] = _Run(
                    actor, _await_end(actor), _await_begin(actor), session.number
                )
        except ClusterAwayError as error:
            raise NotStartedError(str(error), is_fault=False) from error
        return None

    def poll(self, job: Job) -> Ended | None:
        run = self._runs[job.id]
        try:
            with self._connection.session() as session:
                if run.session != session.number and not self._find_again(session, run, job):
                    return Ended("The cluster lost the training.", is_fault=False)
                if not _is_answered(session, run):
                    return None
                return _end(session, run, job)
        except ClusterAwayError:
            return None
        except UnfitNodeError as error:
            self._next_start_at = time.monotonic() + _UNFIT_SECONDS
            return Ended(str(error), is_fault=False)

    def waits(self, job: Job) -> bool:
        run = self._runs[job.id]
        is_late = run.began is not None and time.monotonic() - run.asked_at > _ROOM_SECONDS
        return is_late and self._connection.wait(0)

    def cancel(self, job: Job) -> None:
        run = self._runs[job.id]
        run.cancelled += 1
        try:
            with self._connection.session() as session:
                if run.session != session.number:  # `poll` finds it again first
                    run.cancelled = 0
                elif run.cancelled == 1:
                    run.actor.cancel.remote()
                elif run.cancelled >= _GRACE_LOOKS:
                    _kill(session, run.actor)
        except ClusterAwayError as error:  # the process sees in the records that it has no job
            _log.warning("training not cancelled yet", job=job.id, reason=str(error))

    def end(self, job: Job) -> None:
        self.forget(job)

    def forget(self, job: Job) -> None:
        run = self._runs.pop(job.id)
        try:
            with self._connection.session() as session:
                if run.session == session.number:  # else it is lost, or swept later
                    _kill(session, run.actor)  # its process ends with it
        except ClusterAwayError as error:  # swept later
            _log.warning("training not ended yet", job=job.id, reason=str(error))

    def sweep(self, is_running: Callable[[int, int], bool]) -> None:
        try:
            with self._connection.session() as session:
                for name in self._names(session):
                    job_id, fence = name.split("-")[-2:]
                    if not is_running(int(job_id), int(fence)):
                        _kill(session, session.ray.get_actor(name))
                        _log.info("training of another server ended", actor=name)
        except (ClusterAwayError, ValueError):  # gone meanwhile: the next sweep sees the others
            return

    def _name(self, job: Job) -> str:
        return f"{self._prefix}-{job.id}-{job.fence}"

    def _names(self, session: Session) -> list[str]:
        """Return the names of all trainings that the cluster has of these records."""
        listed = session.ray.util.list_named_actors(all_namespaces=True)
        names = [one["name"] for one in listed if one["namespace"] == NAMESPACE]
        return [name for name in names if name.startswith(f"{self._prefix}-")]

    def _find_again(self, session: Session, run: _Run, job: Job) -> bool:
        """Take up a process after the connection was made anew; returns whether it is there."""
        try:
            run.actor = session.ray.get_actor(self._name(job))
        except ValueError:
            return False
        run.end = _await_end(run.actor)
        if run.began is not None:
            run.began, run.asked_at = _await_begin(run.actor), time.monotonic()
        run.session = session.number
        return True


def _choices(settings: Settings) -> dict[str, str]:
    rendered = settings.to_environment()
    return {name: value for name, value in rendered.items() if _CHOICES.fullmatch(name)}


def _kill(session: Session, actor: Any) -> None:
    with suppress(session.ray.exceptions.RayError):  # of one that has ended already
        session.ray.kill(actor)


def _await_end(actor: Any) -> Any:
    return actor.wait.remote(_WAIT_SECONDS)


def _await_begin(actor: Any) -> Any:
    return actor.wait.remote(0)


def _is_answered(session: Session, run: _Run) -> bool:
    """Return whether there is an answer about the end; notes that the actor has begun."""
    asked = [run.end] if run.began is None else [run.end, run.began]
    ready, _ = session.ray.wait(asked, num_returns=len(asked), timeout=0)
    if run.began is not None and run.began in ready:
        run.began = None
    return run.end in ready


def _end(session: Session, run: _Run, job: Job) -> Ended | None:
    """Take the answer about an end; asks again without one. Raises UnfitNodeError."""
    errors = session.ray.exceptions
    try:
        code = session.ray.get(run.end)
    except errors.ActorUnavailableError:  # its node is gone, or away for a moment: ask again
        code = None
    except errors.OutOfMemoryError:
        return Ended("The node of the training had no memory left.")
    except errors.RayError as error:
        if "node has died" in str(error):  # nothing but its words says so
            return Ended("The node of the training was lost.", is_fault=job.fence >= _FENCES)
        reason = str(error).strip().rpartition("\n")[2]  # lines before are of the other machine
        _, is_unfit, why = reason.partition(f"{UnfitNodeError.__name__}: ")
        if is_unfit:
            raise UnfitNodeError(why) from None
        return Ended(f"The training broke down in Ray: {reason}")
    if code is None:
        run.end = _await_end(run.actor)
        return None
    return ended(code)
