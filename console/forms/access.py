"""Letting a person or a team into a restricted incident."""

from django import forms

from accounts.models import Team, User
from accounts.queries.holders import holders
from accounts.rules.roles import Permission
from incidents.models import Incident
from incidents.queries import people_granted, teams_granted


class AccessForm(forms.Form):
    """Whom to let in: people who may read incidents and teams, without those who are in already."""

    to = forms.ChoiceField(label="Let in", error_messages={"invalid_choice": "Choose a person or a team of the list."})

    def __init__(self, *args: object, incident: Incident, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's form takes
        inside = {user.pk for user in people_granted(incident)}
        people = [(f"user:{one.username}", one.get_full_name()) for one in holders(Permission.INCIDENT_READ) if one.pk not in inside]
        held = set(teams_granted(incident).values_list("pk", flat=True))
        teams = [(f"team:{team.key}", f"{team.name} (everyone in it)") for team in Team.objects.order_by("name") if team.pk not in held]
        field = self.fields["to"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "Choose"), *([("People", people)] if people else []), *([("Teams", teams)] if teams else [])]

    def chosen(self) -> User | Team:
        """The person or the team of a valid form."""
        kind, _, key = self.cleaned_data["to"].partition(":")
        return Team.objects.select_related("group").get(key=key) if kind == "team" else User.objects.get(username=key)
