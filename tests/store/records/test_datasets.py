"""Pages of the datasets of an account."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.project import Project
from lensmith.store.records import datasets, projects

ACCOUNT, REGION = "111122223333", "us-east-1"


@pytest.mark.parametrize("limit", [1, 3])
def test_datasets_are_paged_from_the_newest_project_on(write: Connection, limit: int) -> None:
    for name in ("first", "second", "third"):
        project = projects.create(write, ACCOUNT, REGION, name)
        kinds = (DatasetType.TEST, DatasetType.TRAIN)[: 1 if name == "second" else 2]
        for kind in kinds:
            _dataset_of(write, project, kind)
    other = projects.create(write, ACCOUNT, "eu-west-1", "fourth")
    _dataset_of(write, other, DatasetType.TRAIN)
    seen: list[tuple[str, DatasetType]] = []
    after = None
    while True:
        found = datasets.page(write, ACCOUNT, REGION, after=after, limit=limit)
        seen += [(one.project, one.dataset.type) for one in found]
        if len(found) < limit:
            break
        after = datasets.position_of(found[-1].dataset)
        # The one shown last may go before the next page is asked for.
        datasets.remove(write, found[-1].dataset)
    order = [
        ("third", DatasetType.TRAIN),
        ("third", DatasetType.TEST),
        ("second", DatasetType.TEST),
    ]
    order += [("first", DatasetType.TRAIN), ("first", DatasetType.TEST)]
    assert seen == order


def test_the_datasets_of_a_project_are_found_by_its_name(write: Connection) -> None:
    arns = {}
    for name in ("first", "second"):
        project = projects.create(write, ACCOUNT, REGION, name)
        arns[name] = project.arn
        _dataset_of(write, project, DatasetType.TRAIN)
    (found,) = datasets.page(write, ACCOUNT, REGION, project="first", limit=9)
    assert (found.project, found.project_arn) == ("first", arns["first"])
    assert datasets.page(write, ACCOUNT, REGION, project="third", limit=9) == []


def _dataset_of(write: Connection, project: Project, kind: DatasetType) -> Dataset:
    return datasets.create(write, project, kind, DatasetStatus.CREATE_COMPLETE, "-")
