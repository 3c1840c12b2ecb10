"""One boto3 client, one call after the other, in a process of its own.

`python -m bench.serving.boto3_client VERSION_ARN PICTURE WARM_UP SECONDS SERVER_PID` prints one
JSON object. The AWS variables of the environment say where the server is and who calls.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from bench.serving.measured import Cpu, Measured, Outcome

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


def main() -> None:
    version_arn, picture, warm_up, seconds, pid = sys.argv[1:]
    rekognition = boto3.client("rekognition", region_name=os.environ["AWS_REGION"])
    data = Path(picture).read_bytes()
    call(rekognition, version_arn, data, float(warm_up))
    began, server, own = time.perf_counter(), Cpu.of(int(pid)), time.process_time()
    outcomes = call(rekognition, version_arn, data, float(seconds))
    took = time.perf_counter() - began
    server, own = Cpu.of(int(pid)) - server, time.process_time() - own
    print(json.dumps(Measured.of(outcomes, took, server, own).as_row()))


def call(
    rekognition: RekognitionClient, version_arn: str, data: bytes, seconds: float
) -> list[Outcome]:
    """Call for `seconds` and return the answers; raises ClientError when one is refused."""
    outcomes: list[Outcome] = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        rekognition.detect_custom_labels(ProjectVersionArn=version_arn, Image={"Bytes": data})
        outcomes.append(Outcome(time.perf_counter() - began, 200))
    return outcomes


if __name__ == "__main__":
    main()
