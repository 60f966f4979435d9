"""What is known of people: of themselves, and of what lets them in."""

from backend.accounts.models.factors import RecoveryCode, Totp, has_second_factor, recovery_codes_left
from backend.accounts.models.keys import KEY_LASTS_AT_MOST, AccessToken
from backend.accounts.models.leaving import DataExport, Erasure, ExportPart, ExportState, RetiredHandle
from backend.accounts.models.people import CLAIMS_AT_ONCE, User, Users
from backend.accounts.models.sessions import Session, hash_of, new_token

__all__ = [
    "CLAIMS_AT_ONCE",
    "KEY_LASTS_AT_MOST",
    "AccessToken",
    "DataExport",
    "Erasure",
    "ExportPart",
    "ExportState",
    "RecoveryCode",
    "RetiredHandle",
    "Session",
    "Totp",
    "User",
    "Users",
    "has_second_factor",
    "hash_of",
    "new_token",
    "recovery_codes_left",
]
