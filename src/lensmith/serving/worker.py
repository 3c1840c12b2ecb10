"""One inference unit: `python -m lensmith.serving.worker`, started by `unit.Unit`.

Everything imported here is paid for between StartProjectVersion and RUNNING.
"""

from __future__ import annotations

import argparse
import socket
import sys
import traceback
import warnings
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from lensmith.domain.errors import InternalServerError, ServiceError
from lensmith.inference.artefact import ArtefactError
from lensmith.inference.predictor import Predictor
from lensmith.serving.protocol import (
    PING,
    Alive,
    Answer,
    Ready,
    Refused,
    Reply,
    Unusable,
    receive_length,
    send_reply,
)
from lensmith.serving.shared_memory import Area, areas
from lensmith.store.lifeline import follow_parent


def main() -> None:
    """Load the model, greet, then answer images until the server hangs up."""
    arguments = _arguments()
    follow_parent()
    warnings.simplefilter("ignore")  # Pillow warns of every oddity in a user's picture
    with ExitStack() as opened:
        connections = [opened.enter_context(socket.socket(fileno=n)) for n in arguments.sockets]
        try:
            predictor = Predictor.open(arguments.model, arguments.threads)
        except ArtefactError as error:
            send_reply(connections[0], Unusable(str(error)))
            return
        artefact = predictor.artefact
        thresholds = dict(zip(artefact.labels, artefact.thresholds, strict=True))
        send_reply(connections[0], Ready(thresholds))
        places = zip(connections, areas(arguments.memory), strict=True)
        serving = [Thread(target=serve, args=(*place, predictor)) for place in places]
        for thread in serving:
            thread.start()
        for thread in serving:
            thread.join()


def serve(connection: socket.socket, area: Area, predictor: Predictor) -> None:
    """Answer one image after the other at one place; returns when the server hangs up."""
    try:
        while (length := receive_length(connection)) is not None:
            reply = Alive() if length == PING else _answer(predictor, area[:length])
            send_reply(connection, reply)
    except ConnectionError:
        return


def _answer(predictor: Predictor, image: memoryview) -> Reply:
    try:
        return Answer(predictor.predict(image).detections)
    except ServiceError as error:
        return Refused(error.code, error.message)
    except Exception:  # noqa: BLE001 - the unit's edge: one odd picture must not end it
        traceback.print_exc(file=sys.stderr)
        return Refused(InternalServerError.code, InternalServerError.default)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sockets", type=int, nargs="+", required=True, help="one a place")
    parser.add_argument("--memory", type=int, required=True, help="where the images will lie")
    parser.add_argument("--model", type=Path, required=True, help="artefact directory")
    parser.add_argument("--threads", type=int, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
