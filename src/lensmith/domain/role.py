"""Parts of a server that may run on different machines."""

from __future__ import annotations

from enum import StrEnum

from lensmith.domain.variable import Variable


class Role(StrEnum):
    API = "api"  # takes calls, serves the console
    CONTROLLER = "controller"  # may lead: placement, scaling
    UNITS = "units"  # runs inference units
    TRAININGS = "trainings"
    DATASETS = "datasets"  # fills, changes and checks datasets, imports and exports


def read_roles(text: str) -> tuple[Role, ...]:
    """Read names between commas; raises ValueError."""
    names = {name.strip() for name in text.split(",")}
    if names - set(Role):
        raise ValueError(f"one or more of {', '.join(Role)}, between commas")
    return tuple(role for role in Role if role in names)


ROLES = Variable("LENSMITH_ROLE", read_roles, ",".join)
