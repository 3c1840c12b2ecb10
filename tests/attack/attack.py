"""One attack: a server with two accounts, their callers, and everything found wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from typing import Any

import psutil
from tests.attack.documents import CANARY
from tests.attack.sending import filled, request_of
from tests.attack.services import AttackedService
from tests.attack.target import Names, Reply, Target, fault_of, parsed
from tests.attack.values import Breakage
from tests.isolation.accounts import Builder
from tests.isolation.client import Caller
from tests.support.live_server import LiveServer, command_line
from tests.support.living_folder import contents_below

from lensmith.store.records.engine import Records

_MEMBERS = {  # of requests -> of a place
    "ProjectName": ("project",),
    "ProjectArn": ("project_arn",),
    "DatasetArn": ("train_arn", "test_arn"),
    "Arn": ("train_arn", "user_arn"),
    "ProjectVersionArn": ("version_arn",),
    "VersionName": ("version",),
    "ResourceArn": ("project_arn", "train_arn", "version_arn"),
    "ResourceARN": ("user_arn",),
    "Bucket": ("bucket",),
    "S3Bucket": ("bucket",),
    "Key": ("key", "manifest"),
    "Name": ("key", "manifest"),
    "Prefix": ("key",),
    "UploadId": ("upload",),
    "UserName": ("user",),
    "RoleName": ("role",),
    "GroupName": ("group",),
    "PolicyName": ("policy",),
    "RoleArn": ("role_arn",),
    "RoleARN": ("role_arn",),
    "PolicyArn": ("policy_arn",),
    "PermissionsBoundary": ("policy_arn",),
    "PolicySourceArn": ("user_arn", "role_arn"),
    "GranteePrincipal": ("user_arn", "role_arn"),
    "RetiringPrincipal": ("user_arn",),
    "KeyId": ("cmk_arn", "alias"),
    "KmsKeyId": ("cmk_arn", "alias"),
    "SSEKMSKeyId": ("cmk_arn", "alias"),
    "KMSMasterKeyID": ("cmk_arn", "alias"),
    "AliasName": ("alias",),
    "AccessKeyId": ("key_id",),
}
_CHILDREN = ("weed", "lensmith.")  # what a server starts for itself, before any work


@dataclass
class Attack:
    server: LiveServer
    target: Target
    callers: tuple[Caller, ...]
    names: Names
    children: dict[int, str]
    faults: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    succeeded: Counter[str] = field(default_factory=Counter)
    inputs: int = 0

    @classmethod
    def on(cls, server: LiveServer, records: Records) -> Attack:
        children = {child.pid: command_line(child) for child in server.children()}
        builder, names = Builder(server, records), Names()
        own, foreign = builder.account(), builder.account()
        for each in own.callers.values():
            if each.credentials is not None:
                names.of_the_attacker.add(each.credentials.access_key)
        for place in (own.private, own.open, foreign.open):
            for member, fields in _MEMBERS.items():
                for one in fields:
                    names.add(member, place.fields[one])
        for caller in (*own.callers.values(), *foreign.callers.values()):
            assert caller.credentials is not None
            names.learn({"SecretAccessKey": caller.credentials.secret_key})
            names.learn({"SessionToken": caller.credentials.token or ""})
        chosen = [own.callers[label] for label in ("administrator", "user of one project")]
        target = Target(server.port, server.s3_port)
        return cls(server, target, (chosen[0], chosen[0], chosen[1]), names, children)

    def send(
        self,
        service: AttackedService,
        name: str,
        members: dict[str, Any],
        breaks: list[Breakage],
        caller: int,
    ) -> None:
        """Send one request, and note what is wrong with its answer."""
        self.inputs += 1
        chosen = self.callers[caller % len(self.callers)]
        resolve = self.names.resolve
        breaks = [replace(one, value=filled(one.value, resolve)) for one in breaks]
        sent = request_of(service, name, filled(members, resolve), breaks)
        presigned = service.name == "s3" and caller % 5 == 0
        try:
            reply = self.target.send(chosen, sent, presigned=presigned)
        except (OSError, HTTPException) as error:
            self.faults.append(f"{service.label} {name}: {error!r} for {sent}"[:3000])
            return
        answer = parsed(service, reply, name)
        found = fault_of(service, sent.method, reply, answer)
        if found:
            text = (
                f"{service.label} {name}: {found}: {reply.status} {reply.body[:300]!r} for {sent}"
            )
            self.faults.append(text[:3000])
            print(text[:3000])
        self._note(service, name, reply, answer or {})

    def _note(
        self, service: AttackedService, name: str, reply: Reply, answer: dict[str, Any]
    ) -> None:
        code = answer.get("Error", {}).get("Code", "")
        self.outcomes[f"{service.label} {reply.status} {code}"] += 1
        if reply.status < 300:
            self.succeeded[f"{service.label} {name}"] += 1
            self.names.learn({k: v for k, v in answer.items() if k != "ResponseMetadata"})

    def changed_children(self) -> list[str]:
        """Return the processes of the server's own that are gone."""
        alive = {child.pid for child in psutil.Process(self.server.pid).children(recursive=True)}
        return [line for pid, line in self.children.items() if pid not in alive]

    def shown_secrets(self) -> list[str]:
        """Return the logs that hold a secret, each with how it begins."""
        root_key = self.server.settings.root_key_path
        assert len(root_key.read_bytes()) >= 16
        words = {*self.names.secrets, root_key.read_bytes().strip()}
        found = []
        for path, text in contents_below(self.server.home, ".log", ".jsonl"):
            found += [f"{path.name}: {word[:8]!r}" for word in words if word in text]
            if path.suffix == ".log" and CANARY.encode() in text:
                found.append(f"{path.name}: the canary")
        return found
