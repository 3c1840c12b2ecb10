"""Why a process stops working on a job."""

from __future__ import annotations

from lensmith.domain.errors import LensmithError


class SupersededError(LensmithError):
    """The job was given to another process, or has ended, while this one worked on it."""


class JobCancelledError(LensmithError):
    """The job was cancelled while it ran; nothing of it is kept."""
