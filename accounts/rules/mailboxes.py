"""When two addresses are one person's: spelled alike but for case and for what stands after a plus sign."""

import unicodedata


def same_mailbox(email: str) -> str:
    """The form in which addresses of one person are equal; empty for what is no address.

    The domain is compared without case (RFC 5321 §2.4); the local part too, though a server might tell cases apart, and
    without the `+tag` of RFC 5233: to take two people for one costs a reviewer, to take one for two costs the review.
    """
    local, at, domain = unicodedata.normalize("NFKC", email).strip().casefold().rpartition("@")
    local = local.partition("+")[0]
    return f"{local}@{domain}" if at and local and domain else ""
