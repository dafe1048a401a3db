"""What a correction or retraction moves: only what somebody wrote in it; the rest stays as it is when it goes out."""

from collections.abc import Mapping
from dataclasses import replace

from incidents.rules.content import ComponentState, Content


def standing(content: Content, *, first: Content, status: str, impact: str, components: Mapping[str, str]) -> Content:
    """The content with today's status, impact and component states wherever it says what its first draft said.

    `first` is that draft, which showed things as they were when it was begun; what differs from it somebody wrote. `components`
    are today's states by id. One that nobody wrote about and that is not among them any more is left out.
    """
    drafted = {state.id: state.status for state in first.components}
    written = {state.id for state in content.components if drafted.get(state.id) != state.status}
    return replace(
        content,
        status=status if content.status == first.status else content.status,
        impact=impact if content.impact == first.impact else content.impact,
        components=tuple(
            state if state.id in written else ComponentState(state.id, components[state.id])
            for state in content.components
            if state.id in written or state.id in components
        ),
    )
