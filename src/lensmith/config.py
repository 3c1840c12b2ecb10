"""Settings, read once from the environment when a process starts.

A field names its variable, how its text is read and written, and its default; nothing else spells
them. `docs/running.md` describes them; tests/architecture compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Self

from lensmith.domain.cluster_address import CLUSTER
from lensmith.domain.detector_size import DetectorSize
from lensmith.domain.port_range import UNITS_PORTS, PortRange
from lensmith.domain.precision import Precision
from lensmith.domain.role import ROLES, Role
from lensmith.domain.variable import (
    Variable,
    amount,
    choice_or_auto,
    listed_names,
    port_number,
    positive,
    rendered_choice,
    whole_number,
)

MEBIBYTE = 1 << 20
ROOT_KEY_NAME = "root.key"

_VARIABLE = "variable"  # key of a field's metadata


def variables(settings: type[Settings | Quotas]) -> Iterator[tuple[Field[Any], Variable[Any]]]:
    """Yield the fields that a variable sets."""
    for one in fields(settings):
        if _VARIABLE in one.metadata:
            yield one, one.metadata[_VARIABLE]


def _text(name: str, default: str = "", *, is_secret: bool = False) -> str:
    variable = Variable(name, str, is_secret=is_secret)
    made: str = field(default=default, repr=not is_secret, metadata={_VARIABLE: variable})
    return made


def _number(name: str, default: int, parse: Callable[[str], int] = whole_number) -> int:
    made: int = field(default=default, metadata={_VARIABLE: Variable(name, parse)})
    return made


def _share(name: str, default: float) -> float:
    made: float = field(default=default, metadata={_VARIABLE: Variable(name, amount)})
    return made


def _listed(name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    made: tuple[str, ...] = field(
        default=default, metadata={_VARIABLE: Variable(name, listed_names, ",".join)}
    )
    return made


def _one_of(name: str, choices: type[StrEnum]) -> dict[str, Any]:
    return {_VARIABLE: Variable(name, partial(choice_or_auto, choices), rendered_choice)}


def _quota(name: str, default: int) -> int:
    return _number(f"LENSMITH_QUOTA_{name}", default)


@dataclass(frozen=True, slots=True)
class Quotas:
    """Limits that an operator may move (api.md 7)."""

    projects_per_account: int = _quota("PROJECTS_PER_ACCOUNT", 1000)
    versions_per_project: int = _quota("VERSIONS_PER_PROJECT", 1000)
    concurrent_trainings: int = _quota("CONCURRENT_TRAININGS", 2)  # running or queued, per account
    concurrent_copies: int = _quota("CONCURRENT_COPIES", 5)  # likewise, of models
    policies_per_project: int = _quota("POLICIES_PER_PROJECT", 5)
    running_models: int = _quota("RUNNING_MODELS", 20)
    units_per_model: int = _quota("UNITS_PER_MODEL", 5)
    dataset_entries: int = _quota("DATASET_ENTRIES", 250_000)
    manifest_bytes: int = _quota("MANIFEST_BYTES", 1 << 30)
    labels: int = _quota("LABELS", 250)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a Lensmith process needs to know of its surroundings."""

    data_directory: Path = field(
        metadata={_VARIABLE: Variable("LENSMITH_HOME", lambda text: Path(text).absolute())}
    )
    host: str = _text("LENSMITH_HOST", "127.0.0.1")
    port: int = _number("LENSMITH_PORT", 7400, port_number)
    s3_port: int = _number("LENSMITH_S3_PORT", 7401, port_number)
    region: str = _text("LENSMITH_REGION", "us-east-1")
    regions: tuple[str, ...] = _listed("LENSMITH_REGIONS")  # further ones that are served
    account_id: str = _text("LENSMITH_ACCOUNT_ID", "000000000000")  # of the first user
    records_url: str = _text("LENSMITH_RECORDS_URL")  # empty: SQLite in the data directory
    # Of the key that seals secrets; empty: root.key in the data directory.
    root_key_file: str = _text("LENSMITH_ROOT_KEY_FILE")
    # Of the OpenID Connect provider whose tokens AssumeRoleWithWebIdentity takes.
    oidc_issuer: str = _text("LENSMITH_OIDC_ISSUER")
    oidc_audiences: tuple[str, ...] = _listed("LENSMITH_OIDC_AUDIENCES")
    oidc_keys_file: str = _text("LENSMITH_OIDC_KEYS_FILE")  # JWKS; empty: of the issuer
    # Of KMS elsewhere, or of Vault or OpenBao, whose transit keys encrypt; empty: own keys.
    kms_endpoint_url: str = _text("LENSMITH_KMS_ENDPOINT_URL")
    vault_address: str = _text("LENSMITH_VAULT_ADDRESS")
    vault_token_file: str = _text("LENSMITH_VAULT_TOKEN_FILE")
    vault_mount: str = _text("LENSMITH_VAULT_MOUNT", "transit")
    # Where plaintext of models that a key encrypts is while they are trained; must be memory.
    memory_directory: str = _text("LENSMITH_MEMORY_DIRECTORY", "/dev/shm")  # noqa: S108
    # Of signing in to the console by that provider.
    oidc_client_id: str = _text("LENSMITH_OIDC_CLIENT_ID")
    oidc_client_secret: str = _text("LENSMITH_OIDC_CLIENT_SECRET", is_secret=True)
    oidc_role_claim: str = _text("LENSMITH_OIDC_ROLE_CLAIM", "groups")
    oidc_roles: tuple[str, ...] = _listed("LENSMITH_OIDC_ROLES")  # value=role, the first counts
    s3_endpoint_url: str = _text("LENSMITH_S3_ENDPOINT_URL")  # empty: the embedded SeaweedFS
    # Where an external store has models and snapshots; no caller reaches it.
    system_bucket: str = _text("LENSMITH_SYSTEM_BUCKET", "lensmith-system")
    files_cache_bytes: int = _number("LENSMITH_FILES_CACHE_BYTES", 20_000_000_000)  # copies of them
    # Names of the S3 port before which a bucket's may stand, beside localhost.
    s3_domains: tuple[str, ...] = _listed("LENSMITH_S3_DOMAINS")
    # Until a server that gives no sign of life has its jobs taken over by another.
    lease_seconds: int = _number("LENSMITH_LEASE_SECONDS", 30, positive)
    # Which parts run here, where others share the records; how those reach the units of this one.
    roles: tuple[Role, ...] = field(default=tuple(Role), metadata={_VARIABLE: ROLES})
    units_host: str = _text("LENSMITH_UNITS_HOST", "127.0.0.1")
    # Where units listen, as 7500-7599; None: on any free port.
    units_ports: PortRange | None = field(default=None, metadata={_VARIABLE: UNITS_PORTS})
    units_memory_bytes: int = _number("LENSMITH_UNITS_MEMORY_BYTES", 0)  # 0: 7/10 of the machine's
    # Address of the Ray cluster that runs trainings and units; empty: this machine does.
    cluster: str = field(default="", metadata={_VARIABLE: CLUSTER})
    cluster_token_file: str = _text("LENSMITH_CLUSTER_TOKEN_FILE")  # empty: where Ray looks
    # What Ray sets aside for one unit, memory apart.
    cluster_unit_cpus: float = _share("LENSMITH_CLUSTER_UNIT_CPUS", 1.0)
    cluster_unit_gpus: float = _share("LENSMITH_CLUSTER_UNIT_GPUS", 0.0)
    # Bytes of small objects that each process of the S3 port keeps in memory; 0: none.
    s3_cache_bytes: int = _number("LENSMITH_S3_CACHE_BYTES", 64 << 20)
    trainings_at_once: int = _number("LENSMITH_TRAININGS_AT_ONCE", 1)
    training_threads: int = _number("LENSMITH_TRAINING_THREADS", 0)  # 0: all cores
    # What one training reserves of a cluster's node, beside a processor a thread.
    cluster_training_gpus: int = _number("LENSMITH_CLUSTER_TRAINING_GPUS", 0)
    cluster_training_memory_bytes: int = _number("LENSMITH_CLUSTER_TRAINING_MEMORY_BYTES", 2 << 30)
    # Seconds for fitting a model; 0: chosen from the data and the machine.
    training_budget_seconds: int = _number("LENSMITH_TRAINING_BUDGET", 0)
    # Without a request, until a running model's units end; 0: never.
    idle_stop_seconds: int = _number("LENSMITH_IDLE_STOP_SECONDS", 0)
    # Names in a Host header, beside loopback and `host`.
    allowed_hosts: tuple[str, ...] = _listed("LENSMITH_ALLOWED_HOSTS")
    # Of pages elsewhere that may call, as https://a.example.
    allowed_origins: tuple[str, ...] = _listed("LENSMITH_ALLOWED_ORIGINS")
    # Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed.
    trusted_proxies: tuple[str, ...] = _listed("LENSMITH_TRUSTED_PROXIES")
    # Of clients: seconds to send a request's head, or the next part of a body.
    client_timeout_seconds: int = _number("LENSMITH_CLIENT_TIMEOUT", 20)
    # Connections to the API; 0: as many as the limit of open files allows.
    max_connections: int = _number("LENSMITH_MAX_CONNECTIONS", 0)
    # Calls a second of one access key, and of one account; 0: no limit.
    key_rate: int = _number("LENSMITH_KEY_RATE", 3000)
    account_rate: int = _number("LENSMITH_ACCOUNT_RATE", 6000)
    # Files in PEM format, with which both ports speak TLS; empty: they do not.
    tls_certificate: str = _text("LENSMITH_TLS_CERTIFICATE")
    tls_key: str = _text("LENSMITH_TLS_KEY")
    picture_cache_bytes: int = _number("LENSMITH_PICTURE_CACHE_BYTES", 1_000_000_000)  # thumbnails
    # Of audit events; empty: audit/ in the data directory.
    audit_folder: str = _text("LENSMITH_AUDIT_DIRECTORY")
    # Kinds of data events that are kept: detections, objects, console.
    audit_data_events: tuple[str, ...] = _listed("LENSMITH_AUDIT_DATA_EVENTS", ("detections",))
    audit_data_bytes: int = _number("LENSMITH_AUDIT_DATA_BYTES", 1 << 30)  # of data events kept
    metrics_token: str = _text("LENSMITH_METRICS_TOKEN", is_secret=True)  # empty: loopback only
    # None: as the device that trains can afford.
    detector_size: DetectorSize | None = field(
        default=None, metadata=_one_of("LENSMITH_DETECTOR_SIZE", DetectorSize)
    )
    # None: the fastest variant that costs little accuracy.
    precision: Precision | None = field(
        default=None, metadata=_one_of("LENSMITH_PRECISION", Precision)
    )
    # Of the hub, by name or folder, beside the bundled ones.
    backbones: tuple[str, ...] = _listed("LENSMITH_BACKBONES")
    quotas: Quotas = field(default_factory=Quotas)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the `LENSMITH_*` variables.

        Raises ValueError naming the variable if its value is not a number, is negative or is not
        one of the choices.
        """
        given = os.environ if environment is None else environment
        given = {"LENSMITH_HOME": "lensmith-data", **given}
        return cls(**_read(cls, given), quotas=Quotas(**_read(Quotas, given)))

    def to_environment(self) -> dict[str, str]:
        """Render the variables for a child process, without secrets."""
        return _rendered(self) | _rendered(self.quotas)

    @property
    def records_location(self) -> str:
        """SQLAlchemy URL of the records."""
        return self.records_url or f"sqlite:///{self.data_directory / 'records.db'}"

    @property
    def served_regions(self) -> tuple[str, ...]:
        """The region of the server itself, then the further ones."""
        return tuple(dict.fromkeys((self.region, *self.regions)))

    @property
    def root_key_path(self) -> Path:
        return Path(self.root_key_file or self.data_directory / ROOT_KEY_NAME)

    @property
    def audit_directory(self) -> Path:
        return Path(self.audit_folder or self.data_directory / "audit")

    @property
    def s3_endpoint(self) -> str:
        """Where clients on this machine reach S3."""
        return self.s3_endpoint_url or f"{self.scheme}://{self.reachable_host}:{self.s3_port}"

    @property
    def endpoint(self) -> str:
        """Where clients on this machine reach the API."""
        return f"{self.scheme}://{self.reachable_host}:{self.port}"

    @property
    def scheme(self) -> str:
        """The scheme of both ports."""
        return "https" if self.tls_certificate else "http"

    @property
    def reachable_host(self) -> str:
        """How an address names this server for clients on this machine."""
        if self.host in {"0.0.0.0", "::"}:  # noqa: S104
            return "127.0.0.1"
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def models_directory(self) -> Path:
        """Models of versions before they were published, one directory a version."""
        return self.data_directory / "models"

    @property
    def files_directory(self) -> Path:
        """Published folders (models, snapshots) where no external store has them."""
        return self.data_directory / "files"

    @property
    def files_cache_directory(self) -> Path:
        """Copies of published folders that an external store has."""
        return self.data_directory / "cache"

    @property
    def copies_directory(self) -> Path:
        """Models that are being copied, one directory a job."""
        return self.data_directory / "copies"

    @property
    def snapshots_directory(self) -> Path:
        """Manifests that CreateProjectVersion freezes, before they are published."""
        return self.data_directory / "snapshots"

    @property
    def pictures_directory(self) -> Path:
        """Thumbnails; all of them can be made again."""
        return self.data_directory / "pictures"

    @property
    def run_directory(self) -> Path:
        """Sockets, pid files and logs of child processes."""
        return self.data_directory / "run"

    def training_log(self, job_id: int) -> Path:
        """Return the path of the log file of one training's process."""
        return self.run_directory / f"training-{job_id}.log"

    def model_log(self, version_id: int) -> Path:
        """Return the path of the log file of one version's inference units."""
        return self.run_directory / f"model-{version_id}.log"


def _read(settings: type[Settings | Quotas], environment: Mapping[str, str]) -> dict[str, Any]:
    given = ((one, variable, variable.given(environment)) for one, variable in variables(settings))
    return {one.name: variable.read(text) for one, variable, text in given if text is not None}


def _rendered(settings: Settings | Quotas) -> dict[str, str]:
    return {
        variable.name: variable.render(getattr(settings, one.name))
        for one, variable in variables(type(settings))
        if not variable.is_secret
    }
