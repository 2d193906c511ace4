"""The only writes of the app: accounts and roles, sites on behalf of administrators, sign-ins."""

from openkap.apps.access.operations.accounts import (
    add_user,
    choose_language,
    close_account,
    forget_second_factors,
    reopen_account,
    set_first_password,
    set_up_token,
)
from openkap.apps.access.operations.places import add_site, change_site
from openkap.apps.access.operations.portal import (
    add_patient_account,
    can_unlock,
    choose_code,
    close_patient_account,
    give_demonstration_password,
)
from openkap.apps.access.operations.roles import add_member_of_staff, end_role, grant_role
from openkap.apps.access.operations.sign_ins import (
    begin_sign_in,
    end_all_sign_ins,
    end_sign_in,
    lock_entry,
    note_activity,
    record_security_event,
    unlock_entry,
)

__all__ = [
    "add_member_of_staff",
    "add_patient_account",
    "add_site",
    "add_user",
    "begin_sign_in",
    "can_unlock",
    "change_site",
    "choose_code",
    "choose_language",
    "close_account",
    "close_patient_account",
    "end_all_sign_ins",
    "end_role",
    "end_sign_in",
    "forget_second_factors",
    "give_demonstration_password",
    "grant_role",
    "lock_entry",
    "note_activity",
    "record_security_event",
    "reopen_account",
    "set_first_password",
    "set_up_token",
    "unlock_entry",
]
