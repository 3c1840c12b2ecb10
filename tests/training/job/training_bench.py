"""Queues trainings as CreateProjectVersion does, over a real object store."""

from __future__ import annotations

import io
import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lensmith.config import Settings
from lensmith.domain.bucket import Bucket
from lensmith.domain.caller import Caller
from lensmith.domain.job import Job, JobKind
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion, ResultFile
from lensmith.inference.artefact import Task
from lensmith.store.objects import ObjectStores
from lensmith.store.published.opening import published_folders
from lensmith.store.records import buckets, jobs, leases, project_versions, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import Lease, process_owner
from lensmith.training.job.run import run_job
from lensmith.training.trainers import Trainer, trainer_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COLOURS = {"blue": (40, 60, 200), "green": (40, 170, 60), "red": (200, 50, 40)}
CREATED = "2024-02-03T04:05:06.000007"


def _open_to_all(bucket: str) -> dict[str, Any]:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": resources}
    return {"Version": "2012-10-17", "Statement": [statement]}


@dataclass(frozen=True)
class TrainingBench:
    settings: Settings
    records: Records
    objects: ObjectStores
    caller: Caller
    limited: Caller  # of the same account, denied every bucket named denied-…
    stranger: Caller  # of another account
    trainer: Trainer | None = None  # in place of the one of the task

    @property
    def s3(self) -> S3Client:
        return self.client(self.caller)

    def client(self, caller: Caller) -> S3Client:
        return self.objects.for_key(caller.access_key_id)

    def new_bucket(self, prefix: str = "lab", owner: Caller | None = None) -> str:
        name = f"{prefix}-{uuid.uuid4().hex[:12]}"
        owner = owner or self.caller
        with self.records.write() as connection:
            buckets.add(connection, Bucket(name, owner.account_id, self.settings.region, 0))
            if owner.account_id != self.caller.account_id:
                buckets.set_policy(connection, name, json.dumps(_open_to_all(name)))
        self.client(owner).create_bucket(Bucket=name)
        return name

    def new_project(self) -> Project:
        with self.records.write() as connection:
            name = f"project-{uuid.uuid4().hex[:8]}"
            return projects.create(connection, self.caller.account_id, "us-east-1", name)

    def put_picture(self, bucket: str, key: str, colour: str, seed: int) -> str:
        """Upload a noisy patch of one colour; returns its source-ref."""
        self.s3.put_object(Bucket=bucket, Key=key, Body=picture(colour, seed))
        return f"s3://{bucket}/{key}"

    def labelled_lines(self, bucket: str, images: int, prefix: str = "") -> list[str]:
        """Upload pictures, the colours in turn, and return their image-level lines."""
        names = sorted(COLOURS)
        lines = []
        for number in range(images):
            colour = names[number % len(names)]
            key = f"{prefix}{number}.png"
            lines.append(image_line(self.put_picture(bucket, key, colour, number), colour))
        return lines

    def put_manifest(self, bucket: str, key: str, lines: Sequence[str]) -> dict[str, str]:
        body = "".join(f"{line}\n" for line in lines).encode()
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)
        return {"Bucket": bucket, "Name": key}

    def queue_snapshot(
        self,
        train: Sequence[str],
        test: Sequence[str] | None,
        *,
        output: str,
        project: Project | None = None,
        caller: Caller | None = None,
        **payload: Any,
    ) -> ProjectVersion:
        """Queue a training of frozen datasets.

        Where the store never answers, they lie where servers before 0.1.0 froze them.
        """
        token = uuid.uuid4().hex
        directory = self.settings.snapshots_directory / token
        directory.mkdir(parents=True)
        for name, lines in (("train", train), ("test", test)):
            if lines is not None:
                text = "".join(f"{line}\n" for line in lines)
                (directory / f"{name}.manifest").write_text(text)
        if not self.settings.s3_endpoint_url:
            token = published_folders(self.settings, self.records).publish(directory)
        return self._queue(project, output, {"snapshot": token, **payload}, caller)

    def queue_manifests(
        self,
        training: dict[str, str],
        testing: dict[str, str] | None,
        *,
        output: str,
        caller: Caller | None = None,
    ) -> ProjectVersion:
        """Queue a training of external manifests."""
        sources = {"training_manifest": training, "testing_manifest": testing}
        payload = {**sources, "auto_split": testing is None}
        return self._queue(None, output, payload, caller)

    def run(self, version: ProjectVersion) -> ProjectVersion:
        """Carry out the version's job in this process and return how the version ended."""
        job = self.claim()
        assert job.resource_arn == version.arn
        run_job(self.settings, self.records, job.id, job.fence, self._trainer_of)
        return self.version(version)

    def _trainer_of(self, task: Task) -> Trainer:
        return self.trainer or trainer_of(task)

    def claim(self) -> Job:
        with self.records.write() as connection:
            lease = Lease(process_owner(), self.settings.lease_seconds)
            job = leases.claim(connection, [JobKind.TRAIN], lease, os.getpid())
        assert job is not None
        return job

    def version(self, version: ProjectVersion) -> ProjectVersion:
        with self.records.read() as connection:
            found = project_versions.find(connection, version.arn)
        assert found is not None
        return found

    def job(self, version: ProjectVersion) -> Job:
        with self.records.read() as connection:
            job = jobs.of_resource(connection, version.arn)
        assert job is not None
        return job

    def result(self, version: ProjectVersion, file: ResultFile) -> bytes:
        """A result file that the version points to."""
        key = version.result_files[file.value]
        return self.s3.get_object(Bucket=version.output_bucket, Key=key)["Body"].read()

    def result_lines(self, version: ProjectVersion, file: ResultFile) -> list[Any]:
        return [json.loads(line) for line in self.result(version, file).splitlines()]

    def keys(self, bucket: str) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return sorted(one["Key"] for one in listed)

    def _queue(
        self,
        project: Project | None,
        output: str,
        payload: dict[str, Any],
        caller: Caller | None,
    ) -> ProjectVersion:
        owner = project or self.new_project()
        with self.records.write() as connection:
            version = project_versions.create(
                connection,
                owner,
                f"v-{uuid.uuid4().hex[:8]}",
                output_bucket=output,
                output_prefix="runs/",
                training_input={},
                testing_input={"AutoCreate": False},
            )
            whole = {
                "snapshot": None,
                "training_manifest": None,
                "testing_manifest": None,
                "auto_split": False,
                "move_split": False,
                "train_dataset_arn": None,
                "project_arn": owner.arn,
                **payload,
            }
            jobs.enqueue(connection, JobKind.TRAIN, version.arn, caller or self.caller, whole)
        return version


