"""Which of a bucket's policies count, and what they ask of an object."""

from __future__ import annotations

from collections.abc import Iterable

from lensmith.domain.bucket import Bucket
from lensmith.domain.policy.document import Effect, Policy
from lensmith.domain.policy.rights import Rights

EXISTING_TAG = "s3:existingobjecttag/"  # the beginning of a condition key


def applying(bucket: Bucket, policies: tuple[Policy, ...], account_id: str) -> tuple[Policy, ...]:
    """Return the policies that count for an account.

    A public one is not for other accounts where the bucket restricts it.
    """
    if (
        policies
        and bucket.blocks("RestrictPublicBuckets")
        and account_id != bucket.account_id
        and any(map(is_public, policies))
    ):
        return ()
    return policies


def is_public(policy: Policy) -> bool:
    """Return whether a policy allows something to everybody, whatever its conditions."""
    return any(
        statement.effect is Effect.ALLOW
        and statement.principals is not None
        and (statement.principals.negated or ("AWS", "*") in statement.principals.names)
        and not statement.conditions
        for statement in policy.statements
    )


def depends_on_tags(rights: Rights, of_bucket: Iterable[Policy]) -> bool:
    """Return whether a policy of a caller or of a bucket depends on the tags of an object."""
    boundary = () if rights.boundary is None else (rights.boundary,)
    every = (*rights.policies, *boundary, *rights.session_policies, *of_bucket)
    return any(
        condition.key.startswith(EXISTING_TAG)
        for policy in every
        for statement in policy.statements
        for condition in statement.conditions
    )
