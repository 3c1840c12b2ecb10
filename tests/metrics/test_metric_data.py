"""Pages of datapoints."""

from __future__ import annotations

from typing import Any

import pytest

from lensmith.metrics.metric_data import Result, page

RESULTS = [
    Result("a", "a", ()),
    Result("b", "b", tuple((at, float(at)) for at in range(5))),
    Result("c", "c", ()),
    Result("d", "d", tuple((at, float(at)) for at in range(3))),
    Result("e", "e", ()),
]


def pages(results: list[Result], most: int) -> list[list[dict[str, Any]]]:
    found, begin = [], 0
    while True:
        shown, following = page(results, begin, most)
        found.append(shown)
        if following is None:
            return found
        begin = following


@pytest.mark.parametrize("most", range(1, 12))
def test_every_datapoint_and_every_result_comes_once(most: int) -> None:
    found = pages(RESULTS, most)
    assert all(sum(len(each["Values"]) for each in shown) <= most for shown in found)
    values: dict[str, list[float]] = {}
    ends = []
    for shown in found:
        for each in shown:
            values.setdefault(each["Id"], []).extend(each["Values"])
            if each["StatusCode"] == "Complete":
                ends.append(each["Id"])
    assert values == {each.id: [value for _, value in each.points] for each in RESULTS}
    assert ends == ["a", "b", "c", "d", "e"]


def test_an_answer_without_datapoints_is_one_page() -> None:
    empty = [Result("a", "a", ()), Result("b", "b", ())]
    assert [[each["Id"] for each in shown] for shown in pages(empty, 1)] == [["a", "b"]]
