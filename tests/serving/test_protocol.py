from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lensmith.domain.errors import (
    ImageTooLargeException,
    InternalServerError,
    InvalidImageFormatException,
    InvalidParameterException,
    ServiceError,
)
from lensmith.domain.geometry import Box
from lensmith.domain.label import Detection
from lensmith.domain.precision import Precision, Served
from lensmith.serving.protocol import (
    Answer,
    Ready,
    Refused,
    Reply,
    ReplyDecoder,
    Unusable,
    receive_image,
    receive_ping,
    receive_reply,
    send_image,
    send_ping,
    send_reply,
)

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_images_arrive_in_their_order(pair: Pair) -> None:
    sent = [(0, 0), (1, 15 << 20)]
    for buffer, length in sent:
        send_image(pair[0], buffer, length)
    pair[0].close()
    assert [receive_image(pair[1]) for _ in range(3)] == [*sent, None]


def test_a_ping_is_heard_until_the_hang_up(pair: Pair) -> None:
    send_ping(pair[0])
    pair[0].close()
    assert [receive_ping(pair[1]) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("timeout", [None, 30.0])
def test_long_replies_arrive_whole(pair: Pair, timeout: float | None) -> None:
    reply = Answer(tuple(Detection("名" * 85, number / 1e5) for number in range(10_000)))
    pair[1].settimeout(timeout)
    with ThreadPoolExecutor(1) as sender:
        sender.submit(send_reply, pair[0], reply)
        assert receive_reply(pair[1]) == reply


@given(st.lists(st.integers(0, 200), min_size=1), st.data())
def test_replies_come_out_of_a_stream_wherever_it_is_cut(lengths: list[int], data: Any) -> None:
    replies = [Unusable("x" * length) for length in lengths]
    one, other = socket.socketpair()
    with one, other:
        for reply in replies:
            send_reply(one, reply)
        one.close()
        stream = b"".join(iter(lambda: other.recv(1 << 16), b""))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parts = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    received = ReplyDecoder()
    assert [reply for part in parts for reply in received.feed(part)] == replies


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
        Ready({"cat": 0.25}, Served(Precision.INT8, "onnxruntime", 0.004)),
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
