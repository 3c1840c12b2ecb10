"""Several servers on one PostgreSQL database and one S3: one takes over what another left."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from botocore.exceptions import ClientError
from sqlalchemy import select, text
from tests.e2e.drawn import flowers
from tests.support.eventually import until
from tests.support.live_server import TRAINING_BUDGET, LiveServer
from tests.support.postgresql import database
from tests.support.suspended import suspend

from lensmith.domain.clock import now_ms
from lensmith.domain.job import Job, JobStatus
from lensmith.domain.metric import Metric, MetricName, MetricOwner
from lensmith.store.lock import last_holder
from lensmith.store.records import datasets, entries, jobs, metric_points
from lensmith.store.records.engine import Records
from lensmith.store.records.tables import jobs as job_rows

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import AssetTypeDef
    from mypy_boto3_s3 import S3Client

LEASE_SECONDS = 5
LINES = 20_000
SYSTEM_BUCKET = "lensmith-together"
UNDER_WAY = {JobStatus.QUEUED, JobStatus.RUNNING}


@dataclass
class Together:
    """Servers that share records and S3, and the shared server's S3 that they use."""

    servers: list[LiveServer]
    records: Records
    s3: S3Client
    bucket: str

    def job(self, resource_arn: str) -> Job:
        with self.records.read() as connection:
            job = jobs.of_resource(connection, resource_arn)
        assert job is not None
        return job

    def running(self, resource_arn: str, *, with_progress: bool = False) -> Job:
        """The job once a process of its own has it, and has shown progress."""
        return until(
            lambda: self.job(resource_arn),
            lambda job: (
                job.status is JobStatus.RUNNING
                and job.pid is not None
                and job.pid not in {one.pid for one in self.servers}  # which claim trainings
                and (job.progress is not None or not with_progress)
            ),
        )

    def lease_end(self, job: Job) -> int:
        query = select(job_rows.c.lease_expires_ms).where(job_rows.c.id == job.id)
        with self.records.read() as connection:
            return int(connection.execute(query).scalar_one() or 0)

    def of(self, job: Job) -> LiveServer:
        """The server whose process has the job."""
        (found,) = [one for one in self.servers if owner_of(one) == job.owner]
        return found

    def others(self, server: LiveServer) -> list[LiveServer]:
        return [one for one in self.servers if one is not server]

    def published(self) -> set[str]:
        """The digests of the folders in the system bucket."""
        found = self.s3.list_objects_v2(Bucket=SYSTEM_BUCKET).get("Contents", ())
        return {each["Key"].split("/")[1] for each in found}

    def upload(self, key: str, lines: list[str]) -> AssetTypeDef:
        body = "\n".join(lines).encode()
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return {"GroundTruthManifest": {"S3Object": {"Bucket": self.bucket, "Name": key}}}

    def pictures(self, split: str, of_each_kind: int) -> AssetTypeDef:
        drawn = flowers(split, of_each_kind)
        for picture in drawn:
            self.s3.put_object(
                Bucket=self.bucket, Key=f"{split}/{picture.name}", Body=picture.jpeg()
            )
        folder = f"s3://{self.bucket}/{split}"
        return self.upload(f"{split}.manifest", [one.manifest_line(folder) for one in drawn])


def owner_of(server: LiveServer) -> str:
    holder = last_holder(server.home / "data")
    return holder.owner if holder is not None else ""


