"""Errors of `lensmith detect`: of the whole run, or of one picture."""

from __future__ import annotations

from lensmith.domain.errors import LensmithError


class DetectError(LensmithError):
    """The run cannot begin or go on; the message says why and what to do."""


class PictureError(LensmithError):
    """One picture or video cannot be read or sent; the run goes on."""
