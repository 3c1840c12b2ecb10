"""The fleet of one machine: a loop that makes units match the records."""

from __future__ import annotations

import logging
import os
import time
from contextlib import AbstractContextManager
from functools import partial

from lensmith.config import Settings
from lensmith.domain.errors import ResourceNotReadyException
from lensmith.domain.project_version import HOSTED, STARTED, ProjectVersion, VersionStatus
from lensmith.processes.periodic import PeriodicThread
from lensmith.serving.fleet import Detect, Load
from lensmith.serving.hosted_model import HostedModel
from lensmith.serving.model_folder import ModelFolder
from lensmith.serving.scaler import UnitRange
from lensmith.serving.timeouts import Timeouts
from lensmith.serving.unit import ModelAwayError, ModelUnusableError, Unit
from lensmith.serving.waiting_room import WaitingRoom
from lensmith.store.published.model import using_model
from lensmith.store.published.opening import published_folders
from lensmith.store.records import project_versions
from lensmith.store.records.engine import Records
from lensmith.store.sealed.folder import KeyAwayError, KeyUnusableError, open_sealed

log = logging.getLogger(__name__)

_NO_UNITS = UnitRange(0, 0)
_TICK_SECONDS = 0.5
_STOP_TICK_SECONDS = 0.02


class LocalFleet:
    """Worker processes on this machine; implements `fleet.Fleet`."""

    def __init__(
        self, settings: Settings, records: Records, timeouts: Timeouts | None = None
    ) -> None:
        self._settings = settings
        self._records = records
        self._timeouts = timeouts or Timeouts()
        self._waiting_room = WaitingRoom()
        self._folders = published_folders(settings, records)
        self._models: dict[str, HostedModel] = {}  # by version ARN
        self._files: dict[HostedModel, ModelFolder] = {}
        self._newer_files: dict[HostedModel, ModelFolder] = {}  # being fetched
        self._leaving: list[HostedModel] = []  # of versions that are no longer hosted
        self._thread = PeriodicThread("fleet", self._reconcile, _TICK_SECONDS)

    def start(self) -> None:
        """Start the units of versions that the records say are running; then follow the records."""
        self._reconcile()
        self._thread.start()

    def stop(self) -> None:
        """End every unit after its last request; versions stay RUNNING in the records."""
        self._thread.stop()
        self._leaving.extend(self._models.values())
        self._models = {}
        while self._leaving:
            self._wind_down_leaving()
            time.sleep(_STOP_TICK_SECONDS)

    def wake(self) -> None:
        self._thread.wake()

    def admission(self, version_arn: str) -> AbstractContextManager[Detect]:
        model = self._models.get(version_arn)
        if model is None:
            raise ResourceNotReadyException
        return model.admission()

    def waiting(self) -> int:
        """Count the requests that wait for a unit."""
        return self._waiting_room.taken

    def load(self, version_arn: str) -> Load:
        model = self._models.get(version_arn)
        return Load() if model is None else model.load

    def _reconcile(self) -> None:
        versions = self._records.read_cached(project_versions.in_states, HOSTED)
        self._dismiss_all_but({version.arn for version in versions})
        for version in versions:
            if version.status is VersionStatus.STOPPING:
                self._stop_version(version)
            else:
                self._keep_version(version)
        self._wind_down_leaving()

    def _keep_version(self, version: ProjectVersion) -> None:
        model = self._models.get(version.arn) or self._host(version)
        folder = self._folder_of(model, version)
        wanted = UnitRange.of(version.min_units, version.max_units)
        if folder.path is None:  # requests wait meanwhile
            wanted = _NO_UNITS
        may_scale_to_zero = version.status is VersionStatus.RUNNING
        model.adjust(wanted, self._settings.idle_stop_seconds if may_scale_to_zero else 0)
        failure = folder.failure or model.failure
        if failure is not None:
            self._leaving.append(self._models.pop(version.arn))
            log.error("Model %s failed: %s", version.arn, failure)
            self._set_status(version, VersionStatus.FAILED, failure)
        elif folder.path is None:
            return
        elif version.status is VersionStatus.STARTING and model.in_service >= wanted.minimum:
            self._set_status(version, VersionStatus.RUNNING)

    def _stop_version(self, version: ProjectVersion) -> None:
        model = self._models.get(version.arn)
        if model is None or model.wind_down():
            self._models.pop(version.arn, None)
            self._release(model)
            self._set_status(version, VersionStatus.STOPPED)

    def _set_status(
        self, version: ProjectVersion, status: VersionStatus, message: str | None = None
    ) -> None:
        """Change the status if it is still what was read (compare and set)."""
        expected = (version.status,) if version.status is VersionStatus.STOPPING else STARTED
        with self._records.write() as connection:
            project_versions.set_status(connection, version.id, status, message, only_from=expected)

    def _host(self, version: ProjectVersion) -> HostedModel:
        output = self._settings.model_log(version.id)

        def launch() -> Unit:
            directory = self._files[model].path
            assert directory is not None  # no unit is wanted before
            try:
                sealed = open_sealed(self._settings, self._records, directory)
            except KeyAwayError as error:
                raise ModelAwayError(str(error)) from error
            except KeyUnusableError as error:
                raise ModelUnusableError(str(error)) from error
            data_key = None if sealed is None else sealed.data_key
            precision = self._settings.precision
            return Unit.launch(directory, self._threads_per_unit(), output, data_key, precision)

        model = HostedModel(launch, self.wake, self._timeouts, self._waiting_room)
        self._models[version.arn] = model
        self._files[model] = self._fetch(version)
        return model

    def _folder_of(self, model: HostedModel, version: ProjectVersion) -> ModelFolder:
        """Return the files of a model; they become those that the records name once here."""
        folder = self._files[model]
        if folder.artefact == version.artefact:
            return folder
        newer = self._newer_files.get(model)
        if newer is None or newer.artefact != version.artefact:
            if newer is not None:
                newer.release()
            newer = self._newer_files[model] = self._fetch(version)
        if newer.path is not None:
            folder.release()
            self._files[model] = folder = self._newer_files.pop(model)
        return folder

    def _fetch(self, version: ProjectVersion) -> ModelFolder:
        using = partial(using_model, self._settings, self._folders, version)
        return ModelFolder(version.artefact, using, self.wake)

    def _release(self, model: HostedModel | None) -> None:
        for files in (self._files, self._newer_files):
            folder = None if model is None else files.pop(model, None)
            if folder is not None:
                folder.release()

    def _threads_per_unit(self) -> int:
        units = sum(model.load.desired for model in self._models.values())
        return max(1, len(os.sched_getaffinity(0)) // max(units, 1))

    def _dismiss_all_but(self, arns: set[str]) -> None:
        for arn in self._models.keys() - arns:
            self._leaving.append(self._models.pop(arn))

    def _wind_down_leaving(self) -> None:
        left = [model for model in self._leaving if model.wind_down()]
        for model in left:
            self._leaving.remove(model)
            self._release(model)
