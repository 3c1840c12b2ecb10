"""One inference unit: `python -m lensmith.serving.worker`, started by `unit.Unit`.

Everything imported here is paid for between StartProjectVersion and RUNNING.
"""

from __future__ import annotations

import argparse
import socket
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TypeAlias

from lensmith.domain.errors import InternalServerError, ServiceError
from lensmith.domain.precision import Precision, Served
from lensmith.domain.readable import Folder
from lensmith.inference.artefact import ArtefactError
from lensmith.inference.predictor import Predictor
from lensmith.processes.child_process import exit_with_parent
from lensmith.serving.protocol import (
    Alive,
    Answer,
    Ready,
    Refused,
    Reply,
    Unusable,
    receive_image,
    receive_ping,
    send_reply,
)
from lensmith.serving.shared_memory import Buffer, map_buffers


@dataclass(frozen=True, slots=True)
class Answering:
    """How a unit answers images, and whether it hangs."""

    answer: Callable[[memoryview], Reply]
    is_hung: Callable[[], bool] = lambda: False
    connections: Callable[[], int] = lambda: 0
    """Counts the connections of other servers."""


Share: TypeAlias = Callable[
    [argparse.Namespace, Ready, Callable[[memoryview], Reply]], AbstractContextManager[Answering]
]
"""Serves other servers, too, while its block runs."""


def main(
    open_model: Callable[[argparse.Namespace], Folder] | None = None, share: Share | None = None
) -> None:
    """Load the model, send Ready, then answer images until the server closes the sockets."""
    arguments = _arguments()
    open_model = open_model or _plain_model
    share = share or _alone
    exit_with_parent()
    warnings.simplefilter("ignore")  # Pillow warns of every oddity in a user's image
    with ExitStack() as opened:
        connections = [opened.enter_context(socket.socket(fileno=n)) for n in arguments.sockets]
        control, *slots = connections
        try:
            predictor = Predictor.open(
                open_model(arguments), arguments.threads, arguments.precision
            )
        except ArtefactError as error:
            send_reply(control, Unusable(str(error)))
            return
        ready = _ready(predictor)
        with share(arguments, ready, partial(_answer, predictor)) as answering:
            send_reply(control, ready)
            serving = [
                Thread(target=serve, args=(slot, own, answering.answer))
                for slot, own in zip(slots, map_buffers(arguments.memory), strict=True)
            ]
            for thread in serving:
                thread.start()
            answer_pings(control, answering)
            for thread in serving:
                thread.join()


def serve(
    connection: socket.socket, images: Sequence[Buffer], answer: Callable[[memoryview], Reply]
) -> None:
    """Predict the images of one slot in order until the server closes it."""
    try:
        while (image := receive_image(connection)) is not None:
            buffer, length = image
            send_reply(connection, answer(images[buffer][:length]))
    except ConnectionError:
        return


def answer_pings(connection: socket.socket, answering: Answering) -> None:
    """Reply to pings, unless the unit hangs, until the server closes the control socket."""
    with suppress(ConnectionError):
        while receive_ping(connection):
            if not answering.is_hung():
                send_reply(connection, Alive(answering.connections()))


def _alone(
    _: argparse.Namespace, __: Ready, answer: Callable[[memoryview], Reply]
) -> AbstractContextManager[Answering]:
    return nullcontext(Answering(answer))


def _answer(predictor: Predictor, image: memoryview) -> Reply:
    try:
        return Answer(predictor.predict(image).detections)
    except ServiceError as error:
        return Refused(error.code, error.message)
    except Exception:  # noqa: BLE001 - the unit's edge: one odd image must not end it
        traceback.print_exc(file=sys.stderr)
        return Refused(InternalServerError.code, InternalServerError.default)


def _ready(predictor: Predictor) -> Ready:
    artefact, variant = predictor.artefact, predictor.variant
    thresholds = dict(zip(artefact.labels, artefact.thresholds, strict=True))
    precision = Precision.FLOAT32 if variant is None else variant.precision
    served = Served(precision, artefact.runtime, predictor.seconds, predictor.dropped)
    return Ready(thresholds, served)


def _plain_model(arguments: argparse.Namespace) -> Folder:
    model: Path = arguments.model
    return model


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--sockets", type=int, nargs="+", required=True, help="control socket, then one per slot"
    )
    parser.add_argument("--memory", type=int, required=True, help="shared memory of the images")
    parser.add_argument("--model", type=Path, required=True, help="artefact directory")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--precision", type=Precision, help="instead of the one chosen by rule")
    parser.add_argument("--data-key", type=int, help="pipe with the key of a sealed model")
    parser.add_argument("--version", type=int, help="id of the model's version")
    parser.add_argument("--listen", type=int, help="socket that listens for other servers")
    parser.add_argument("--credentials", type=int, help="pipe with certificate and key of TLS")
    return parser.parse_args()


if __name__ == "__main__":
    main()
