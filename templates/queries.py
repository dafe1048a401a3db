"""Finding the wording for an update."""

from templates.models import TemplateVersion


def template_for(category: str, status: str, audience_key: str) -> TemplateVersion | None:
    """The newest version of the template for this place; one for the very category beats the one for any."""
    return (
        TemplateVersion.objects.filter(
            template__status=status,
            template__audience_key=audience_key,
            template__category__in=["", category],
            template__retired_at__isnull=True,
        )
        .select_related("template")
        .order_by("-template__category", "-number")
        .first()
    )
