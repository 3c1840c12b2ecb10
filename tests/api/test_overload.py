"""One model gets more than it can serve; everybody else is served as ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress

import psutil
from botocore.exceptions import ClientError
from tests.api.hosted import Hosted
from tests.boto3.conftest import picture
from tests.live_server import LiveServer

CALLS = 100
"""More than may wait for one model."""


def test_a_flooded_model_refuses_and_leaves_the_others_alone(server: LiveServer) -> None:
    flooded, other = Hosted(server), Hosted(server)
    for hosted in (flooded, other):
        hosted.lab.start(hosted.project_arn, hosted.arn)
    (unit,) = flooded.processes()
    client = server.rekognition(connections=CALLS)

    def ask() -> str:
        try:
            client.detect_custom_labels(
                ProjectVersionArn=flooded.arn, Image={"Bytes": picture("PNG")}
            )
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "detected"

    unit.suspend()  # what it has been given is not answered before it is resumed
    with ThreadPoolExecutor(CALLS) as clients:
        calls = {clients.submit(ask) for _ in range(CALLS)}
        while len(refused := {call for call in calls if call.done()}) < CALLS // 10:
            wait(calls - refused, return_when="FIRST_COMPLETED")
        assert {call.result() for call in refused} == {"ProvisionedThroughputExceededException"}
        assert flooded.units()["WaitingRequests"] > 0
        assert other.lab.detect(other.arn, picture("PNG"))
        other.resize(MinInferenceUnits=2)
        other.await_in_service(2)
        with suppress(psutil.NoSuchProcess):  # it hung for so long that it was killed
            unit.resume()
        codes = {call.result() for call in calls}
    assert codes == {"detected", "ProvisionedThroughputExceededException"}
    for hosted in (flooded, other):
        hosted.lab.stop(hosted.project_arn, hosted.arn)
