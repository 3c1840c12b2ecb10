"""The leader's side of one unit on a Ray node: its actor, and what it reports."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from lensmith.ray_cluster.actors import (
    ActorAwayError,
    ActorEndedError,
    NamedActors,
    RayNode,
    Resources,
)
from lensmith.serving.ray.order import UnitOrder, UnitReport
from lensmith.serving.ray.ordering import LINKS_SECONDS
from lensmith.serving.start_failures import StartFailures
from lensmith.serving.unit import ModelAwayError, ModelUnusableError
from lensmith.store.records.placed_units import UnitState

log = logging.getLogger(__name__)

_SUPPLIED_AGAIN_SECONDS = LINKS_SECONDS / 2  # to a unit that is not ready
_ANSWER_SECONDS = 20.0  # until an actor answers that nothing has changed
_SCHEDULE_SECONDS = 60.0  # for Ray to start an actor
_NO_NUMBER = -1  # lower than those of an actor's reports


class FollowedUnit:
    """One placed unit. Call its methods from one thread."""

    def __init__(
        self,
        actors: NamedActors,
        name: str,
        node: RayNode,
        resources: Resources,
        failures: StartFailures | None = None,
    ) -> None:
        self._actors = actors
        self._name = name
        self._node = node
        self._resources = resources
        self._since = 0.0  # when the actor was asked for
        self._report: UnitReport | None = None
        self._failures = failures or StartFailures()
        self._supplied_at = 0.0
        self._supplied: str | None = None  # digest of the model in the last order
        self.actor: Any = None
        """Its handle; None until there is an actor."""
        self.calls: list[Any] = []
        """Calls of the actor that are not answered."""
        self.reason: str | None = None
        """Why it cannot start on this node, once that is certain."""

    @property
    def has_answered(self) -> bool:
        """Whether the actor runs."""
        return self._report is not None and self._report.number != _NO_NUMBER

    @property
    def port(self) -> int | None:
        """The port of a unit that is ready."""
        return None if self.reason or self._report is None else self._report.port

    @property
    def state(self) -> UnitState | None:
        """The state to report; None until it is known."""
        if self.reason is not None:
            return UnitState.FAILED
        if self._report is None:
            return None
        return UnitState.WANTED if self._report.port is None else UnitState.READY

    def keep(self, digest: str, order: Callable[[], UnitOrder]) -> None:
        """Have the actor run, on the model with that digest.

        `order` makes what it needs; raises ModelAwayError or ModelUnusableError.
        """
        if self.reason is not None:
            return
        if self.actor is None:
            if self._failures.may_start:
                self._begin()
            return
        if not self.calls:  # after a moment without a way to the actor
            self._listen()
        if self._report is not None and self.has_answered:
            if self._failures.may_start and self._is_to_be_supplied(self._report, digest):
                self._supply(digest, order)
        elif time.monotonic() - self._since > _SCHEDULE_SECONDS:
            self.reason = (
                f"Ray did not start the unit in {_SCHEDULE_SECONDS:.0f} seconds: the node's CPUs, "
                "GPUs or memory are taken."
            )

    def take(self, call: Any) -> None:
        """Take the answer to a call."""
        if call not in self.calls:  # of an actor that has ended
            return
        self.calls.remove(call)
        try:
            answer = self._actors.answer(call)
        except ActorAwayError:
            self._supplied = None
        except ActorEndedError as error:
            self._ended(str(error))
        except ModelUnusableError as error:
            self.reason = str(error)
        else:
            if isinstance(answer, UnitReport):
                self._note(answer)
                self._listen()

    def _begin(self) -> None:
        host, threads = self._node.host, max(1, int(self._resources.cpus))
        self.actor = self._actors.find_or_create(
            self._name, self._node.id, self._resources, host, threads
        )
        self._since, self._supplied = time.monotonic(), None
        self._listen()

    def _listen(self) -> None:
        known = _NO_NUMBER if self._report is None else self._report.number
        self.calls.append(self.actor.await_change.remote(known, _ANSWER_SECONDS))

    def _is_to_be_supplied(self, report: UnitReport, digest: str) -> bool:
        if digest != (self._supplied or report.digest):
            return True
        seconds = time.monotonic() - self._supplied_at
        return report.port is None and seconds > _SUPPLIED_AGAIN_SECONDS

    def _supply(self, digest: str, order: Callable[[], UnitOrder]) -> None:
        try:
            made = order()
        except ModelAwayError as error:
            self._failures.add_away(error)
        except ModelUnusableError as error:
            self.reason = str(error)
        else:
            self._failures.end_away()
            self.calls.append(self.actor.supply.remote(made))
            self._supplied, self._supplied_at = digest, time.monotonic()

    def _note(self, report: UnitReport) -> None:
        self._report, self.reason = report, report.reason
        if report.port is not None:
            self._failures.reset()

    def _ended(self, why: str) -> None:
        """Have the actor started again; after too many failures the unit cannot start here."""
        log.warning("The actor %s ended: %s", self._name, why)
        self.actor, self._report = None, UnitReport(_NO_NUMBER)
        self.calls.clear()
        self._failures.add(f"The unit's Ray actor ended: {why}")
        self.reason = self._failures.final_reason
