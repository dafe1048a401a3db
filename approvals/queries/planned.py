"""Releases that are planned, were held or went, and whether a plan agrees with the words it is for."""

from django.db.models import QuerySet

from accounts.actors import Actor
from approvals.models import ReleaseSchedule
from approvals.rules.readiness import scheduled_for
from approvals.rules.reasons import Reason
from approvals.rules.release import other_time
from incidents.models import Incident
from incidents.rules.content import ScheduleMode


def schedules_visible_to(actor: Actor) -> QuerySet[ReleaseSchedule]:
    """Every plan for updates of incidents the actor may see, newest first."""
    visible = Incident.objects.visible_to(actor)
    return ReleaseSchedule.objects.filter(update_of__incident__in=visible).select_related("update_of__incident", "revision", "requested_by")


def about_plan(schedule: ReleaseSchedule) -> list[Reason]:
    """A plan for another time than its content names never lets it out, whoever wrote the row."""
    content = schedule.revision.parsed()
    return other_time(
        goes_at=scheduled_for(content),
        at=schedule.due_at,
        planned=schedule.mode == ScheduleMode.AT_TIME,
        when_approved=content.schedule_mode == ScheduleMode.AS_SOON_AS_APPROVED,
    )
