"""Keys as the names that people gave."""

from stakeholders.models import Audience


def audience_names() -> dict[str, str]:
    """The name of each audience by its key."""
    return dict(Audience.objects.values_list("key", "name"))
