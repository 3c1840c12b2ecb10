"""Starts the parts of the server in order and stops them in reverse."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import structlog
from rich.console import Console
from starlette.routing import BaseRoute

from lensmith.api.app import create_app
from lensmith.api.body import BodyLimits
from lensmith.api.cloudformation.service import CloudFormation
from lensmith.api.cloudwatch.service import CloudWatch
from lensmith.api.console import console_routes
from lensmith.api.identity.service import Identity
from lensmith.api.json_service.service import json_services
from lensmith.api.kms.service import Kms
from lensmith.api.lensmith.dataset_health import dataset_health_routes
from lensmith.api.lensmith.evaluation import evaluation_routes
from lensmith.api.lensmith.inference_units import inference_units_routes
from lensmith.api.lensmith.metrics import metrics_routes
from lensmith.api.lensmith.project_versions import project_version_routes
from lensmith.api.lensmith.routes import lensmith_routes
from lensmith.api.lensmith.usage import usage_routes
from lensmith.api.wire import AwsApi
from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.domain.rate_limit import CallRates
from lensmith.domain.role import Role
from lensmith.metrics.calls import CallMeter
from lensmith.metrics.exposition import Exposition
from lensmith.metrics.recorder import MetricsRecorder
from lensmith.operations.call import Service
from lensmith.operations.table import OPERATIONS
from lensmith.processes import child_process
from lensmith.processes.restarting import RestartingProcess
from lensmith.ray_cluster.connection import RayConnection
from lensmith.server.banner import show_banner
from lensmith.server.embedded_store import EmbeddedStore
from lensmith.server.file_upkeep import FileUpkeep
from lensmith.server.first_start import ADMIN, open_records
from lensmith.server.hosting import Hosting, check_roles, start_hosting
from lensmith.server.http import HttpServer
from lensmith.server.http_scheduling import HttpScheduling
from lensmith.server.key_upkeep import KeyUpkeep
from lensmith.server.lease_keeper import lease_keeper
from lensmith.server.log_rotation import LogRotation
from lensmith.server.memory import keep_large_blocks
from lensmith.server.ray_cluster import connect_cluster
from lensmith.server.sign_in import sign_in_address
from lensmith.server.stop_signals import StopSignals
from lensmith.serving.capturing import Capturing
from lensmith.serving.fleet import Fleet
from lensmith.store.audit.history import AuditHistory
from lensmith.store.audit.trail import AuditTrail
from lensmith.store.lock import DataDirectoryLock
from lensmith.store.objects import ObjectStores
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import OWNER_VARIABLE, Lease
from lensmith.training.job.launcher import TrainingLauncher
from lensmith.training.job.ray_processes import RayProcesses
from lensmith.wire.pagination import PaginationTokens

_log = structlog.get_logger(__name__)

_WORKER_GRACE_SECONDS = 5.0
# Beside the busy event loop a thread waits this long for the interpreter after each statement of
# SQLite; at Python's 5 ms a key's lookup after a commit took 13 to 16.
_SWITCH_SECONDS = 0.001


class Server:
    """Runs in the foreground on one data directory."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings = settings
        self._console = console
        self._signals = StopSignals()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises StartupError if the data directory or a port is taken or a part does not start.
        """
        keep_large_blocks()
        sys.setswitchinterval(_SWITCH_SECONDS)
        os.umask(0o077)  # the data directory may be an existing one that others can read
        self._signals.listen()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal that closes
        with ExitStack() as running:
            records = self._started(running)
            # A token is for who sits at the terminal, not for a file of logs.
            is_seen = self._console.file.isatty()
            address = sign_in_address(self._settings, records, ADMIN) if is_seen else None
            show_banner(self._settings, self._console, address)
            self._signals.wait()
            _log.info("stopping")
        _log.info("stopped")

    def _started(self, running: ExitStack) -> Records:
        try:
            return self._start(running)
        except OSError as error:
            where = error.filename or self._settings.data_directory
            raise StartupError(f"The server cannot start: {error.strerror}: {where}.") from error

    def _start(self, running: ExitStack) -> Records:
        settings = self._settings
        check_roles(settings)
        lock = DataDirectoryLock.acquire(settings)
        running.callback(lock.release)
        settings.run_directory.mkdir(exist_ok=True, mode=0o700)
        logs = LogRotation(settings.data_directory, settings.run_directory)
        logs.start()
        running.callback(logs.stop)
        cluster = connect_cluster(settings, running)
        http = None
        if Role.API in settings.roles:
            http = HttpServer(settings, on_end=self._signals.end)
            settings = self._settings = replace(settings, port=http.port)
        lock.describe(settings)
        records = open_records(settings, lock.predecessor)
        running.callback(records.close)
        _keep_leases(settings, records, lock.owner, running)
        objects = ObjectStores(settings, records, prompt=True)

        if not settings.s3_endpoint_url:
            store = EmbeddedStore(settings, records, objects)
            running.callback(store.stop)
            store.start()
        _keep_files(settings, records, running)
        hosting = start_hosting(settings, records, lock.directory_id, running, cluster)
        wake_jobs = _start_jobs(settings, records, lock.owner, cluster, running)
        upkeep = KeyUpkeep(settings, records)
        upkeep.start()
        running.callback(upkeep.stop)
        calls = CallMeter()
        recorder = MetricsRecorder(records, hosting.load_of, calls, server=lock.directory_id)
        recorder.start()
        running.callback(recorder.stop)
        if http is not None:
            service = _service(settings, records, objects, hosting.fleet, wake_jobs, calls)
            service = _with_audit(service, running)
            _serve_calls(http, service, hosting, running)
        return records


def _start_jobs(
    settings: Settings,
    records: Records,
    owner: str,
    cluster: RayConnection | None,
    running: ExitStack,
) -> Callable[[], None]:
    """Start what this server's roles work on; returns how a job that was queued is noticed."""
    processes = None if cluster is None else RayProcesses(settings, records, cluster)
    launcher = TrainingLauncher(settings, records, owner, processes)
    if Role.TRAININGS in settings.roles:
        launcher.start()
        running.callback(launcher.stop)
    if Role.DATASETS in settings.roles:
        worker = _dataset_worker(settings, owner)
        worker.start()
        running.callback(worker.stop)
    return launcher.wake


