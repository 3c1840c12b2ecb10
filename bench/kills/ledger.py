"""Keeps the writes that the servers have acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Version:
    """A model, trained or copied."""

    arn: str
    name: str
    ends_as: str  # the status that it must have in the end


@dataclass
class Project:
    """A project, with the lines of its datasets by source-ref, in order."""

    name: str
    arn: str
    lines: dict[str, str] = field(default_factory=dict)
    datasets: list[str] = field(default_factory=list)  # ARNs: training, then test
    versions: list[Version] = field(default_factory=list)


@dataclass
class Ledger:
    """The writes of one client. What is deleted stands in `deleted` alone."""

    projects: list[Project] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)  # names of projects
    faults: list[str] = field(default_factory=list)
