"""The 80/20 split of training and of DistributeDatasetEntries (manifests.md 4.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.manifest.lines import Json, image_line
from tests.training.job.training_bench import COLOURS, picture
from tests.validation.service import ValidatingService


def labels_of(entries: Iterable[Json]) -> Counter[str]:
    found = [entry.get("weather0-metadata", {}).get("class-name") for entry in entries]
    return Counter(name for name in found if name is not None)


def refs(entries: Iterable[Json]) -> list[str]:
    return [entry["source-ref"] for entry in entries]


def many(count: int, *labels: str) -> list[Json]:
    """Different images, the labels in turn."""
    return [
        image_line(labels[number % len(labels)], image=f"s3://lab/{number}.png")
        for number in range(count)
    ]


def distributed(service: ValidatingService, lines: list[Json]) -> tuple[list[Json], list[Json]]:
    """The entries of the training and of the test dataset afterwards."""
    project = service.new_project()
    train = service.create_dataset(lines, project=project)
    test = service.begin_dataset(None, "TEST", project)
    service.distribute(train, test)
    statuses = {service.settled(arn)["Status"] for arn in (train, test)}
    assert statuses == {"UPDATE_COMPLETE"}
    kept, moved = service.entries(train), service.entries(test)
    assert service.settled(train)["DatasetStats"]["TotalEntries"] == len(kept)
    assert service.settled(test)["DatasetStats"]["TotalEntries"] == len(moved)
    return kept, moved


def test_distributing_moves_a_fifth(service: ValidatingService) -> None:
    """Seventy entries, as observed: 56 stay and 14 go."""
    lines = many(70, "fog", "hail")
    kept, moved = distributed(service, lines)
    assert (len(kept), len(moved)) == (56, 14)
    assert labels_of(moved) == {"fog": 7, "hail": 7}
    assert sorted(refs(kept) + refs(moved)) == sorted(refs(lines))


def test_distributing_leaves_every_label_a_training_image(service: ValidatingService) -> None:
    """Two images of the rare label: one stays, one goes."""
    rare = [image_line("rare", image=f"s3://lab/rare-{number}.png") for number in range(2)]
    kept, moved = distributed(service, [*many(18, "fog", "hail"), *rare])
    assert len(moved) == 4
    assert labels_of(kept)["rare"] == labels_of(moved)["rare"] == 1


def test_distributing_moves_a_fifth_of_the_unlabelled_too(service: ValidatingService) -> None:
    bare = [{"source-ref": f"s3://lab/bare-{number}.png"} for number in range(10)]
    kept, moved = distributed(service, [*many(10, "fog", "hail"), *bare])
    assert (len(kept), len(moved)) == (16, 4)
    assert labels_of(moved).total() == 2


def test_distributing_keeps_errors_with_their_entries(service: ValidatingService) -> None:
    broken = [{"source-ref": f"s3://lab/half-{number}.png", "half": 1} for number in range(10)]
    kept, moved = distributed(service, [*many(10, "fog", "hail"), *broken])
    faulty = [entry for entry in kept + moved if "cl-errors" in entry]
    assert sorted(refs(faulty)) == sorted(refs(broken))


def test_a_lone_dataset_gives_a_fifth_to_a_test_dataset(service: ValidatingService) -> None:
    """Files and statistics of the training describe both parts, each numbered by itself."""
    names = sorted(COLOURS)
    lines = [
        image_line(colour, image=service.put_image(f"split/{n}.png", picture(colour, n)))
        for n, colour in enumerate(names * 5)
    ]
    project = service.new_project()
    train = service.create_dataset(lines, project=project)
    training = service.train_on_datasets(project)
    assert training.verdict[0] == "TRAINING_COMPLETED"
    (described,) = service.rekognition.describe_projects(ProjectNames=[training.project_name])[
        "ProjectDescriptions"
    ]
    (test,) = (one for one in described["Datasets"] if one["DatasetType"] == "TEST")
    kept, moved = service.entries(train), service.entries(test["DatasetArn"])
    assert (test["Status"], len(kept), len(moved)) == ("CREATE_COMPLETE", 12, 3)
    assert labels_of(moved) == dict.fromkeys(names, 1)
    assert refs(training.training_lines) == refs(kept)
    assert refs(training.testing_lines) == refs(moved)
    statistics = training.summary["statistics"]
    totals = [statistics[side]["total_json_lines"] for side in ("training", "testing")]
    assert totals == [12, 3]
