from django.db.models import Q

from backend.accounts.blocks import Block
from backend.accounts.models import (
    AccessToken,
    DataExport,
    Erasure,
    ExportPart,
    RecoveryCode,
    RetiredHandle,
    Session,
    Totp,
    User,
)
from backend.core.holdings import Fate, Holding, Told, locked

BLANKED, DELETED, KEPT = Fate.BLANKED, Fate.DELETED, Fate.KEPT


def _delete_exports(user: User) -> None:
    # Locked first: no part comes to be between the deletion of the others and that of their export.
    exports = locked(DataExport.objects.filter(user=user), 1_000)
    DataExport.objects.filter(pk__in=[export.pk for export in exports]).delete()


def _let_nobody_in(user: User) -> None:
    Session.objects.filter(user=user).delete()
    AccessToken.objects.filter(user=user).delete()
    Totp.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _unblock(person: int, most: int) -> int:
    # One in a transaction: PostgreSQL counts the blocks of both, and takes their rows in its own order.
    blocks = locked(Block.objects.filter(Q(blocker=person) | Q(blocked=person)), 1)
    return Block.objects.filter(pk__in=[block.pk for block in blocks]).delete()[0]


HOLDINGS = (
    Holding(
        name="profile",
        single=True,
        says="your account and your profile.",
        model=User,
        whose="pk",
        columns={
            "handle": Told("Your short name, which nobody may take for 90 days after you left.", BLANKED),
            "display_name": Told("What you are called.", BLANKED),
            "email": Told("Where you are reached; nobody else sees it.", BLANKED),
            "email_verified_at": Told("When you showed that the address is yours.", BLANKED),
            "new_email": Told("The address that you want to change to.", BLANKED),
            "bio": Told("What you say about yourself, in Markdown.", BLANKED),
            "bio_html": Told("The same as HTML.", BLANKED),
            "location": Told("Where you are.", BLANKED),
            "website": Told("Your own place on the web.", BLANKED),
            "skills": Told("What you can do.", BLANKED),
            "interests": Told("What you care for.", BLANKED),
            "locale": Told("The language that you read.", BLANKED),
            "imported_from": Told("Where your account was imported from.", BLANKED),
            "last_login": Told("When you logged in last.", BLANKED),
            "created_at": Told("When you joined.", KEPT),
            "completed_task_count": Told("How many tasks of yours were accepted.", KEPT),
            "minutes_given": Told("The time of your accepted work, in minutes.", KEPT),
        },
        secrets={"password": BLANKED},
        closing=_let_nobody_in,
    ),
    Holding(
        name="sessions",
        says="the clients that you were logged in with.",
        model=Session,
        whose="user",
        columns={
            "user_agent": Told("What the client called itself.", DELETED),
            "created_at": Told("When it logged in.", DELETED),
            "expires_at": Told("When it ends by itself.", DELETED),
            "ended_at": Told("When it was ended.", DELETED),
        },
        secrets={"token_hash": DELETED},
    ),
    Holding(
        name="access_tokens",
        says="the keys that you made for programs.",
        model=AccessToken,
        whose="user",
        columns={
            "name": Told("What you call it.", DELETED),
            "scopes": Told("What it may do.", DELETED),
            "created_at": Told("When you made it.", DELETED),
            "expires_at": Told("When it ends.", DELETED),
            "last_used_at": Told("When it was used last, within an hour.", DELETED),
            "revoked_at": Told("When you ended it.", DELETED),
        },
        secrets={"token_hash": DELETED},
    ),
    Holding(
        name="second_factor",
        says="your authenticator app.",
        model=Totp,
        whose="user",
        columns={
            "confirmed_at": Told("Since when a code of it is asked for.", DELETED),
            "guesses": Told("Codes tried since the last that was right.", DELETED),
            "guessing_since": Told("Since when.", DELETED),
        },
        secrets={"sealed_secret": DELETED, "last_step": DELETED},
    ),
    Holding(
        name="recovery_codes",
        says="the codes that let you in without your authenticator app.",
        model=RecoveryCode,
        whose="user",
        columns={"used_at": Told("When it was used.", DELETED)},
        secrets={"code_hash": DELETED},
    ),
    Holding(
        name="blocks",
        says="whom you have blocked.",
        model=Block,
        whose="blocker",
        columns={
            "blocked": Told("A person.", DELETED, "blocked__handle"),
            "created_at": Told("Since when.", DELETED),
        },
        erase=_unblock,
    ),
    # That others have blocked them, nobody is shown; and it is no use to anybody any more.
    Holding(model=Block, whose="blocked", secrets={"blocker": DELETED}),
    Holding(
        name="exports",
        says="the exports that you asked for, this one among them.",
        model=DataExport,
        whose="user",
        columns={
            "state": Told("Where it stands.", DELETED),
            "size": Told("Its bytes.", DELETED),
            "created_at": Told("When you asked.", DELETED),
            "finished_at": Told("When it was made.", DELETED),
            "expires_at": Told("When it is deleted.", DELETED),
        },
        closing=_delete_exports,
    ),
    # The bytes of an export are a copy of what is in all other files.
    Holding(model=ExportPart, whose="export__user", secrets={"data": DELETED}),
)

NOT_PERSONAL = {
    User: (
        *("id", "is_active", "deleted_at", "is_staff", "is_superuser", "follower_count", "following_count"),
        *("project_count", "open_claim_count", "block_count", "has_blocks"),
    ),
    Session: ("id", "user"),
    AccessToken: ("id", "user"),
    Totp: ("id", "user"),
    Block: ("id",),
    RecoveryCode: ("id", "user"),
    DataExport: ("id", "user", "attempt", "done", "total"),
    ExportPart: ("id", "export", "attempt", "number"),
    # A keyed hash, and no key to a person.
    RetiredHandle: ("id", "handle_hash", "free_at"),
    Erasure: ("id", "user", "closed_at", "rows_done", "finished_at"),
}
