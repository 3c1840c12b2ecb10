"""Sessions of boto3 that read botocore's models once: reading them is most of what one costs."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.loaders import create_loader
from botocore.session import Session

_LOADER = create_loader()


def boto_session(**given: Any) -> boto3.Session:
    """A session with variables, files and keys of its own, as `boto3.Session` takes them."""
    session = Session()
    session.register_component("data_loader", _LOADER)
    return boto3.Session(botocore_session=session, **given)