def picture(colour: str, seed: int, side: int = 96) -> bytes:
    """A PNG of one colour with noise."""
    noise = np.random.default_rng(seed).normal(0, 25, (side, side, 3))
    pixels = (np.array(COLOURS[colour]) + noise).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def image_line(source_ref: str, *labels: str) -> str:
    line: dict[str, Any] = {"source-ref": source_ref}
    for number, label in enumerate(labels):
        line[f"colour{number}"] = 1
        line[f"colour{number}-metadata"] = {
            "class-name": label,
            "confidence": 1,
            "type": "groundtruth/image-classification",
            "job-name": "labeling-job/colour",
            "human-annotated": "yes",
            "creation-date": CREATED,
        }
    return json.dumps(line)


def box_line(source_ref: str, *boxes: tuple[str, int, int, int, int]) -> str:
    """Boxes as label, left, top, width, height in pixels of a 96 x 96 picture."""
    names = sorted({label for label, *_ in boxes})
    annotations = [
        dict(
            zip(
                ("class_id", "left", "top", "width", "height"),
                (names.index(label), *edges),
                strict=True,
            )
        )
        for label, *edges in boxes
    ]
    size = {"width": 96, "height": 96, "depth": 3}
    metadata = {
        "objects": [{"confidence": 1} for _ in boxes],
        "class-map": {str(number): name for number, name in enumerate(names)},
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": CREATED,
        "job-name": "labeling-job/parts",
    }
    return json.dumps(
        {
            "source-ref": source_ref,
            "parts": {"image_size": [size], "annotations": annotations},
            "parts-metadata": metadata,
        }
    )
