"""Carries out a queued copy in a process that is killed at a chosen moment."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection

from lensmith.config import Settings
from lensmith.datasets import worker
from lensmith.datasets.stores import Stores
from lensmith.domain.job import Job, JobKind
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import OWNER_VARIABLE
from lensmith.tasks.copies import copy_version

AFTER_RENAME = -1  # between the last change of a file and the transaction
_STEPS = frozenset(("open", "os.mkdir", "os.remove", "os.rename", "os.rmdir"))


@dataclass
class Steps:
    """Counts what a copy does to files, and kills at one of these steps."""

    fatal: int  # 0: none
    done: int = 0
    is_counting: bool = False
    has_renamed: bool = False

    def __call__(self, event: str, _: object) -> None:
        if not self.is_counting or event not in _STEPS:
            return
        self.done += 1
        if self.done == self.fatal or (self.has_renamed and self.fatal == AFTER_RENAME):
            os.kill(os.getpid(), signal.SIGKILL)
        self.has_renamed = event == "os.rename"


def carry_out(settings: Settings, environment: Mapping[str, str], fatal: int = 0) -> int | None:
    """Carry out one queued copy; its number of steps, or None if it was killed at step `fatal`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    ours, theirs = context.Pipe()
    process = context.Process(target=_carry_out, args=(settings, environment, fatal, theirs))
    process.start()
    process.join()
    if process.exitcode == -signal.SIGKILL:
        return None
    assert process.exitcode == 0
    steps = ours.recv()
    assert isinstance(steps, int)
    return steps


def _carry_out(
    settings: Settings, environment: Mapping[str, str], fatal: int, theirs: Connection
) -> None:
    os.environ.update(environment)
    steps = Steps(fatal)
    sys.addaudithook(steps)

    def counted(stores: Stores, job: Job) -> None:
        steps.is_counting = True
        copy_version(stores, job)
        steps.is_counting = False

    records = Records.of(settings)
    objects = ObjectStores(settings, records)
    stores = Stores(settings, records, objects, environment[OWNER_VARIABLE])
    assert worker.carry_out_next(stores, {JobKind.COPY_VERSION: counted})
    records.close()
    theirs.send(steps.done)