def _service(
    settings: Settings,
    records: Records,
    objects: ObjectStores,
    fleet: Fleet,
    wake_jobs: Callable[[], None],
    calls: CallMeter,
) -> Service:
    return Service(
        settings,
        records,
        objects,
        fleet,
        PaginationTokens(_pagination_secret(records)),
        wake_jobs,
        calls,
        capturing=Capturing(records, objects),
        rates=CallRates.of(settings.key_rate, settings.account_rate),
    )


def _with_audit(service: Service, running: ExitStack) -> Service:
    audit, history = _audit(service.settings, service.records, running)
    return replace(service, audit=audit, history=history)


def _serve_calls(http: HttpServer, service: Service, hosting: Hosting, running: ExitStack) -> None:
    """Serve the API and the console."""
    settings = service.settings
    if service.capturing is not None:
        service.capturing.start()
        running.callback(service.capturing.stop)
    beyond_aws = _beyond_aws(service, Exposition(service.records, hosting.load_of, service.calls))
    limits = BodyLimits(pause_seconds=settings.client_timeout_seconds)
    further = _further_apis(settings)
    http.start(create_app(service, OPERATIONS, beyond_aws, further=further, limits=limits))
    running.callback(http.stop)
    scheduling = HttpScheduling(http.thread_id, hosting.waiting)
    scheduling.start()
    running.callback(scheduling.stop)


def _keep_leases(settings: Settings, records: Records, owner: str, running: ExitStack) -> None:
    keeper = lease_keeper(records, Lease(owner, settings.lease_seconds))
    keeper.start()
    running.callback(keeper.stop)


def _keep_files(settings: Settings, records: Records, running: ExitStack) -> None:
    upkeep = FileUpkeep(settings, records)
    upkeep.start()
    running.callback(upkeep.stop)


def _further_apis(settings: Settings) -> list[AwsApi]:
    return [Identity(), CloudFormation(), Kms(settings), *json_services(), CloudWatch()]


def _beyond_aws(service: Service, exposition: Exposition) -> list[BaseRoute]:
    return [
        *lensmith_routes(service),
        *dataset_health_routes(service),
        *project_version_routes(service),
        *evaluation_routes(service),
        *inference_units_routes(service),
        *usage_routes(service),
        *metrics_routes(service.settings, exposition),
        *console_routes(),  # last: answers every GET that is left
    ]


def _audit(
    settings: Settings, records: Records, running: ExitStack
) -> tuple[AuditTrail, AuditHistory]:
    audit = AuditTrail.of(settings)
    audit.start()
    history = AuditHistory(records, audit.directory, settings.audit_data_bytes)
    history.start()
    running.callback(history.stop)
    running.callback(audit.stop)
    return audit, history


def _dataset_worker(settings: Settings, owner: str) -> RestartingProcess:
    def start() -> child_process.Child:
        return child_process.spawn(
            [sys.executable, "-m", "lensmith.datasets"],
            {**settings.to_environment(), OWNER_VARIABLE: owner},
            settings.run_directory / "datasets.log",
            die_with_thread=True,
        )

    return RestartingProcess(
        "datasets", start, lambda process: child_process.stop(process, _WORKER_GRACE_SECONDS)
    )


def _pagination_secret(records: Records) -> bytes:
    with records.write() as connection:
        return accounts.secret(connection, "pagination")
