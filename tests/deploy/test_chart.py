"""deploy/helm/lensmith, linted and rendered by Helm, its objects checked by Kubernetes' schemas."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from tests.support.live_server import BIN

from lensmith import config
from lensmith.config import Quotas, Settings

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "lensmith"
_GIVEN = {
    "records": {"secret": "records"},
    "rootKey": {"secret": "root-key"},
    "s3": {"secret": "s3", "endpoint": "https://s3.example"},
}
_EVERYTHING = {
    **_GIVEN,
    "image": {"pullSecrets": [{"name": "registry"}]},
    "settings": {"LENSMITH_QUOTA_RUNNING_MODELS": "50"},
    "secretSettings": {"LENSMITH_METRICS_TOKEN": {"secret": "metrics", "key": "token"}},
    "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "tls"},
    "networkPolicy": {"clients": [{"podSelector": {"matchLabels": {"app": "line"}}}]},
    "ray": {"tokenSecret": "token", "cluster": {"enabled": True}},
    "units": {"replicas": 0},
}
_VERSIONS = ("1.29.0", "1.37.0")  # the first that the chart takes, the newest that is known


def helm(*arguments: str, values: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    program = shutil.which("helm", path=f"{BIN}:{os.environ['PATH']}")
    if program is None:
        assert not os.environ.get("CI"), "CI has it, see .ci/tools"
        pytest.skip("helm is not installed, .ci/tools brings it")
    return subprocess.run(
        [program, *arguments, "--values", "-"],
        input=yaml.safe_dump(values),
        capture_output=True,
        text=True,
    )


def rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
    done = helm("template", "seen", str(CHART), values=values)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def pods(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for one in objects:
        spec = one.get("spec", {})
        groups = [spec, spec.get("headGroupSpec", {}), *spec.get("workerGroupSpecs", [])]
        found += [group["template"]["spec"] for group in groups if "template" in group]
    return found


@pytest.mark.parametrize("values", [_GIVEN, _EVERYTHING], ids=["least", "everything"])
def test_helm_finds_nothing_and_kubernetes_knows_every_field(values: dict[str, Any]) -> None:
    linted = helm("lint", "--strict", str(CHART), values=values)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    for one in rendered(values):
        if one["kind"] != "RayCluster":
            for version in _VERSIONS:
                kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize("values", [_GIVEN, _EVERYTHING], ids=["least", "everything"])
def test_every_pod_is_closed(values: dict[str, Any]) -> None:
    found = pods(rendered(values))
    assert len(found) == 5
    for pod in found:
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]
            assert not [one for one in container["env"] if "secretKeyRef" in str(one)]


def test_secrets_are_with_those_that_need_them() -> None:
    seen = {}
    for pod in pods(rendered(_EVERYTHING)):
        container = pod["containers"][0]
        role = [one["value"] for one in container["env"] if one["name"] == "LENSMITH_ROLE"]
        files = [
            item["path"]
            for volume in pod["volumes"]
            for source in volume.get("projected", {}).get("sources", ())
            for item in source["secret"]["items"]
        ]
        seen[role[0] if role else container["name"]] = set(files)
    own = {"records", "root-key", "s3-credentials", "LENSMITH_METRICS_TOKEN"}
    assert seen == {
        "api": own,
        "controller,trainings": own | {"ray-token"},
        "datasets": own,
        "ray-head": set(),
        "ray-node": own,
    }


def test_settings_are_lensmiths_own() -> None:
    known = {variable.name for _, variable in config.variables(Settings)}
    known |= {variable.name for _, variable in config.variables(Quotas)}
    known |= {it.file_name for _, it in config.variables(Settings) if it.is_secret}
    for pod in pods(rendered(_EVERYTHING)):
        for one in pod["containers"][0]["env"]:
            assert one["name"] in known or not one["name"].startswith("LENSMITH_"), one["name"]


def test_a_ray_cluster_has_a_token_and_fixed_ports() -> None:
    (cluster,) = [one for one in rendered(_EVERYTHING) if one["kind"] == "RayCluster"]
    assert cluster["apiVersion"] == "ray.io/v1"
    assert cluster["spec"]["authOptions"] == {"mode": "token", "secretName": "token"}
    groups = [cluster["spec"]["headGroupSpec"], *cluster["spec"]["workerGroupSpecs"]]
    for group in groups:
        assert {"runtime-env-agent-port", "dashboard-agent-grpc-port"} <= set(
            group["rayStartParams"]
        )
    assert groups[0]["rayStartParams"]["num-cpus"] == "0"
    names = {
        one["metadata"]["name"] for one in rendered(_EVERYTHING) if one["kind"] == "Deployment"
    }
    assert names == {"seen-api", "seen-controller", "seen-datasets"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "s3.endpoint must name the S3"),
        ({**_GIVEN, "records": {}}, "records.secret must name"),
        ({**_GIVEN, "ray": {"cluster": {"enabled": True}}}, "ray.tokenSecret must name"),
        ({**_GIVEN, "settings": {"LENSMITH_METRICS_TOKEN": "x"}}, "LENSMITH_METRICS_TOKEN"),
        ({**_GIVEN, "settings": {"LENSMITH_ROLE": "api"}}, "LENSMITH_ROLE"),
        ({**_GIVEN, "s3": {"secret": "s3", "endpoint": "https://key:x@s3"}}, "/s3/endpoint"),
        ({**_GIVEN, "replicas": 3}, "replicas"),
        ({**_GIVEN, "units": {"replicas": "2"}}, "units"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_name(values: dict[str, Any], said: str) -> None:
    done = helm("template", "seen", str(CHART), values=values)
    assert done.returncode != 0
    assert said in done.stderr
