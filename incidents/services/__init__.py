"""What is done to incidents and updates, one use case per file."""

from incidents.services.assess_etr import assess_etr
from incidents.services.change_incident import change_incident
from incidents.services.claim_due_steps import claim_due_steps
from incidents.services.dry_run import start_dry_run, work_off_dry_runs
from incidents.services.grant_access import grant_access
from incidents.services.note_released import note_released
from incidents.services.open_incident import open_incident
from incidents.services.reconsider import catch_up, reconsider_due
from incidents.services.record_milestone import record_milestone
from incidents.services.revise_update import revise_update
from incidents.services.set_update_state import set_update_state
from incidents.services.snooze_promise import snooze_promise
from incidents.services.start_update import start_update
from incidents.services.timeline import add_timeline

__all__ = [
    "add_timeline",
    "assess_etr",
    "catch_up",
    "change_incident",
    "claim_due_steps",
    "grant_access",
    "note_released",
    "open_incident",
    "reconsider_due",
    "record_milestone",
    "revise_update",
    "set_update_state",
    "snooze_promise",
    "start_dry_run",
    "start_update",
    "work_off_dry_runs",
]
