from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from lensmith.domain.errors import (
    ImageTooLargeException,
    InternalServerError,
    InvalidImageFormatException,
    InvalidParameterException,
    ServiceError,
)
from lensmith.domain.geometry import Box
from lensmith.domain.label import Detection
from lensmith.serving.protocol import (
    Answer,
    Ready,
    Refused,
    Reply,
    Unusable,
    receive_length,
    receive_reply,
    send_length,
    send_reply,
)

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


@pytest.mark.parametrize("timeout", [None, 30.0])
def test_lengths_arrive_in_their_order(pair: Pair, timeout: float | None) -> None:
    pair[1].settimeout(timeout)
    for length in (0, 15 << 20):
        send_length(pair[0], length)
    assert [receive_length(pair[1]) for _ in range(2)] == [0, 15 << 20]


@pytest.mark.parametrize("timeout", [None, 30.0])
def test_long_replies_arrive_whole(pair: Pair, timeout: float | None) -> None:
    reply = Answer(tuple(Detection("名" * 85, number / 1e5) for number in range(10_000)))
    pair[1].settimeout(timeout)
    with ThreadPoolExecutor(1) as sender:
        sender.submit(send_reply, pair[0], reply)
        assert receive_reply(pair[1]) == reply


@pytest.mark.parametrize("sent", [b"", b"\0\0", b"\0\0\0\5four"])
def test_a_hang_up_is_the_end_wherever_it_comes(pair: Pair, sent: bytes) -> None:
    pair[0].sendall(sent)
    pair[0].close()
    assert receive_reply(pair[1]) is None


def test_silence_is_noticed(pair: Pair) -> None:
    pair[1].settimeout(0.01)
    with pytest.raises(TimeoutError):
        receive_reply(pair[1])


@pytest.mark.parametrize(
    "reply",
    [
        Ready({"cat": 0.25}),
        Unusable("no such file"),
        Answer(()),
        Answer((Detection("cat", 0.5), Detection("犬", 0.25, Box(0.0, 0.25, 0.5, 1.0)))),
        Refused("InvalidImageFormatException", "no"),
    ],
)
def test_replies_are_read_as_they_were_sent(pair: Pair, reply: Reply) -> None:
    send_reply(pair[0], reply)
    assert receive_reply(pair[1]) == reply


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ImageTooLargeException", ImageTooLargeException),
        ("InvalidImageFormatException", InvalidImageFormatException),
        ("InvalidParameterException", InvalidParameterException),
        ("InternalServerError", InternalServerError),
        ("AccessDeniedException", InternalServerError),
    ],
)
def test_refusals_become_the_errors_they_name(code: str, error: type[ServiceError]) -> None:
    raised = Refused(code, "why").as_error()
    assert type(raised) is error
    assert raised.message == "why"
