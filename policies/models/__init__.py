"""Rows of the policy: versions and who wrote them."""

from policies.models.version import PolicyVersion, PolicyVersionAuthor

__all__ = ["PolicyVersion", "PolicyVersionAuthor"]
