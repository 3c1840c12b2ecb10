"""A whole fleet: records in, units and states out."""

from __future__ import annotations

import io
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from PIL import Image
from tests.serving.machine import Machine
from tests.serving.test_hosted_model import let_units_load, no_unit_can_load
from tests.support.artefacts import average_colour
from tests.support.eventually import until
from tests.support.suspended import suspend

from lensmith.domain.errors import (
    ImageTooLargeException,
    InternalServerError,
    InvalidImageFormatException,
    ProvisionedThroughputExceededException,
    ResourceNotReadyException,
)
from lensmith.domain.precision import Precision
from lensmith.domain.project_version import VersionStatus
from lensmith.serving.fleet import Load
from lensmith.serving.supervisor import LocalFleet
from lensmith.serving.timeouts import Timeouts
from lensmith.store.published.opening import published_folders
from lensmith.store.records import artefacts, project_versions

HEAVY = 900
"""A matrix of this side keeps a unit busy for some tens of milliseconds."""


def test_a_started_model_runs_and_sees(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    machine.run(version)

    prediction = machine.detect(version.arn, red)

    assert [found.name for found in prediction.detections] == ["red", "blue", "green"]
    assert prediction.detections[0].confidence == pytest.approx(1, abs=0.01)
    assert prediction.thresholds == {"red": 0.5, "green": 0.6, "blue": 0.7}
    load = machine.fleet.load(version.arn)
    assert load.served is not None
    assert load.served.precision is Precision.FLOAT32
    assert replace(load, served=None) == Load(
        desired=1, in_service=1, minimum=1, maximum=1, requests=0
    )


def test_only_a_running_model_answers(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    with pytest.raises(ResourceNotReadyException):
        machine.detect(version.arn, red)
    machine.run(version)
    machine.stop(version)
    machine.await_status(version, VersionStatus.STOPPED)
    with pytest.raises(ResourceNotReadyException):
        machine.detect(version.arn, red)
    assert machine.workers(version) == []


def test_a_stopped_model_can_be_started_again(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    for _ in range(2):
        machine.run(version)
        assert machine.detect(version.arn, red).detections
        machine.stop(version)
        machine.await_status(version, VersionStatus.STOPPED)


def test_a_bad_picture_costs_no_unit(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    machine.run(version)
    [worker] = machine.workers(version)
    oversized = io.BytesIO()
    Image.new("L", (4097, 300)).save(oversized, "PNG")
    with pytest.raises(InvalidImageFormatException):
        machine.detect(version.arn, b"these are no pixels")
    with pytest.raises(InvalidImageFormatException):
        machine.detect(version.arn, b"")
    with pytest.raises(ImageTooLargeException):
        machine.detect(version.arn, oversized.getvalue())
    assert machine.detect(version.arn, red).detections
    assert machine.workers(version) == [worker]


def test_a_large_file_arrives_whole(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    machine.run(version)
    padded = red.ljust(15 << 20, b"\0")
    assert machine.detect(version.arn, padded).detections[0].name == "red"
    with pytest.raises(ImageTooLargeException):
        machine.detect(version.arn, padded + b"\0")


def test_as_many_units_run_as_were_asked_for(machine: Machine) -> None:
    version = machine.train("v1")
    machine.run(version, units=2)
    assert len(machine.workers(version)) == 2


def test_units_follow_the_records_without_a_restart(machine: Machine) -> None:
    version = machine.train("v1")
    machine.run(version)
    machine.resize(version, units=2)
    until(lambda: len(machine.workers(version)) == 2)


def test_demand_raises_units_up_to_the_maximum(machine: Machine, red: bytes) -> None:
    version = machine.train("v1", burden=HEAVY)
    machine.run(version, units=1, most=2)
    with ThreadPoolExecutor(6) as clients:
        until(lambda: grows(machine, clients, version.arn, red))
    assert machine.fleet.load(version.arn).desired == 2


def grows(machine: Machine, clients: ThreadPoolExecutor, arn: str, image: bytes) -> bool:
    """Ask for some seconds without a pause, so that the demand lasts between two looks."""
    list(clients.map(lambda _: best_label(machine, arn, image), range(60)))
    return machine.fleet.load(arn).in_service == 2


def best_label(machine: Machine, arn: str, image: bytes) -> str:
    """Asked again, as boto3 does, where this machine is too slow for all at once."""
    return until(lambda: best_label_unless_full(machine, arn, image))


def best_label_unless_full(machine: Machine, arn: str, image: bytes) -> str:
    with suppress(ProvisionedThroughputExceededException):
        return machine.detect(arn, image).detections[0].name
    return ""


def test_no_request_fails_when_a_unit_is_killed(machine: Machine, red: bytes) -> None:
    version = machine.train("v1", burden=HEAVY)
    machine.run(version, units=2)
    with ThreadPoolExecutor(8) as clients:
        answers = [clients.submit(best_label, machine, version.arn, red) for _ in range(60)]
        until(lambda: sum(answer.done() for answer in answers) >= 10)
        machine.workers(version)[0].kill()
        names = {answer.result() for answer in answers}
    assert names == {"red"}
    assert machine.find(version).status is VersionStatus.RUNNING
    until(lambda: len(machine.workers(version)) == 2)


def test_the_only_unit_is_replaced_and_its_request_repeated(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    machine.run(version)
    [worker] = machine.workers(version)
    with ThreadPoolExecutor(1) as client:
        suspend(worker)  # so that the request is surely on it
        answer = client.submit(machine.detect, version.arn, red)
        until(lambda: machine.fleet.load(version.arn).requests == 1)
        worker.kill()
        assert answer.result().detections[0].name == "red"
    assert machine.find(version).status is VersionStatus.RUNNING


def test_a_hung_unit_is_replaced(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    machine.restart(Timeouts(prediction=5))
    machine.run(version)
    [worker] = machine.workers(version)
    suspend(worker)
    assert machine.detect(version.arn, red).detections[0].name == "red"
    until(lambda: not worker.is_running())
    assert len(machine.workers(version)) == 1


def test_a_hung_unit_is_replaced_before_anybody_asks_it(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    machine.restart(Timeouts(idle_before_ping=0.2))
    machine.run(version, units=2)
    sound, hung = machine.workers(version)
    suspend(hung)
    until(lambda: not hung.is_running() and machine.fleet.load(version.arn).in_service == 2)
    assert sound.is_running()
    assert machine.detect(version.arn, red).detections[0].name == "red"


def test_no_request_fails_when_a_unit_hangs(machine: Machine, red: bytes) -> None:
    version = machine.train("v1", burden=HEAVY)
    machine.restart(Timeouts(prediction=5))
    machine.run(version, units=2)
    hung = machine.workers(version)[0]
    with ThreadPoolExecutor(8) as clients:
        answers = [clients.submit(best_label, machine, version.arn, red) for _ in range(60)]
        until(lambda: sum(answer.done() for answer in answers) >= 10)
        suspend(hung)
        names = {answer.result() for answer in answers}
    assert names == {"red"}
    assert machine.find(version).status is VersionStatus.RUNNING
    until(lambda: not hung.is_running() and len(machine.workers(version)) == 2)


def test_a_request_that_two_units_die_of_fails(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    machine.restart(Timeouts(prediction=0.3))
    machine.run(version, units=2)
    with no_unit_can_load(machine, version):  # or a third might see it
        until(lambda: len(machine.workers(version)) == 2)
        for worker in machine.workers(version):
            suspend(worker)
        with pytest.raises(InternalServerError):
            machine.detect(version.arn, red)
        let_units_load(machine, version)


def test_too_many_requests_are_refused_at_once_and_other_models_stay_free(
    machine: Machine, red: bytes
) -> None:
    busy, idle = machine.train("busy", burden=HEAVY), machine.train("idle")
    machine.run(busy)
    machine.run(idle)
    [worker] = machine.workers(busy)
    suspend(worker)
    refused = threading.Event()
    threads = 200  # at a first guess of 50 ms a picture, 2 s are 40 of them

    def ask() -> str:
        try:
            return machine.detect(busy.arn, red).detections[0].name
        except ProvisionedThroughputExceededException:
            refused.set()
            return "refused"

    with ThreadPoolExecutor(threads) as clients:
        answers = [clients.submit(ask) for _ in range(threads)]
        assert refused.wait(60)
        assert machine.detect(idle.arn, red).detections[0].name == "red"
        worker.resume()
        outcomes = [answer.result() for answer in answers]
    assert set(outcomes) == {"red", "refused"}
    assert machine.detect(busy.arn, red).detections[0].name == "red"


def test_stop_lets_running_requests_end(machine: Machine, red: bytes) -> None:
    version = machine.train("v1")
    machine.run(version)
    [worker] = machine.workers(version)
    with ThreadPoolExecutor(3) as clients:
        suspend(worker)  # so that none is answered before the model is stopped
        answers = [clients.submit(machine.detect, version.arn, red) for _ in range(3)]
        until(lambda: machine.fleet.load(version.arn).requests == 3)
        machine.stop(version)
        until(lambda: admits_nothing(machine, version.arn))
        worker.resume()
        assert {answer.result().detections[0].name for answer in answers} == {"red"}
    machine.await_status(version, VersionStatus.STOPPED)


def admits_nothing(machine: Machine, arn: str) -> bool:
    try:
        with machine.fleet.admission(arn):
            return False
    except ResourceNotReadyException:
        return True


def test_a_model_that_is_not_there_fails_with_the_reason(machine: Machine) -> None:
    version = machine.train_without_model("v1")
    machine.start(version)
    machine.await_status(version, VersionStatus.FAILED)
    assert machine.find(version).status_message.startswith("The model description cannot be read")
    until(lambda: machine.workers(version) == [])


@pytest.mark.parametrize("damage", ["truncated", "foreign"])
def test_a_damaged_model_fails_and_starts_once_it_is_mended(
    machine: Machine, red: bytes, damage: str
) -> None:
    version = machine.train("v1")
    network = machine.settings.models_directory / str(version.id) / "model.onnx"
    whole = network.read_bytes()
    network.write_bytes(whole[:100] if damage == "truncated" else b"no network")
    machine.start(version)
    machine.await_status(version, VersionStatus.FAILED)
    assert machine.find(version).status_message.startswith("The model cannot be loaded: ")

    network.write_bytes(whole)
    machine.run(version)
    assert machine.detect(version.arn, red).detections


def test_a_running_model_fails_when_its_units_can_no_longer_load_it(
    machine: Machine, red: bytes
) -> None:
    version = machine.train("v1")
    machine.run(version)
    (machine.settings.models_directory / str(version.id) / "model.onnx").unlink()
    machine.workers(version)[0].kill()
    machine.await_status(version, VersionStatus.FAILED)
    with pytest.raises(ResourceNotReadyException):
        machine.detect(version.arn, red)


def test_units_that_start_load_the_folder_that_the_records_name_now(
    machine: Machine, red: bytes
) -> None:
    """As after a rotation of its key: those that run go on."""
    version = machine.train("v1")
    machine.run(version)
    made = machine.settings.data_directory / "made"
    average_colour(made)
    digest = published_folders(machine.settings, machine.records).publish(made)
    with machine.records.write() as connection:
        assert artefacts.replace(connection, version, digest)
        assert not artefacts.replace(connection, version, digest)  # of what was read before
    renewed = machine.find(version)

    def is_renewed() -> bool:
        for unit in machine.workers(version):
            unit.kill()
        return bool(machine.workers(renewed))

    until(is_renewed)
    assert machine.detect(version.arn, red).detections
    machine.stop(version)
    machine.await_status(version, VersionStatus.STOPPED)


def test_a_restart_brings_running_models_back(machine: Machine, red: bytes) -> None:
    running, starting, stopping = (machine.train(name) for name in ("v1", "v2", "v3"))
    machine.run(running)
    machine.run(stopping)
    machine.fleet.stop()
    machine.start(starting)
    machine.stop(stopping)

    machine.fleet = LocalFleet(machine.settings, machine.records)
    machine.fleet.start()

    assert machine.detect(running.arn, red).detections[0].name == "red"
    machine.await_status(starting, VersionStatus.RUNNING)
    machine.await_status(stopping, VersionStatus.STOPPED)


def test_stopping_the_fleet_leaves_no_process_and_no_state_behind(machine: Machine) -> None:
    version = machine.train("v1")
    machine.run(version, units=2)
    machine.fleet.stop()
    assert machine.workers(version) == []
    assert machine.find(version).status is VersionStatus.RUNNING
    machine.fleet = LocalFleet(machine.settings, machine.records)
    machine.fleet.start()


def test_a_version_that_vanished_from_the_records_loses_its_units(machine: Machine) -> None:
    version = machine.train("v1")
    machine.run(version)
    with machine.records.write() as connection:
        project_versions.remove(connection, version)
    machine.fleet.wake()
    until(lambda: machine.workers(version) == [])


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV])
def test_an_idle_unit_that_dies_is_replaced(
    machine: Machine, red: bytes, end: signal.Signals
) -> None:
    version = machine.train("v1")
    machine.run(version)
    [worker] = machine.workers(version)
    os.kill(worker.pid, end)
    until(lambda: not worker.is_running())
    assert machine.detect(version.arn, red).detections
    assert machine.find(version).status is VersionStatus.RUNNING
