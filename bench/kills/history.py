"""Every change of a job's status, written down by PostgreSQL itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import text

from lensmith.domain.job import JobStatus
from lensmith.store.records.engine import Records

_ENDED = {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED}

_KEEP = """
CREATE TABLE job_history (
    number bigserial PRIMARY KEY, job_id bigint, kind text, before text, after text, fence integer
);
CREATE FUNCTION note_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO job_history (job_id, kind, before, after, fence)
    VALUES (NEW.id, NEW.kind, OLD.status, NEW.status, NEW.fence);
    RETURN NEW;
END $$;
CREATE TRIGGER note_job AFTER UPDATE ON jobs FOR EACH ROW
WHEN (OLD.status <> NEW.status OR OLD.fence <> NEW.fence) EXECUTE FUNCTION note_job();
"""


@dataclass(frozen=True, slots=True)
class JobChange:
    """A status that a job got, under the fence that it had then."""

    job_id: int
    kind: str
    before: str
    after: str
    fence: int


def keep_history(records: Records) -> None:
    """Have PostgreSQL write changes down from here on."""
    with records.write() as connection:
        connection.exec_driver_sql(_KEEP)


def read_history(records: Records) -> list[JobChange]:
    query = "SELECT job_id, kind, before, after, fence FROM job_history ORDER BY number"
    with records.read() as connection:
        return [JobChange(*row) for row in connection.execute(text(query))]


def faults_of(history: list[JobChange]) -> list[str]:
    """Name the jobs that ended more than once, went on after their end, or have a fence undone."""
    found = []
    ends = Counter(one.job_id for one in history if one.after in _ENDED)
    found += [f"job {job_id} ended {times} times" for job_id, times in ends.items() if times > 1]
    fences: Counter[int] = Counter()
    for one in history:
        if one.before in _ENDED:
            found.append(f"job {one.job_id} was {one.before}, then {one.after}")
        if one.fence < fences[one.job_id]:
            found.append(f"job {one.job_id} has fence {one.fence} after {fences[one.job_id]}")
        fences[one.job_id] = one.fence
    return found


def taken_over(history: list[JobChange]) -> int:
    """Count the times that a job was taken from an owner that was gone."""
    running = JobStatus.RUNNING
    return sum(one.before == running and one.after == running for one in history)
