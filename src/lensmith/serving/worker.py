"""One inference unit: `python -m lensmith.serving.worker`, started by `unit.Unit`.

Everything imported here is paid for between StartProjectVersion and RUNNING.
"""

from __future__ import annotations

import argparse
import socket
import sys
import traceback
import warnings
from pathlib import Path

from lensmith.domain.errors import InternalServerError, ServiceError
from lensmith.inference.artefact import ArtefactError
from lensmith.inference.predictor import Predictor
from lensmith.serving.protocol import (
    Answer,
    Ready,
    Refused,
    Reply,
    Unusable,
    receive,
    send_reply,
)
from lensmith.store.lifeline import follow_parent


def main() -> None:
    """Load the model, greet, then answer images until the server hangs up."""
    arguments = _arguments()
    follow_parent()
    warnings.simplefilter("ignore")  # Pillow warns of every oddity in a user's picture
    with socket.socket(fileno=arguments.socket) as connection:
        try:
            predictor = Predictor.open(arguments.model, arguments.threads)
        except ArtefactError as error:
            send_reply(connection, Unusable(str(error)))
            return
        artefact = predictor.artefact
        thresholds = dict(zip(artefact.labels, artefact.thresholds, strict=True))
        send_reply(connection, Ready(thresholds))
        serve(connection, predictor)


def serve(connection: socket.socket, predictor: Predictor) -> None:
    """Answer one image after the other; returns when the server hangs up."""
    try:
        while (image := receive(connection)) is not None:
            send_reply(connection, _answer(predictor, image))
    except ConnectionError:
        return


def _answer(predictor: Predictor, image: bytes) -> Reply:
    try:
        return Answer(predictor.predict(image).detections)
    except ServiceError as error:
        return Refused(error.code, error.message)
    except Exception:  # noqa: BLE001 - the unit's edge: one odd picture must not end it
        traceback.print_exc(file=sys.stderr)
        return Refused(InternalServerError.code, InternalServerError.default)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True, help="inherited file descriptor")
    parser.add_argument("--model", type=Path, required=True, help="artefact directory")
    parser.add_argument("--threads", type=int, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
