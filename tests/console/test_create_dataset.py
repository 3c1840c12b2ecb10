"""Datasets from every source (console.md, acceptance 9 to 12, 14 to 16 and 18)."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from tests.console.conftest import TIMEOUT_MS, Watched
from tests.console.drawn_dataset import SIZE, Fruit, Shop, line
from tests.support.eventually import until

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

IMPORTED_MS = 90_000  # by a process that starts for it
PICTURE = Fruit("pear", 1).png()
DEVICES = (
    "alexa-devices/root.png",
    "alexa-devices/echo/a.png",
    "alexa-devices/echo-dot/b.png",
    "alexa-devices/echo-dot/white-echo-dots/c.png",
    "elsewhere/d.png",
)


def start(console: Watched, project: str, source: str) -> Page:
    """The page that creates a dataset, with that source chosen for the training dataset."""
    page = console.open(f"/projects/{project}/datasets/create")
    page.get_by_test_id("source-train").get_by_role("radio", name=re.compile(source)).check()
    return page


def create(page: Page) -> None:
    page.get_by_test_id("create-dataset").click()
    ends = [page.get_by_test_id(name) for name in ("state-all", "to-dataset", "import-failed")]
    refused = page.locator("[aria-invalid=true]")
    end = ends[0].or_(ends[1]).or_(ends[2]).or_(refused)
    expect(end.first).to_be_visible(timeout=IMPORTED_MS)


def counted(page: Page, state: str, count: int) -> None:
    expect(page.get_by_test_id(f"state-{state}")).to_have_text(re.compile(rf"\D{count}$"))


def has_datasets(rekognition: RekognitionClient, project: str) -> bool:
    (found,) = rekognition.describe_projects(ProjectNames=[project])["ProjectDescriptions"]
    return bool(found["Datasets"])


def test_09_both_datasets_begin_empty(console: Watched, shop: Shop) -> None:
    name, _ = shop.project()
    page = console.open(f"/projects/{name}/datasets/create")
    page.get_by_role("radio", name=re.compile("training dataset and a test dataset")).check()
    expect(page.get_by_test_id("source-test")).to_be_visible()
    page.get_by_role("button", name="Create datasets").click()
    for kind in ("Training", "Test"):
        page.get_by_role("tab", name=f"{kind} (0)").click()
        expect(page.get_by_test_id("add-first-images")).to_be_visible()


@pytest.mark.parametrize(
    ("folder", "labels"),
    [
        (
            "alexa-devices",
            {"root.png": [], "a.png": ["echo"], "b.png": ["echo-dot"], "c.png": ["echo-dot"]},
        ),
        ("alexa-devices/echo-dot/", {"b.png": [], "c.png": ["white-echo-dots"]}),
    ],
    ids=["10", "11"],
)
def test_10_11_folders_become_labels(
    console: Watched, shop: Shop, folder: str, labels: dict[str, list[str]]
) -> None:
    bucket = shop.bucket(dict.fromkeys(DEVICES, PICTURE))
    name, _ = shop.project()
    page = start(console, name, "from S3 bucket")
    page.get_by_test_id("s3-uri").get_by_role("textbox").fill(f"s3://{bucket}/{folder}")
    create(page)
    cards = page.get_by_test_id("image-card")
    expect(cards).to_have_count(len(labels))
    for card in cards.all():
        chips = card.locator(".chip").evaluate_all("all => all.map(one => one.title)")
        assert chips == labels[card.get_attribute("aria-label") or ""]
    used = sorted({label for each in labels.values() for label in each})
    shown = page.locator(".gallery-labels .gallery-label-name")  # they come after the pictures
    until(
        lambda: sorted(shown.all_text_contents()),
        lambda seen: seen == used,
        timeout=TIMEOUT_MS / 1000,
    )


def test_12_15_what_cannot_be_imported_is_told_and_leaves_nothing(
    console: Watched, shop: Shop, rekognition: RekognitionClient, tmp_path: Path
) -> None:
    name, _ = shop.project()
    page = start(console, name, "from S3 bucket")
    field = page.get_by_test_id("s3-uri").get_by_role("textbox")
    field.fill("s3://there-is-no-such-bucket/pictures/")
    create(page)
    expect(page.get_by_text("cannot be read: is it there?")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    for content, reason in (
        ("", "The manifest file is empty."),
        ("just\ntext\n", "The manifest file extension or contents are invalid."),
    ):
        (tmp_path / "in.manifest").write_text(content)
        page = start(console, name, "Ground Truth")
        page.locator("input[type=file]").set_input_files(tmp_path / "in.manifest")
        create(page)
        expect(page.get_by_test_id("import-failed")).to_contain_text(reason)
        page.reload()  # the import stays in sight
        expect(page.get_by_test_id("import-failed")).to_contain_text(reason)
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_test_id("source-train")).to_be_visible()
        assert not has_datasets(rekognition, name)


def test_14_dropped_lines_are_listed_with_their_reasons(console: Watched, shop: Shop) -> None:
    bucket = shop.bucket({f"{n}.png": PICTURE for n in range(20)})
    good = [json.dumps(line(f"s3://{bucket}/{n}.png", ["plum"])) for n in range(20)]
    bad = ["this is no JSON", "{}", '{"source-ref": 3}', good[0]]
    shop.s3.put_object(Bucket=bucket, Key="in.manifest", Body="\n".join([*good, *bad]).encode())
    name, _ = shop.project()
    page = start(console, name, "Ground Truth")
    page.get_by_test_id("object-uri").get_by_role("textbox").fill(f"s3://{bucket}/in.manifest")
    create(page)
    expect(page.get_by_text("4 lines dropped")).to_be_visible()
    page.get_by_role("button", name="Show them with their reasons").click()
    rows = page.get_by_role("table", name="4 lines dropped").locator("tbody tr")
    expect(rows).to_have_text(
        [
            re.compile("^21.*Not a JSON object"),
            re.compile("^22.*No source-ref"),
            re.compile("^23.*source-ref"),
            re.compile("^24.*The same picture as a line before"),
        ]
    )
    page.get_by_test_id("to-dataset").click()
    counted(page, "all", 20)


def test_16_57_a_copy_lives_by_itself_and_changes_by_boto3_are_shown(
    console: Watched, shop: Shop
) -> None:
    fruits = shop.fruit(6, labeled=4)
    name, _ = shop.project()
    page = start(console, name, "Copy an existing")
    page.get_by_placeholder("Find datasets").fill(fruits.project)
    page.get_by_role("option", name=re.compile(fruits.project)).click()
    create(page)
    counted(page, "all", 6)
    counted(page, "labeled", 4)
    (found,) = shop.rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    copy = found["Datasets"][0]["DatasetArn"]
    before = shop.entries(fruits.dataset_arn)
    changed = json.dumps(line(f"s3://{fruits.bucket}/shelf/000.png", ["quince"]))
    shop.rekognition.update_dataset_entries(
        DatasetArn=copy, Changes={"GroundTruth": changed.encode()}
    )
    expect(page.locator(".gallery-label-name", has_text="quince")).to_be_visible()
    assert "is-quince" in shop.entries(copy)["000.png"]
    assert shop.entries(fruits.dataset_arn) == before


def packed(files: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def box_of(fruit: Fruit) -> tuple[int, int, int, int]:
    _, left, top, width, height = fruit.box
    return left, top, width, height


def coco(fruits: list[Fruit]) -> bytes:
    images, annotations = [], []
    for fruit in fruits:
        number = fruit.number
        size = {"width": SIZE[0], "height": SIZE[1]}
        images.append({"id": number, "file_name": f"{number}.png", **size})
        found = {"id": number, "image_id": number, "category_id": 1, "bbox": box_of(fruit)}
        annotations.append(found)
    categories = [{"id": 1, "name": "pear"}]
    text = json.dumps({"images": images, "annotations": annotations, "categories": categories})
    return packed({"labels.json": text, **pictures(fruits, "images/")})


def yolo(fruits: list[Fruit]) -> bytes:
    divided = "names: [pear]\ntrain: train/images\nval: val/images\n"
    files: dict[str, str | bytes] = {
        "data.yaml": divided,
        "val/images/9.png": Fruit("pear", 9).png(),
        "val/labels/9.txt": "0 0.5 0.5 0.2 0.2\n",
    }
    for fruit in fruits:
        left, top, width, height = box_of(fruit)
        centre = (left + width / 2) / SIZE[0], (top + height / 2) / SIZE[1]
        relative = (*centre, width / SIZE[0], height / SIZE[1])
        files[f"train/labels/{fruit.number}.txt"] = f"0 {' '.join(map(str, relative))}\n"
    return packed({**files, **pictures(fruits, "train/images/")})


def voc(fruits: list[Fruit]) -> bytes:
    files: dict[str, str | bytes] = {}
    for fruit in fruits:
        left, top, width, height = box_of(fruit)
        files[f"Annotations/{fruit.number}.xml"] = (
            f"<annotation><filename>{fruit.number}.png</filename><size><width>{SIZE[0]}</width>"
            f"<height>{SIZE[1]}</height></size><object><name>pear</name><bndbox>"
            f"<xmin>{left}</xmin><ymin>{top}</ymin><xmax>{left + width}</xmax>"
            f"<ymax>{top + height}</ymax></bndbox></object></annotation>"
        )
    return packed({**files, **pictures(fruits, "JPEGImages/")})


def csv(fruits: list[Fruit]) -> bytes:
    rows = "".join(f"{fruit.number}.png,pear\n" for fruit in fruits)
    return packed({"labels.csv": rows, **pictures(fruits, "")})


def pictures(fruits: list[Fruit], folder: str) -> dict[str, str | bytes]:
    return {f"{folder}{fruit.number}.png": fruit.png() for fruit in fruits}


def test_18_sets_of_other_tools_keep_their_counts(
    console: Watched, shop: Shop, tmp_path: Path
) -> None:
    fruits = [Fruit("pear", number) for number in range(3)]
    for label, write in (("COCO", coco), ("YOLO", yolo), ("Pascal VOC", voc), ("CSV", csv)):
        name, _ = shop.project()
        page = start(console, name, "another format")
        page.get_by_role("button", name=re.compile("^Format")).click()
        page.get_by_role("option").filter(has_text=re.compile(f"^{label}")).click()
        (tmp_path / "set.zip").write_bytes(write(fruits))
        page.locator("input[type=file]").set_input_files(tmp_path / "set.zip")
        if label in {"COCO", "Pascal VOC"}:
            page.get_by_test_id("with-test").get_by_role("checkbox").uncheck()
        create(page)
        if label == "YOLO":
            expect(page.get_by_role("tab", name="Test (1)")).to_be_visible()
        if label == "CSV":
            expect(page.get_by_text("The set has no part for tests")).to_be_visible()
        counted(page, "all", 3)
        counted(page, "labeled", 3)
        expect(page.locator(".gallery-label")).to_have_attribute("data-count", "3")
        expect(page.locator("img.box-layer")).to_have_count(0 if label == "CSV" else 3)
