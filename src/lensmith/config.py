"""Settings, read once from the environment when a process starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from lensmith.domain.detector_size import DetectorSize

MEBIBYTE = 1 << 20
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Quotas:
    """Limits that an operator may move (api.md 7); `LENSMITH_QUOTA_<FIELD>` sets one."""

    projects_per_account: int = 1000
    versions_per_project: int = 1000
    concurrent_trainings: int = 2  # in progress or queued, per account
    running_models: int = 20
    units_per_model: int = 5
    dataset_entries: int = 250_000
    manifest_bytes: int = 1 << 30
    labels: int = 250

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Raises ValueError when a value is not a whole number, or negative."""
        variables = {name: f"LENSMITH_QUOTA_{name.upper()}" for name in cls.__dataclass_fields__}
        given = {
            name: _number(environment, variable, 0)
            for name, variable in variables.items()
            if variable in environment
        }
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a Lensmith process needs to know of its surroundings."""

    data_directory: Path
    host: str = "127.0.0.1"
    port: int = 7400
    s3_port: int = 7401
    region: str = "us-east-1"
    account_id: str = "000000000000"  # of the first user
    records_url: str = ""  # empty: SQLite in the data directory
    s3_endpoint_url: str = ""  # empty: the embedded SeaweedFS
    trainings_at_once: int = 1
    training_threads: int = 0  # 0: all cores
    training_budget_seconds: int = 0  # for fitting a model; 0: chosen from the data and the machine
    idle_stop_seconds: int = 0  # without a request, until a running model's units end; 0: never
    allowed_hosts: tuple[str, ...] = ()  # names in a Host header, beside loopback and `host`
    allowed_origins: tuple[str, ...] = ()  # of pages elsewhere that may call, as https://a.example
    metrics_token: str = field(default="", repr=False)  # empty: /metrics for this machine only
    detector_size: DetectorSize | None = None  # None: as the device that trains can afford
    backbones: tuple[str, ...] = ()  # of the hub, by name or folder, beside the bundled ones
    quotas: Quotas = field(default_factory=Quotas)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the `LENSMITH_*` variables.

        Raises ValueError, naming the variable, where a number is none or negative, or a word none
        of those that can be chosen.
        """
        given = os.environ if environment is None else environment
        return cls(
            data_directory=Path(given.get("LENSMITH_HOME", "lensmith-data")).absolute(),
            host=given.get("LENSMITH_HOST", "127.0.0.1"),
            port=_number(given, "LENSMITH_PORT", 7400),
            s3_port=_number(given, "LENSMITH_S3_PORT", 7401),
            region=given.get("LENSMITH_REGION", "us-east-1"),
            account_id=given.get("LENSMITH_ACCOUNT_ID", "000000000000"),
            records_url=given.get("LENSMITH_RECORDS_URL", ""),
            s3_endpoint_url=given.get("LENSMITH_S3_ENDPOINT_URL", ""),
            trainings_at_once=_number(given, "LENSMITH_TRAININGS_AT_ONCE", 1),
            training_threads=_number(given, "LENSMITH_TRAINING_THREADS", 0),
            training_budget_seconds=_number(given, "LENSMITH_TRAINING_BUDGET", 0),
            idle_stop_seconds=_number(given, "LENSMITH_IDLE_STOP_SECONDS", 0),
            allowed_hosts=_names(given.get("LENSMITH_ALLOWED_HOSTS", "")),
            allowed_origins=_names(given.get("LENSMITH_ALLOWED_ORIGINS", "")),
            metrics_token=given.get("LENSMITH_METRICS_TOKEN", ""),
            detector_size=_detector_size(given.get("LENSMITH_DETECTOR_SIZE", AUTO)),
            backbones=_names(given.get("LENSMITH_BACKBONES", "")),
            quotas=Quotas.from_environment(given),
        )

    def to_environment(self) -> dict[str, str]:
        """The variables from which a child process reads these settings, the token left out."""
        quotas = {
            f"LENSMITH_QUOTA_{name.upper()}": str(getattr(self.quotas, name))
            for name in Quotas.__dataclass_fields__
        }
        return {
            "LENSMITH_HOME": str(self.data_directory),
            "LENSMITH_HOST": self.host,
            "LENSMITH_PORT": str(self.port),
            "LENSMITH_S3_PORT": str(self.s3_port),
            "LENSMITH_REGION": self.region,
            "LENSMITH_ACCOUNT_ID": self.account_id,
            "LENSMITH_RECORDS_URL": self.records_url,
            "LENSMITH_S3_ENDPOINT_URL": self.s3_endpoint_url,
            "LENSMITH_TRAININGS_AT_ONCE": str(self.trainings_at_once),
            "LENSMITH_TRAINING_THREADS": str(self.training_threads),
            "LENSMITH_TRAINING_BUDGET": str(self.training_budget_seconds),
            "LENSMITH_IDLE_STOP_SECONDS": str(self.idle_stop_seconds),
            "LENSMITH_ALLOWED_HOSTS": ",".join(self.allowed_hosts),
            "LENSMITH_ALLOWED_ORIGINS": ",".join(self.allowed_origins),
            "LENSMITH_DETECTOR_SIZE": self.detector_size or AUTO,
            "LENSMITH_BACKBONES": ",".join(self.backbones),
            **quotas,
        }

    @property
    def records_location(self) -> str:
        """SQLAlchemy URL of the records."""
        return self.records_url or f"sqlite:///{self.data_directory / 'records.db'}"

    @property
    def s3_endpoint(self) -> str:
        """Where the server itself and its children reach the object store."""
        return self.s3_endpoint_url or f"http://{self._reachable_host}:{self.s3_port}"

    @property
    def endpoint(self) -> str:
        """Where clients on this machine reach the API."""
        return f"http://{self._reachable_host}:{self.port}"

    @property
    def _reachable_host(self) -> str:
        if self.host in {"0.0.0.0", "::"}:  # noqa: S104
            return "127.0.0.1"
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def models_directory(self) -> Path:
        return self.data_directory / "models"

    @property
    def snapshots_directory(self) -> Path:
        """Manifests frozen at CreateProjectVersion, one directory a version."""
        return self.data_directory / "snapshots"

    @property
    def run_directory(self) -> Path:
        """Sockets, pid files and logs of child processes."""
        return self.data_directory / "run"

    def training_log(self, job_id: int) -> Path:
        """What the process of one training prints."""
        return self.run_directory / f"training-{job_id}.log"

    def model_log(self, version_id: int) -> Path:
        """What the inference units of one version print."""
        return self.run_directory / f"model-{version_id}.log"


def _number(environment: Mapping[str, str], variable: str, default: int) -> int:
    text = environment.get(variable)
    if text is None:
        return default
    if not (text.isascii() and text.strip().isdigit()):
        raise ValueError(f"{variable} must be a whole number, 0 or more, not {text!r}.")
    return int(text)


def _detector_size(given: str) -> DetectorSize | None:
    choices = (AUTO, *DetectorSize)
    if given not in choices:
        raise ValueError(f"LENSMITH_DETECTOR_SIZE must be {' or '.join(choices)}, not {given!r}.")
    return None if given == AUTO else DetectorSize(given)


def _names(listed: str) -> tuple[str, ...]:
    """What stands between commas, each once and in its order."""
    return tuple(dict.fromkeys(name.strip() for name in listed.split(",") if name.strip()))
