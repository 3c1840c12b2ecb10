"""Images of a dataset and what a person labels, on a live server."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from tests.manifest.lines import box, box_metadata, boxes, image_metadata
from tests.support.browser_session import BrowserSession
from tests.support.labelled_dataset import LabelledDataset

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

BUCKET = "pictures-of-the-console"


def ref(name: str) -> str:
    return f"s3://{BUCKET}/parts/{name}"


def lines() -> list[dict[str, Any]]:
    """Ten images: fog on five, boxes on two of them, rain on one, one in error, four bare."""
    foggy = [
        {"source-ref": ref(f"fog-{i}.jpg"), "w": 1, "w-metadata": image_metadata("fog")}
        for i in range(3)
    ]
    boxed = [
        {
            "source-ref": ref(f"box-{i}.jpg"),
            "w": 1,
            "w-metadata": image_metadata("fog"),
            "parts": boxes(box(0), box(1, 200, 200)),
            "parts-metadata": box_metadata(2, ["bolt", "nut"]),
        }
        for i in range(2)
    ]
    rain = {"source-ref": ref("rain.jpg"), "w": 1, "w-metadata": image_metadata("rain")}
    faulty = {
        "source-ref": ref("faulty.jpg"),
        "parts": boxes(box(0, width=0.5)),
        "parts-metadata": box_metadata(1, ["bolt"]),
    }
    bare = [{"source-ref": ref(f"Bare-{i}.jpg")} for i in range(3)]
    return [*foggy, *boxed, rain, faulty, *bare]


@pytest.fixture
def dataset(rekognition: RekognitionClient, browser: BrowserSession) -> LabelledDataset:
    return LabelledDataset.create(rekognition, browser, lines())


@pytest.fixture(scope="module")
def gallery(rekognition: RekognitionClient, browser: BrowserSession) -> LabelledDataset:
    """Read only."""
    return LabelledDataset.create(rekognition, browser, lines())


def test_an_image_tells_its_labels_boxes_and_size(gallery: LabelledDataset) -> None:
    image = gallery.image("box-0")
    assert image["source_ref"] == ref("box-0.jpg")
    assert (image["bucket"], image["key"], image["name"]) == (
        BUCKET,
        "parts/box-0.jpg",
        "box-0.jpg",
    )
    assert (image["width"], image["height"]) == (800, 600)
    assert image["image_labels"] == ["fog"]
    assert image["boxes"] == [
        {"label": "bolt", "left": 10, "top": 20, "width": 90, "height": 40},
        {"label": "nut", "left": 200, "top": 200, "width": 90, "height": 40},
    ]
    assert not image["nothing_here"]
    assert image["errors"] == []


def test_counts_are_of_the_whole_dataset(gallery: LabelledDataset) -> None:
    page = gallery.images("?label=rain")
    assert page["counts"] == {"all": 10, "labeled": 7, "unlabeled": 3, "errors": 1}
    assert page["total"] == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?label=rain&label=nut", ["box-0.jpg", "box-1.jpg", "rain.jpg"]),
        ("?label=nowhere", []),
        ("?labeled=false", ["Bare-0.jpg", "Bare-1.jpg", "Bare-2.jpg"]),
        ("?errors=true", ["faulty.jpg"]),
        ("?name=BARE", ["Bare-0.jpg", "Bare-1.jpg", "Bare-2.jpg"]),
        ("?name=parts", []),
        ("?name=1&label=fog", ["fog-1.jpg", "box-1.jpg"]),
        ("?name=1&label=fog&labeled=false", []),
        (f"?source_ref={ref('rain.jpg')}", ["rain.jpg"]),
        ("?limit=2&offset=3", ["box-0.jpg", "box-1.jpg"]),
        ("?name=bare&offset=2", ["Bare-2.jpg"]),
        ("?offset=99", []),
    ],
)
def test_filters_combine_and_pages_continue(
    gallery: LabelledDataset, query: str, names: list[str]
) -> None:
    assert gallery.names(query) == names


def test_totals_count_what_the_filters_leave(gallery: LabelledDataset) -> None:
    assert gallery.images("?label=fog&limit=1")["total"] == 5
    assert gallery.images("?name=bare&limit=1")["total"] == 3


def test_pages_after_a_position_find_the_same(gallery: LabelledDataset) -> None:
    for query in ("?name=bare", "?name=1&label=fog", "?errors=true", "?name=parts"):
        names, after = [], "start"
        while after:
            page = gallery.images(f"{query}&limit=1&after={after}")
            names += [image["name"] for image in page["images"]]
            after = page["next"] or ""
        assert names == gallery.names(query)
    assert gallery.images("?name=bare")["next"] is None
    page = gallery.images("?name=bare&after=start&offset=1&limit=1")
    assert (page["total"], page["images"][0]["name"]) == (3, "Bare-1.jpg")
    assert page["complete"]


def test_errors_are_told_by_code(gallery: LabelledDataset) -> None:
    assert gallery.image("faulty")["errors"] == [
        "ERROR_BOUNDING_BOX_TOO_SMALL",
        "ERROR_NO_VALID_ANNOTATIONS",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "?limit=501",
        "?limit=0",
        "?offset=-1",
        "?labeled=yes",
        "?order=worst",
        "?page=1",
        "?after=-1",
        "?after=",
    ],
)
def test_what_cannot_be_asked_is_refused(gallery: LabelledDataset, query: str) -> None:
    answer = gallery.browser.get(f"{gallery.path}/images{query}")
    assert (answer.status, answer.code) == (400, "InvalidParameterException")


def test_what_is_not_there_is_told(browser: BrowserSession, gallery: LabelledDataset) -> None:
    for path in (
        "/_lensmith/projects/nowhere/datasets/train/images",
        f"/_lensmith/projects/{gallery.project}/datasets/test/images",
        f"/_lensmith/projects/{gallery.project}/datasets/other/images",
    ):
        assert browser.get(path).code == "ResourceNotFoundException"


def test_datasets_are_listed(gallery: LabelledDataset) -> None:
    listed = gallery.browser.get("/_lensmith/datasets").json["datasets"]
    (mine,) = (each for each in listed if each["arn"] == gallery.arn)
    assert (mine["project"], mine["type"], mine["status"]) == (
        gallery.project,
        "train",
        "UPDATE_COMPLETE",
    )
    assert (mine["images"], mine["labeled"], mine["labels"], mine["errors"]) == (10, 7, 4, 1)
    assert mine["status_code"] == "SUCCESS"


def test_datasets_are_listed_by_pages(gallery: LabelledDataset, dataset: LabelledDataset) -> None:
    def page(query: str) -> dict[str, Any]:
        answer: dict[str, Any] = gallery.browser.get(f"/_lensmith/datasets?{query}").json
        return answer

    one = page(f"project={gallery.project}")
    assert [each["arn"] for each in one["datasets"]] == [gallery.arn]
    assert one["next"] is None
    assert page("project=nowhere") == {"datasets": [], "next": None}
    first = page("limit=1")
    assert [each["arn"] for each in first["datasets"]] == [dataset.arn]
    rest: list[dict[str, Any]] = []
    token = first["next"]
    while token:
        more = page(f"limit=500&token={quote(token)}")
        rest, token = rest + more["datasets"], more["next"]
    assert first["datasets"] + rest == page("limit=500")["datasets"]

    other = gallery.browser.get(f"/_lensmith/datasets?project=x&token={quote(first['next'])}")
    assert other.code == "InvalidPaginationTokenException"
    for query in ("limit=0", "limit=501", "page=2"):
        refused = gallery.browser.get(f"/_lensmith/datasets?{query}")
        assert refused.code == "InvalidParameterException"


def change(image: dict[str, Any], **given: Any) -> dict[str, Any]:
    kept = ("source_ref", "revision", "image_labels", "boxes", "nothing_here", "width", "height")
    return {**{name: image[name] for name in kept}, **given}


def test_labels_are_saved_as_the_api_lists_them(dataset: LabelledDataset) -> None:
    bare = dataset.image("bare-1")
    drawn = [{"label": "bolt", "left": 5, "top": 6, "width": 70, "height": 80}]
    answer = dataset.save(change(bare, image_labels=["snow"], boxes=drawn, width=640, height=480))
    assert answer.status == 200
    saved = answer.json
    assert (saved["conflicts"], saved["rejected"]) == ([], [])
    assert saved["saved"][0]["source_ref"] == bare["source_ref"]

    image = dataset.image("bare-1")
    assert image["revision"] == saved["saved"][0]["revision"] != bare["revision"]
    assert (image["image_labels"], image["boxes"]) == (["snow"], drawn)
    (line,) = (line for line in dataset.lines() if line["source-ref"] == bare["source_ref"])
    assert line["snow-metadata"]["class-name"] == "snow"
    assert line["bounding-box"]["annotations"][0]["left"] == 5
    assert line["cl-metadata"] == {"is_labeled": True}
    assert dataset.described()["DatasetStats"]["LabeledEntries"] == 8
    assert dataset.described()["Status"] == "UPDATE_COMPLETE"


def test_a_second_tab_is_told_and_overwrites_nothing(dataset: LabelledDataset) -> None:
    seen = dataset.image("rain")
    other = dataset.image("fog-0")
    assert dataset.save(change(seen, image_labels=["sleet"])).json["saved"]

    late = dataset.save(
        change(seen, image_labels=["hail"]), change(other, image_labels=["mist"])
    ).json
    (conflict,) = late["conflicts"]
    assert conflict["source_ref"] == seen["source_ref"]
    assert conflict["image"]["image_labels"] == ["sleet"]
    assert conflict["image"]["revision"] == dataset.image("rain")["revision"]
    assert [each["source_ref"] for each in late["saved"]] == [other["source_ref"]]
    assert dataset.image("rain")["image_labels"] == ["sleet"]
    assert dataset.image("fog-0")["image_labels"] == ["mist"]


def test_an_update_by_the_api_is_a_second_tab_too(dataset: LabelledDataset) -> None:
    seen = dataset.image("rain")
    line = {"source-ref": ref("rain.jpg")}
    dataset.rekognition.update_dataset_entries(
        DatasetArn=dataset.arn, Changes={"GroundTruth": json.dumps(line).encode()}
    )
    dataset.settle()
    (conflict,) = dataset.save(change(seen, image_labels=["hail"])).json["conflicts"]
    assert conflict["image"]["image_labels"] == []


def test_saving_twice_writes_once(dataset: LabelledDataset) -> None:
    request_id = str(uuid.uuid4())
    seen = change(dataset.image("bare-0"), image_labels=["snow"])
    first = dataset.save(seen, request_id=request_id)
    again = dataset.save(seen, request_id=request_id)
    assert again.body == first.body
    assert again.json["saved"]


def test_images_are_added_and_removed(dataset: LabelledDataset) -> None:
    fresh = {"source_ref": ref("new.jpg"), "revision": None}
    saved = dataset.save(fresh, {**fresh, "source_ref": ref("rain.jpg")}).json
    assert [each["source_ref"] for each in saved["saved"]] == [ref("new.jpg")]
    assert [each["source_ref"] for each in saved["conflicts"]] == [ref("rain.jpg")]
    assert dataset.names()[-1] == "new.jpg"

    image = dataset.image("new")
    gone = {"source_ref": image["source_ref"], "revision": image["revision"], "remove": True}
    assert dataset.save(gone).json["saved"] == [
        {"source_ref": image["source_ref"], "revision": None}
    ]
    assert dataset.save(gone).json["conflicts"] == [
        {"source_ref": image["source_ref"], "image": None}
    ]
    assert dataset.images()["total"] == 10


def test_nothing_here_is_an_answer(dataset: LabelledDataset) -> None:
    bare = dataset.image("bare-2")
    dataset.save(change(bare, nothing_here=True, width=640, height=480))
    assert dataset.image("bare-2")["nothing_here"]
    line = next(line for line in dataset.lines() if line["source-ref"] == bare["source_ref"])
    assert line["bounding-box"]["annotations"] == []

    # It survives being written into a manifest and read again.
    del line["cl-metadata"]
    copy = LabelledDataset.create(dataset.rekognition, dataset.browser, [line])
    assert copy.image("bare-2")["nothing_here"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"image_labels": ["x" * 257]}, "ERROR_INVALID_LABEL_NAME_LENGTH"),
        (
            {"boxes": [{"label": "bolt", "left": 790, "top": 0, "width": 90, "height": 9}]},
            "ERROR_INVALID_BOUNDING_BOX",
        ),
        (
            {"boxes": [{"label": "b", "left": i, "top": 0, "width": 9, "height": 9}
                       for i in range(51)]},
            "ERROR_TOO_MANY_BOUNDING_BOXES",
        ),
        ({"nothing_here": True, "image_labels": ["fog"]}, "NOTHING_HERE_WITH_LABELS"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_by_name_and_the_rest_is_saved(
    dataset: LabelledDataset, given: dict[str, Any], code: str
) -> None:
    wrong = change(dataset.image("bare-0"), width=800, height=600, **given)
    right = change(dataset.image("bare-1"), image_labels=["fine"])
    outcome = dataset.save(wrong, right).json
    assert outcome["rejected"] == [{"source_ref": wrong["source_ref"], "code": code}]
    assert [each["source_ref"] for each in outcome["saved"]] == [right["source_ref"]]


def test_images_of_another_bucket_and_repeated_ones_are_refused(dataset: LabelledDataset) -> None:
    fresh = {"source_ref": ref("new.jpg")}
    outcome = dataset.save(
        {"source_ref": "s3://elsewhere/new.jpg"}, {"source_ref": "new.jpg"}, fresh, fresh
    ).json
    assert [each["code"] for each in outcome["rejected"]] == [
        "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS",
        "ERROR_INVALID_SOURCE_REF_FORMAT",
        "ERROR_DUPLICATE_SOURCE_REF",
    ]
    assert len(outcome["saved"]) == 1


def test_a_body_that_is_none_is_refused_with_its_place(dataset: LabelledDataset) -> None:
    answer = dataset.browser.post(
        f"{dataset.path}/entries",
        {"request_id": str(uuid.uuid4()), "changes": [{"source_ref": 5}]},
    )
    assert answer.code == "SerializationException"
    assert "$.changes[0].source_ref" in answer.json["message"]


def test_a_dataset_has_at_most_250_labels(dataset: LabelledDataset) -> None:
    bare = dataset.image("bare-0")
    many = [change(bare, source_ref=ref(f"{i}.jpg"), revision=None,
                   image_labels=[f"{i}-{j}" for j in range(50)]) for i in range(5)]  # fmt: skip
    answer = dataset.save(*many)
    assert answer.code == "LimitExceededException"
    assert dataset.images()["total"] == 10


def test_who_may_only_list_saves_nothing(
    dataset: LabelledDataset, browser_of: Callable[..., BrowserSession]
) -> None:
    looker = browser_of("rekognition:ListDatasetEntries", "rekognition:DescribeProjects")
    assert looker.get(f"{dataset.path}/images").json["total"] == 10
    body = {"request_id": str(uuid.uuid4()), "changes": []}
    refused = looker.post(f"{dataset.path}/entries", body)
    assert refused.code == "AccessDeniedException"
    assert "rekognition:UpdateDatasetEntries" in refused.json["message"]
    assert looker.get("/_lensmith/datasets").json["datasets"] == []
    stranger = browser_of("s3:*")
    assert stranger.get(f"{dataset.path}/images").code == "AccessDeniedException"
    assert stranger.get("/_lensmith/datasets").code == "AccessDeniedException"
