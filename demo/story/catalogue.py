"""The service that the demo's organisation runs."""

from datetime import datetime

from accounts.actors import Actor
from catalogue.services import create_component, create_group

GROUPS: dict[str, tuple[tuple[str, str], ...]] = {
    "Payments": (("checkout", "Checkout"), ("cards", "Card payments"), ("transfers", "Bank transfers")),
    "Accounts": (("login", "Sign-in"), ("profile", "Profile and settings")),
    "Platform": (("api", "API"), ("reports", "Reports"), ("webhooks", "Webhooks")),
}


def tell_catalogue(*, actor: Actor, now: datetime) -> None:
    """Components in three groups; one more is known inside only."""
    for name, components in GROUPS.items():
        group = create_group(actor=actor, now=now, name=name)
        for key, shown in components:
            create_component(actor=actor, now=now, key=key, name=shown, group=group)
    create_component(actor=actor, now=now, key="db", name="Primary database", is_public=False)
