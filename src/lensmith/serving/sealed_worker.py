"""One inference unit of a sealed model: `python -m lensmith.serving.sealed_worker`.

The data key comes by a pipe; the model is decrypted into memory. Apart from `worker`, whose start
does not pay for what decrypts.
"""

from __future__ import annotations

import argparse
import os

from lensmith.domain.readable import Folder
from lensmith.serving.worker import main
from lensmith.store.sealed.file import SealedFolder


def open_sealed_model(arguments: argparse.Namespace) -> Folder:
    """Read the data key from its pipe."""
    with os.fdopen(arguments.data_key, "rb") as pipe:
        return SealedFolder(arguments.model, pipe.read())


if __name__ == "__main__":
    main(open_sealed_model)
