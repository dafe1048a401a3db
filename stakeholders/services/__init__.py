"""What is done to the register, the addresses and the audiences."""

from stakeholders.services.audience_filter import set_filter, set_owners
from stakeholders.services.audiences import add_members, create_audience, set_scope
from stakeholders.services.bounces import record_delivered, record_soft_bounce
from stakeholders.services.change_stakeholder import change_stakeholder
from stakeholders.services.contact_points import add_contact_point, change_contact_point, order_contact_points, remove_contact_point
from stakeholders.services.imports import drop_import, resume_import, start_apply, start_check, start_undo, take_file
from stakeholders.services.register_stakeholder import NewStakeholder, register_stakeholder, register_stakeholders
from stakeholders.services.stop_writing import lift_suppression, opt_out, suppress_contact_point
from stakeholders.services.stopped_addresses import stop_address, take_back_stop
from stakeholders.services.upsert_stakeholders import upsert_stakeholders
from stakeholders.services.verification import confirm_by_code, confirm_by_link, request_verification
from stakeholders.services.verification_clock import run_verifications
from stakeholders.services.work_off_imports import forget_old_imports, work_off_imports

__all__ = [
    "NewStakeholder",
    "add_contact_point",
    "add_members",
    "change_contact_point",
    "change_stakeholder",
    "confirm_by_code",
    "confirm_by_link",
    "create_audience",
    "drop_import",
    "forget_old_imports",
    "lift_suppression",
    "opt_out",
    "order_contact_points",
    "record_delivered",
    "record_soft_bounce",
    "register_stakeholder",
    "register_stakeholders",
    "remove_contact_point",
    "request_verification",
    "resume_import",
    "run_verifications",
    "set_filter",
    "set_owners",
    "set_scope",
    "start_apply",
    "start_check",
    "start_undo",
    "stop_address",
    "suppress_contact_point",
    "take_back_stop",
    "take_file",
    "upsert_stakeholders",
    "work_off_imports",
]
