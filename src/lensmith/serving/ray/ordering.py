"""Makes the order of a unit: what a Ray node needs, and no more."""

from __future__ import annotations

from lensmith import __version__
from lensmith.config import Settings
from lensmith.domain.errors import ObjectStoreError, StartupError
from lensmith.domain.project_version import ProjectVersion
from lensmith.serving.ray.order import UnitOrder
from lensmith.serving.unit import ModelAwayError, ModelUnusableError
from lensmith.store.published.bucket import BucketFolders
from lensmith.store.published.opening import published_folders
from lensmith.store.records.engine import Records
from lensmith.store.sealed.folder import DATA_KEY_FILE, KeyAwayError, unwrapped
from lensmith.store.unreadable_folder import (
    FolderAwayError,
    FolderMissingError,
    UnreadableFolderError,
)

LINKS_SECONDS = 12 * 3600
"""For which the links in an order are good."""

ON_A_DISK = "The model lies on the disk of a server; it is published when that starts again."


class Ordering:
    """Makes orders of one installation's models."""

    def __init__(self, settings: Settings, records: Records, credentials: bytes) -> None:
        """`credentials` are those of `credentials_of`."""
        self._settings = settings
        self._records = records
        self._credentials = credentials

    def order(self, version: ProjectVersion) -> UnitOrder:
        """Return the order of a version's units.

        Raises ModelAwayError while the S3 or the KMS is away, ModelUnusableError otherwise,
        also where a file of this server, as the root key, is missing or cannot be read.
        """
        try:
            return self._order(version)
        except (FileNotFoundError, PermissionError, StartupError) as error:
            raise ModelUnusableError(str(error)) from error
        except (FolderAwayError, KeyAwayError, ObjectStoreError, OSError) as error:
            raise ModelAwayError(str(error)) from error
        except UnreadableFolderError as error:
            raise ModelUnusableError(str(error)) from error

    def _order(self, version: ProjectVersion) -> UnitOrder:
        folders = published_folders(self._settings, self._records)
        if version.artefact is None or not isinstance(folders, BucketFolders):
            raise FolderMissingError(ON_A_DISK)
        model = folders.linked(version.artefact, LINKS_SECONDS)
        data_key = None
        if DATA_KEY_FILE in model.links:
            wrapped = folders.read(version.artefact, DATA_KEY_FILE)
            data_key = unwrapped(self._settings, self._records, wrapped)
        return UnitOrder(
            __version__,
            version.id,
            model,
            self._credentials,
            data_key,
            self._settings.precision,
            self._settings.files_cache_bytes,
        )
