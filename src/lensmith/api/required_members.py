"""Required members, which the Query protocol names by their path in a form."""

from __future__ import annotations

from botocore.model import ListShape, Shape, StructureShape


def first_missing(shape: Shape, value: object, path: str = "") -> str | None:
    """Return the path of the first required member that is absent; None if all are there."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name in shape.required_members:
            if name not in value:
                return f"{path}{name}"
        inside = [(shape.members[name], value[name], f"{path}{name}.") for name in value]
    elif isinstance(shape, ListShape) and isinstance(value, list):
        inside = [
            (shape.member, element, f"{path}member.{number}.")
            for number, element in enumerate(value, start=1)
        ]
    else:
        return None
    return next((found for each in inside if (found := first_missing(*each))), None)
