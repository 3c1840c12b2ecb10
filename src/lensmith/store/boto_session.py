"""Sessions of boto3 that read botocore's models once a process: that is most of what one costs."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.loaders import Loader, create_loader
from botocore.session import Session


def boto_session(**given: Any) -> boto3.Session:
    """Make a session with variables, files and keys of its own, as `boto3.Session` takes them."""
    session = Session()
    session.register_component("data_loader", _loader())
    return boto3.Session(botocore_session=session, **given)


@cache
def _loader() -> Loader:
    return create_loader()
