"""Attributes that an adjustment job replaces."""

from __future__ import annotations

from typing import Any

from lensmith.manifest.convert.adjustment import replaced_attributes


def boxes(day: int, *labels: str, **more: str) -> dict[str, Any]:
    return {
        "type": "groundtruth/object-detection",
        "class-map": {str(number): label for number, label in enumerate(labels)},
        "creation-date": f"2024-02-0{day}T04:05:06",
        **more,
    }


def line(**metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for name, each in metadata.items()
        for key, value in ((name, {}), (f"{name}-metadata", each))
    }


_ADJUSTED = {"adjustment-status": "adjusted"}


def test_the_adjusted_boxes_replace_the_earlier() -> None:
    assert replaced_attributes(line(a=boxes(1, "bolt"), b=boxes(2, "nut"))) == []
    assert replaced_attributes(line(a=boxes(1, "bolt"), b=boxes(2, "nut", **_ADJUSTED))) == ["a"]
    chain = line(a=boxes(1, "x"), b=boxes(2, "x", **_ADJUSTED), c=boxes(3, "x", **_ADJUSTED))
    assert sorted(replaced_attributes(chain)) == ["a", "b"]


def test_other_sets_stay() -> None:
    two = line(cars=boxes(1, "car"), people=boxes(1, "person"), new=boxes(2, "car", **_ADJUSTED))
    assert replaced_attributes(two) == ["cars"]
    later = line(new=boxes(1, "car", **_ADJUSTED), more=boxes(2, "car"))
    assert replaced_attributes(later) == []
    fog = {"type": "groundtruth/image-classification", "class-name": "fog", "creation-date": "1"}
    other = line(weather=fog, light=fog | {"class-name": "night"} | _ADJUSTED)
    assert replaced_attributes(other) == []
