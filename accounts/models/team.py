"""Teams own audiences. A team's group carries object permissions."""

from django.contrib.auth.models import Group
from django.db import models

from accounts.models.user import User


class Team(models.Model):
    """A group of people who own something together, for instance customer support."""

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="team")

    def __str__(self) -> str:
        return self.name


class TeamMembership(models.Model):
    """One person's place in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="team_memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="accounts_member_once_per_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
