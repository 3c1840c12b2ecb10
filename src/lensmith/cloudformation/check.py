"""Reads and checks templates: `python -m lensmith.cloudformation.check REGION DESCRIPTOR`.

Loading cfn-lint takes most of a check, so one process loads it and forks for each template.
Templates are hostile: only the fork reads one, under limits, and no fork has seen another's.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cfnlint.runner.cli import Runner

FORK_SECONDS = 60
_IDLE_SECONDS = 60.0  # it takes 190 MB
_CPU_SECONDS = 30
_MEMORY_BYTES = 3 << 30
_MAX_FAULTS = 20
_DATES = "AWSTemplateFormatVersion"  # YAML reads one as a date
_FIRST = """
Resources:
  A: {Type: AWS::Rekognition::Project, Properties: {ProjectName: !Sub "${AWS::Region}-a"}}
  B: {Type: AWS::S3::Bucket, Properties: {Tags: [{Key: a, Value: !GetAtt A.Arn}]}}
"""


def main() -> None:
    """Answer on each socket that arrives on the one of DESCRIPTOR; end when none does."""
    region, descriptor = sys.argv[1:]
    control = socket.socket(fileno=int(descriptor))
    control.settimeout(_IDLE_SECONDS)
    check(_FIRST, region)  # loads rules and schemas
    gc.collect()
    gc.freeze()  # a fork that looked for garbage there would copy the memory
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # leaves no zombies
    while (connection := _next_connection(control)) is not None:
        if os.fork() == 0:
            control.close()
            try:
                _answer(connection, region)
            finally:
                os._exit(0)
        connection.close()
        control.send(b"\0")


def _next_connection(control: socket.socket) -> socket.socket | None:
    try:
        descriptors = socket.recv_fds(control, 1, 1)[1]
    except TimeoutError:
        return None
    return socket.socket(fileno=descriptors[0]) if descriptors else None


def _answer(connection: socket.socket, region: str) -> None:
    signal.alarm(FORK_SECONDS)  # kills
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    with connection.makefile("r", encoding="utf-8") as given:
        checked = check(given.read(), region)
    connection.sendall(json.dumps(checked, default=str).encode())


def check(text: str, region: str) -> dict[str, Any]:
    """Return the template with the long forms of intrinsic functions, and its faults."""
    from cfnlint.decode import decode_str

    template, faults = decode_str(text)
    if faults or not isinstance(template, dict):
        messages = [one.message for one in faults] or ["it must be a mapping"]
        return {"template": None, "faults": [f"Template format error: {each}" for each in messages]}
    if _DATES in template:
        template[_DATES] = str(template[_DATES])
    if _directs(template):
        return {"template": template, "faults": ["Metadata of cfn-lint is not supported."]}
    matches = _runner(region).validate_template(decode_str(text)[0])
    found = [one for one in matches if one.rule.severity == "error"]
    return {"template": template, "faults": [_fault(one) for one in found[:_MAX_FAULTS]]}


@cache
def _runner(region: str) -> Runner:
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner.cli import Runner

    return Runner(ConfigMixIn(regions=[region]))


def _directs(template: dict[str, Any]) -> bool:
    """Return whether a template changes how it is checked."""
    resources = template.get("Resources")
    holders = [template, *(resources.values() if isinstance(resources, dict) else ())]
    found = [one.get("Metadata") for one in holders if isinstance(one, dict)]
    return any(isinstance(one, dict) and "cfn-lint" in one for one in found)


def _fault(one: Any) -> str:
    path = "/".join(str(part) for part in one.path or ())
    return f"{one.message} (line {one.linenumber}, /{path})"


if __name__ == "__main__":
    main()
