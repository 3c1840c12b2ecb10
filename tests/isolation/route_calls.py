"""Requests of every route that AWS does not have, made from the routes themselves.

A route that takes a body and has no entry here fails the test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from starlette.routing import Route
from tests.isolation.aws_calls import Build
from tests.isolation.client import Sent
from tests.isolation.places import At

from lensmith.api.lensmith.dataset_health import dataset_health_routes
from lensmith.api.lensmith.evaluation import evaluation_routes
from lensmith.api.lensmith.inference_units import inference_units_routes
from lensmith.api.lensmith.project_versions import project_version_routes
from lensmith.api.lensmith.routes import lensmith_routes
from lensmith.api.lensmith.usage import usage_routes

_PARAMETER = re.compile(r"\{(\w+)(?::path)?\}")

_BODIES: dict[str, Callable[[At], Any]] = {
    "POST /_lensmith/imports": lambda at: {
        "project": at("project"),
        "type": "test",
        "source": {
            "format": "ground-truth",
            "uri": f"s3://{at('bucket')}/{at('manifest')}",
        },
    },
    "POST …/analyses": lambda at: {"source": f"s3://{at('bucket')}/"},
    "POST /_lensmith/reviews": lambda at: {
        "project": at("project"),
        "source": {"kind": "prefix", "uri": f"s3://{at('bucket')}/"},
    },
    "POST /_lensmith/reviews/{id}/answers": lambda _: {"answers": []},
    "POST /_lensmith/reviews/{id}/resume": lambda _: {},
    "POST /_lensmith/reviews/{id}/manifest": lambda _: {},
    "POST …/entries": lambda _: {
        "request_id": "12345678-1234-4234-8234-123456789abc",
        "changes": [],
    },
    "POST /_lensmith/setup": lambda at: {"bucket": at("bucket")},
    "PUT …/thresholds": lambda _: {"thresholds": {"a": 50}},
    "PUT …/capture": lambda _: {"enabled": False},
    "PUT …/labels": lambda _: {"labels": [{"name": "one"}]},
    "POST …/labels/rename": lambda _: {"name": "one", "to": "two"},
    "POST …/labels/remove": lambda _: {"name": "one"},
    "POST …/suggestions": lambda _: {"images": ["s3://elsewhere/a.png"]},
    "POST …/units": lambda _: {"MinInferenceUnits": 1},
    "POST …/cancel": lambda _: {},
    "POST …/health": lambda _: {},
    "POST /_lensmith/examples/{name}": lambda _: {},
    "PUT /_lensmith/objects/{bucket}": lambda _: {},
    "POST /_lensmith/objects/{bucket}": lambda at: {"objects": [{"key": at("key"), "size": 0}]},
    "PUT /_lensmith/objects/{bucket}/{key}": lambda _: {},
}
_QUERIES: dict[str, Callable[[At], str]] = {
    "GET …/compare": lambda at: f"?with={at('version')}",
}
ELSEWHERE = {
    "POST /_lensmith/session": "signs in by a secret: the addresses are limited",
    "GET /_lensmith/openid/sign-in": "names no resource",
    "GET /_lensmith/openid/callback": "names no resource",
}


def route_requests(directory: Path) -> Iterator[tuple[str, Build]]:
    for route in _routes(directory):
        methods = route.methods or set()
        for method in methods - {"HEAD"} or methods:  # Starlette adds HEAD to every GET
            name = f"{method} {_short(route.path)}"
            if name not in ELSEWHERE:
                yield name, _build(method, route.path, name)


def _routes(directory: Path) -> list[Route]:
    settings = SimpleNamespace(
        pictures_directory=directory, picture_cache_bytes=1, port=1, client_timeout_seconds=1
    )
    service: Any = SimpleNamespace(settings=settings)
    found = [
        *lensmith_routes(service),
        *dataset_health_routes(service),
        *project_version_routes(service),
        *evaluation_routes(service),
        *inference_units_routes(service),
        *usage_routes(service),
    ]
    return [route for route in found if isinstance(route, Route)]


def _short(path: str) -> str:
    """Shorten what routes of projects have in common."""
    path = path.replace(":path}", "}")
    for common in ("/versions/{version}", "/datasets/{type}", "/projects/{project}"):
        before, found, after = path.partition(common)
        if found and "{project}" in before + found:
            return f"…{after}"
    return path


def _build(method: str, path: str, name: str) -> Build:
    takes_body = method in ("POST", "PUT")
    assert not takes_body or name in _BODIES, f"{name}: tests/isolation/route_calls.py has no body"

    def build(at: At) -> Sent:
        def named(match: re.Match[str]) -> str:
            match match[1]:
                case "type":
                    return "train"
                case "name":
                    return "nothing"
                case "id":
                    return at("review") if "reviews" in path else at("task")
                case parameter:
                    return at(parameter)

        query = _QUERIES[name](at) if name in _QUERIES else ""
        body = json.dumps(_BODIES[name](at)).encode() if takes_body else b""
        headers = {"content-type": "application/json"} if takes_body else {}
        return Sent("rekognition", method, _PARAMETER.sub(named, path) + query, body, headers)

    return build
