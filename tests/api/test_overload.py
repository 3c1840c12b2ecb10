"""Two models get more than they can serve; everybody else is served as ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress

import psutil
from botocore.exceptions import ClientError
from tests.api.hosted import Hosted
from tests.boto3.conftest import picture
from tests.support.live_server import LiveServer
from tests.support.suspended import suspend

CALLS = 100
"""More than may wait for one model."""


def test_flooded_models_refuse_and_leave_the_others_alone(server: LiveServer) -> None:
    flooded, other = (Hosted(server), Hosted(server)), Hosted(server)
    for hosted in (*flooded, other):
        hosted.lab.start(hosted.project_arn, hosted.arn)
    units = [unit for hosted in flooded for unit in hosted.processes()]
    client = server.rekognition(connections=2 * CALLS)

    def ask(arn: str) -> str:
        try:
            client.detect_custom_labels(ProjectVersionArn=arn, Image={"Bytes": picture("PNG")})
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "detected"

    for unit in units:
        suspend(unit)  # what it has been given is not answered before it is resumed
    with ThreadPoolExecutor(2 * CALLS) as clients:
        calls = {clients.submit(ask, hosted.arn) for _ in range(CALLS) for hosted in flooded}
        while len(refused := {call for call in calls if call.done()}) < CALLS // 5:
            wait(calls - refused, return_when="FIRST_COMPLETED")
        assert {call.result() for call in refused} == {"ProvisionedThroughputExceededException"}
        assert all(hosted.units()["WaitingRequests"] > 0 for hosted in flooded)
        assert other.lab.detect(other.arn, picture("PNG"))
        assert not all(call.done() for call in calls)
        other.resize(MinInferenceUnits=2)
        other.await_in_service(2)
        for unit in units:
            with suppress(psutil.NoSuchProcess):  # it hung for so long that it was killed
                unit.resume()
        codes = {call.result() for call in calls}
    assert codes == {"detected", "ProvisionedThroughputExceededException"}
    for hosted in (*flooded, other):
        hosted.lab.stop(hosted.project_arn, hosted.arn)
