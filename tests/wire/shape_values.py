"""Values that satisfy a shape of the service model, for property tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

_ARN = "arn:aws:rekognition:us-east-1:111122223333:project/parts"
_LONGEST = 12  # characters, elements: enough to meet every constraint but long texts
_TEXTS = {
    "ProjectArn": st.just(f"{_ARN}/1690474772815"),
    "DatasetArn": st.just(f"{_ARN}/dataset/train/1690476084535"),
    "ProjectVersionArn": st.just(f"{_ARN}/version/v1/1690556751958"),
    "ResourceArn": st.just(f"{_ARN}/1690474772815"),
    "DatasetEntry": st.just('{"source-ref":"s3://b/ünï.png"}'),
    "QueryString": st.text("aé \t", max_size=5).map(lambda text: f"{text}x"),
    "ProjectPolicyRevisionId": st.text("0123456789abcdefABCDEF", min_size=1, max_size=64),
    "ProjectPolicyDocument": st.text("\t\n\r aÿ{}", min_size=1),
    "TagKey": st.text("aé ٣_.:/=+-@", min_size=1, max_size=8),
    "TagValue": st.text("aé ٣_.:/=+-@", max_size=8),
}


def values_of(shape: Shape) -> st.SearchStrategy[Any]:
    """Values of a shape as boto3 takes and gives them; optional members come and go."""
    if isinstance(shape, StructureShape):
        return _structures(shape)
    if isinstance(shape, ListShape):
        least, most = _bounds(shape)
        return st.lists(values_of(shape.member), min_size=least, max_size=min(most, 3))
    if isinstance(shape, MapShape):
        return st.dictionaries(values_of(shape.key), values_of(shape.value), max_size=3)
    return _scalars(shape)


def _structures(shape: StructureShape) -> st.SearchStrategy[dict[str, Any]]:
    required = set(shape.required_members)
    members = {name: values_of(member) for name, member in shape.members.items()}
    return st.fixed_dictionaries(
        {name: members[name] for name in members if name in required},
        optional={name: members[name] for name in members if name not in required},
    )


def _scalars(shape: Shape) -> st.SearchStrategy[Any]:
    least, most = _bounds(shape)
    if shape.type_name == "string":
        return _texts(shape)
    if shape.type_name == "blob":
        return st.binary(min_size=least, max_size=64)
    if shape.type_name in {"integer", "long"}:
        return st.integers(least, min(most, 2**31 - 1))
    if shape.type_name == "float":
        return st.floats(least, min(most, 1e30), width=32)
    if shape.type_name == "double":
        return st.floats(allow_nan=False, allow_infinity=False)
    if shape.type_name == "timestamp":
        return st.integers(0, 4_000_000_000_000).map(
            lambda ms: datetime.fromtimestamp(ms / 1000, UTC)
        )
    return st.booleans()


def _texts(shape: Shape) -> st.SearchStrategy[str]:
    least, most = _bounds(shape)
    if shape.metadata.get("enum"):
        return st.sampled_from(shape.metadata["enum"])
    if shape.name in _TEXTS:
        return _TEXTS[shape.name]
    if "pattern" in shape.metadata:
        return st.text("aZ09", min_size=max(least, 1), max_size=_LONGEST)
    characters = st.characters(codec="utf-8", exclude_characters="\0")
    return st.text(characters, min_size=least, max_size=min(most, _LONGEST))


def _bounds(shape: Shape) -> tuple[int, int]:
    return shape.metadata.get("min", 0), shape.metadata.get("max", 2**40)