@pytest.fixture(scope="module")
def together(
    server: LiveServer, postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Together]:
    """Three servers that started at the same time on an empty database."""
    exports = server.exports()
    home = tmp_path_factory.mktemp("together")
    with database(postgresql) as url:
        given = {
            "LENSMITH_RECORDS_URL": url,
            "LENSMITH_ROOT_KEY_FILE": str(home / "root.key"),
            "LENSMITH_S3_ENDPOINT_URL": exports["AWS_ENDPOINT_URL_S3"],
            "LENSMITH_SYSTEM_BUCKET": SYSTEM_BUCKET,
            "LENSMITH_LEASE_SECONDS": str(LEASE_SECONDS),
            "LENSMITH_TRAINING_THREADS": "1",
            "LENSMITH_TRAINING_BUDGET": TRAINING_BUDGET,
            "LENSMITH_PRECISION": "float32",
            "AWS_ACCESS_KEY_ID": exports["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": exports["AWS_SECRET_ACCESS_KEY"],
        }
        servers = [LiveServer(home / name, given=given) for name in ("one", "two", "three")]
        try:
            with ThreadPoolExecutor(len(servers)) as pool:
                list(pool.map(LiveServer.start, servers))
            records = Records.open(url, home / "root.key")
            bucket = "custom-labels-together"
            server.s3().create_bucket(Bucket=bucket)
            yield Together(servers, records, server.s3(), bucket)
            records.close()
        finally:
            for one in servers:
                if one.process is not None and one.process.poll() is None:
                    one.process.kill()
                    one.process.wait()


def test_servers_that_start_at_once_on_an_empty_database_are_one(together: Together) -> None:
    first, second, third = (one.rekognition() for one in together.servers)
    assert len({one.exports()["AWS_ACCESS_KEY_ID"] for one in together.servers}) == 1
    assert len({owner_of(one) for one in together.servers}) == 3
    for number in range(2):
        first.create_project(ProjectName=f"at-once-{number}")
    page = second.describe_projects(MaxResults=1)
    rest = third.describe_projects(NextToken=page["NextToken"])  # one secret for all
    assert len({one["ProjectArn"] for one in _projects(page, rest)}) == 2


def test_a_training_is_left_alone_while_its_server_lives_and_taken_over_after(
    together: Together,
) -> None:
    late = together.servers[2]
    assert late.stop(signal.SIGKILL) == -signal.SIGKILL
    client = together.servers[0].rekognition()
    project = client.create_project(ProjectName="flora")["ProjectArn"]
    arn = client.create_project_version(
        ProjectArn=project,
        VersionName="v1",
        OutputConfig={"S3Bucket": together.bucket, "S3KeyPrefix": "results"},
        TrainingData={"Assets": [together.pictures("train", 6)]},
        TestingData={"Assets": [together.pictures("test", 3)]},
    )["ProjectVersionArn"]
    job = together.running(arn)
    assert job.pid is not None
    # Else it may end before the other server has started; with the job's row in its hands it would
    # keep its server from renewing the lease.
    training = [psutil.Process(job.pid)]
    until(lambda: _suspended(together, training), pause=0.01)
    first_end = together.lease_end(job)
    late.start()
    until(lambda: together.lease_end(job), lambda end: end > first_end + 2 * 1000 * LEASE_SECONDS)
    now = together.job(arn)
    assert (now.status, now.fence, now.owner) == (JobStatus.RUNNING, job.fence, job.owner)
    assert now.attempts == 1

    killed = together.of(job)
    assert killed.stop(signal.SIGKILL) == -signal.SIGKILL
    ended = until(lambda: together.job(arn), lambda one: one.status not in UNDER_WAY)
    assert (ended.status, ended.attempts) == (JobStatus.SUCCEEDED, 1), ended.error
    assert ended.owner in {owner_of(one) for one in together.others(killed)}
    (version,) = late.rekognition().describe_project_versions(ProjectArn=project)[
        "ProjectVersionDescriptions"
    ]
    assert version["Status"] == "TRAINING_COMPLETED"
    killed.start()
    hides_the_system_bucket(together, project)
    serves_without_its_trainer(together, together.of(ended), project, arn)


def serves_without_its_trainer(
    together: Together, trained: LiveServer, project: str, arn: str
) -> None:
    """The model is in S3: others run it while the server that trained it is gone, and delete it."""
    other, another = (one.rekognition() for one in together.others(trained))
    # The training has recorded its end; killed with its server, it would leave its manifests there.
    until(together.published, lambda found: len(found) == 1)
    assert trained.stop(signal.SIGKILL) == -signal.SIGKILL

    def status() -> str:
        found = other.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"]
        return found[0]["Status"] if found else "DELETED"

    other.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    assert until(status, lambda now: now != "STARTING") == "RUNNING"
    picture = flowers("load", 1)[0].jpeg()
    answer = other.detect_custom_labels(
        ProjectVersionArn=arn, Image={"Bytes": picture}, MinConfidence=0
    )
    assert answer["CustomLabels"]
    other.stop_project_version(ProjectVersionArn=arn)
    assert until(status, lambda now: now != "STOPPING") == "STOPPED"
    trained.start()
    another.delete_project_version(ProjectVersionArn=arn)
    until(status, lambda now: now == "DELETED")
    assert together.published() == set()


def hides_the_system_bucket(together: Together, project: str) -> None:
    key = together.s3.list_objects_v2(Bucket=SYSTEM_BUCKET)["Contents"][0]["Key"]
    place: Any = {"GroundTruthManifest": {"S3Object": {"Bucket": SYSTEM_BUCKET, "Name": key}}}
    with pytest.raises(ClientError, match="InvalidS3ObjectException"):
        together.servers[0].rekognition().create_dataset(
            ProjectArn=project, DatasetType="TRAIN", DatasetSource=place
        )


def test_a_server_that_was_paused_beyond_its_lease_writes_nothing_more(
    together: Together,
) -> None:
    client = together.servers[0].rekognition()
    project = client.create_project(ProjectName="orchard")["ProjectArn"]
    lines = [_line(together.bucket, number) for number in range(LINES)]
    source: Any = together.upload("many.manifest", lines)
    arn = client.create_dataset(ProjectArn=project, DatasetType="TRAIN", DatasetSource=source)[
        "DatasetArn"
    ]
    job = together.running(arn, with_progress=True)
    paused = together.of(job)
    processes = [psutil.Process(paused.pid), *paused.children()]
    until(lambda: _suspended(together, processes), pause=0.01)
    assert together.job(arn).status is JobStatus.RUNNING
    try:
        other = together.others(paused)[0].rekognition()
        described = until(
            lambda: other.describe_dataset(DatasetArn=arn)["DatasetDescription"],
            lambda dataset: dataset["Status"] != "CREATE_IN_PROGRESS",
        )
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()
    assert described["Status"] == "CREATE_COMPLETE", described
    until(lambda: "job was taken away" in _dataset_log(paused), message="it did not notice")

    ended = together.job(arn)
    assert (ended.status, ended.attempts) == (JobStatus.SUCCEEDED, 1)
    assert ended.owner != job.owner
    with together.records.read() as connection:
        dataset = datasets.find(connection, arn)
        assert dataset is not None
        kept = [json.loads(line)["source-ref"] for line in entries.lines(connection, dataset.id)]
    assert kept == [json.loads(line)["source-ref"] for line in lines]
    assert described["DatasetStats"]["TotalEntries"] == LINES


def _suspended(together: Together, processes: list[psutil.Process]) -> bool:
    """Suspend them between two transactions about a job; who waits to begin one goes on."""
    waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'jobs'::regclass AND NOT granted"
    with together.records.read() as connection:
        # Given at the end of one: what is left to chance would hardly be there between two.
        connection.execute(text("LOCK TABLE jobs IN EXCLUSIVE MODE"))
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                suspend(process)
        if connection.execute(text(waiting)).scalar_one() == 0:
            return True
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()
    return False


def test_calls_to_several_servers_add_up(together: Together) -> None:
    arn = together.servers[0].rekognition().create_project(ProjectName="counted")["ProjectArn"]
    for number, one in enumerate(together.servers):
        for _ in range(number + 1):
            one.rekognition().list_tags_for_resource(ResourceArn=arn)
    assert [one.stop() for one in together.servers] == [0, 0, 0]
    metric = Metric.of(MetricName.SUCCESSFUL_REQUESTS, {"Operation": "ListTagsForResource"})
    owner = MetricOwner("000000000000", "us-east-1")
    with together.records.read() as connection:
        points = metric_points.by_period(
            connection, owner, metric, start_ms=0, end_ms=now_ms() + 60_000, period=60
        )
    assert sum(point.statistics.total for point in points) == 1 + 2 + 3


def _projects(*pages: Any) -> list[Any]:
    return [one for page in pages for one in page["ProjectDescriptions"]]


def _line(bucket: str, number: int) -> str:
    label = ("pear", "fig")[number % 2]
    metadata = {
        "class-name": label,
        "confidence": 1,
        "type": "groundtruth/image-classification",
        "human-annotated": "yes",
        "creation-date": "2026-01-02T03:04:05",
        "job-name": "labeling-job/orchard",
    }
    line = {
        "source-ref": f"s3://{bucket}/{number:06}.png",
        label: 1,
        f"{label}-metadata": metadata,
    }
    return json.dumps(line)


def _dataset_log(server: LiveServer) -> str:
    log = Path(server.home / "data" / "run" / "datasets.log")
    return log.read_text() if log.exists() else ""
