"""Nodes of a Ray cluster, and named actors that live on them until they are ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lensmith.domain.errors import LensmithError
from lensmith.ray_cluster.connection import Session

_CALLS_AT_ONCE = 4  # of an actor


class ActorEndedError(LensmithError):
    """The actor has ended, or could not be started on its node; the message says why."""


class ActorAwayError(LensmithError):
    """The actor cannot be reached at the moment; it may live."""


@dataclass(frozen=True, slots=True)
class RayNode:
    """A node that is part of the cluster, or was."""

    id: str
    host: str
    resources: Mapping[str, float]  # all of them, taken or not
    is_alive: bool


@dataclass(frozen=True, slots=True)
class Resources:
    """Resources that Ray sets aside for one actor."""

    cpus: float
    gpus: float
    memory_bytes: int

    def room(self, offered: Mapping[str, float]) -> int:
        """Return for how many actors these resources are enough."""
        wanted = {"CPU": self.cpus, "GPU": self.gpus, "memory": float(self.memory_bytes)}
        return min(int(offered.get(kind, 0.0) / one) for kind, one in wanted.items() if one > 0)


class NamedActors:
    """Actors of one namespace, through one connection; every call may raise Ray's own errors."""

    def __init__(self, session: Session, namespace: str, kind: type) -> None:
        """`kind` is the class of all of them; Ray's nodes import it by its name."""
        self._ray = session.ray
        self._namespace = namespace
        self._kind = session.ray.remote(kind)

    def nodes(self) -> list[RayNode]:
        """Return the nodes, those that Ray counts as lost included."""
        return [
            RayNode(node["NodeID"], node["NodeManagerAddress"], node["Resources"], node["Alive"])
            for node in self._ray.nodes()
        ]

    def names(self) -> set[str]:
        """Return the names of the actors that live, or that Ray is to start."""
        found = self._ray.util.list_named_actors(all_namespaces=True)
        return {actor["name"] for actor in found if actor["namespace"] == self._namespace}

    def find(self, name: str) -> Any | None:
        """Return the handle of an actor. Its first call makes Ray start a process to look at it."""
        try:
            return self._ray.get_actor(name, namespace=self._namespace)
        except ValueError:
            return None

    def find_or_create(
        self, name: str, node_id: str, resources: Resources, *arguments: object
    ) -> Any:
        """Return the handle of an actor; without one, Ray starts it on the node.

        It does so once the node has the resources free, and not again when the actor ends. Ray
        keeps the arguments and shows the name: neither may be secret.
        """
        affinity = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        options = self._kind.options(
            name=name,
            get_if_exists=True,
            namespace=self._namespace,
            lifetime="detached",
            max_restarts=0,
            max_concurrency=_CALLS_AT_ONCE,
            num_cpus=resources.cpus,
            num_gpus=resources.gpus,
            memory=resources.memory_bytes,
            scheduling_strategy=affinity(node_id, soft=False),
        )
        return options.remote(*arguments)

    def kill(self, actor: Any) -> None:
        """End an actor at once, or the wait for its start."""
        self._ray.kill(actor)

    def answered(self, calls: Sequence[Any], seconds: float) -> list[Any]:
        """Wait for one of several calls; returns all that have been answered by then."""
        first, _ = self._ray.wait(list(calls), timeout=seconds)
        if not first:
            return []
        done, _ = self._ray.wait(list(calls), num_returns=len(calls), timeout=0)
        return list(done)

    def answer(self, call: Any) -> Any:
        """Return the answer to a call of an actor.

        Raises ActorEndedError, ActorAwayError, or the error that the call raised.
        """
        errors = self._ray.exceptions
        try:
            return self._ray.get(call)
        except errors.RayTaskError as error:
            raise (error.cause or error) from None
        except errors.ActorUnavailableError as error:
            raise ActorAwayError(_reason(error)) from None
        except errors.RayError as error:
            raise ActorEndedError(_reason(error)) from None


def _reason(error: Exception) -> str:
    """Return the first sentence of the last line; what follows is advice of Ray."""
    return str(error).strip().rpartition("\n")[2].strip().partition(". ")[0]
