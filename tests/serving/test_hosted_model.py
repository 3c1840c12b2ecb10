"""Fewer units: for a smaller range while all are busy, and none for an idle model."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.serving.machine import Machine
from tests.support.eventually import until
from tests.support.suspended import suspend

from lensmith.domain.errors import ProvisionedThroughputExceededException
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.inference.artefact import DESCRIPTION_FILE
from lensmith.serving.timeouts import Timeouts


def test_units_that_are_always_busy_go_all_the_same(machine: Machine, red: bytes) -> None:
    version = machine.train("v1", burden=400)
    machine.run(version, units=2)
    with ThreadPoolExecutor(6) as clients:
        over = threading.Event()
        answers = [clients.submit(ask_until, over, machine, version, red) for _ in range(6)]
        machine.resize(version, units=1)
        until(lambda: len(machine.workers(version)) == 1)
        over.set()
        given = {name for answer in answers for name in answer.result()}
        assert given - {"refused"} == {"red"}  # a slow machine refuses some
    assert machine.fleet.load(version.arn).in_service == 1


def test_a_hung_unit_that_is_to_go_is_killed(machine: Machine) -> None:
    machine.restart(Timeouts(exit=0.3))
    version = machine.train("v1")
    machine.run(version, units=2)
    for worker in machine.workers(version):
        suspend(worker)
    machine.resize(version, units=1)

    def left() -> tuple[int, int]:
        return len(machine.workers(version)), machine.fleet.load(version.arn).in_service

    until(left, lambda now: now == (1, 1))  # the other one is replaced, too, in time


def test_a_hung_unit_does_not_hold_up_the_end_of_its_model(machine: Machine) -> None:
    machine.restart(Timeouts(exit=0.3, drain=600))
    version = machine.train("v1")
    machine.run(version)
    suspend(machine.workers(version)[0])
    machine.stop(version)
    machine.await_status(version, VersionStatus.STOPPED)


def ask_until(
    over: threading.Event, machine: Machine, version: ProjectVersion, image: bytes
) -> list[str]:
    names = []
    while not over.is_set():
        names.append(outcome(machine, version, image))
    return names


@pytest.fixture
def idle_model(machine: Machine) -> ProjectVersion:
    """A running version that has scaled to zero."""
    machine.restart(idle_stop_seconds=1)
    version = machine.train("v1")
    machine.run(version, units=2)
    await_scaled_to_zero(machine, version)
    return version


def await_scaled_to_zero(machine: Machine, version: ProjectVersion) -> None:
    until(lambda: machine.fleet.load(version.arn).in_service == 0)
    until(lambda: machine.workers(version) == [])


def test_an_idle_model_scales_to_zero_until_the_next_call(
    machine: Machine, idle_model: ProjectVersion, red: bytes
) -> None:
    for _ in range(2):
        assert machine.find(idle_model).status is VersionStatus.RUNNING
        assert machine.fleet.load(idle_model.arn).desired == 0
        assert machine.detect(idle_model.arn, red).detections[0].name == "red"
        await_scaled_to_zero(machine, idle_model)


def test_while_a_model_scales_from_zero_only_some_calls_may_wait(
    machine: Machine, idle_model: ProjectVersion, red: bytes
) -> None:
    with no_unit_can_load(machine, idle_model), ThreadPoolExecutor(100) as clients:
        answers = [clients.submit(outcome, machine, idle_model, red) for _ in range(100)]
        until(lambda: sum(answer.done() for answer in answers) >= 100 - 65)
        refused = {answer.result() for answer in answers if answer.done()}
        let_units_load(machine, idle_model)
        assert refused == {"refused"}
        assert {answer.result() for answer in answers} == {"refused", "red"}


def test_a_model_that_does_not_start_is_not_waited_for_without_end(
    machine: Machine, red: bytes
) -> None:
    machine.restart(Timeouts(scale_from_zero=0.3), idle_stop_seconds=1)
    version = machine.train("v1")
    machine.run(version)
    await_scaled_to_zero(machine, version)
    with no_unit_can_load(machine, version):
        assert outcome(machine, version, red) == "refused"
        assert machine.find(version).status is VersionStatus.RUNNING
        let_units_load(machine, version)
    until(lambda: outcome(machine, version, red) == "red")


def outcome(machine: Machine, version: ProjectVersion, image: bytes) -> str:
    try:
        return machine.detect(version.arn, image).detections[0].name
    except ProvisionedThroughputExceededException:
        return "refused"


@contextmanager
def no_unit_can_load(machine: Machine, version: ProjectVersion) -> Iterator[None]:
    """Units that start wait for their model's description, which never comes."""
    file = description(machine, version)
    file.rename(file.with_suffix(".kept"))
    os.mkfifo(file)
    yield
    assert file.is_file()


def let_units_load(machine: Machine, version: ProjectVersion) -> None:
    file = description(machine, version)
    file.with_suffix(".kept").rename(file)
    for waiting in machine.workers(version):
        waiting.kill()


def description(machine: Machine, version: ProjectVersion) -> Path:
    return machine.settings.models_directory / str(version.id) / DESCRIPTION_FILE
