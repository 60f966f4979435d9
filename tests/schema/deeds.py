"""Every mutation done as it should be: by whom, and with which input; what tests of all mutations at once begin from."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from backend.accounts.models import AccessToken, Session, Totp, User, hash_of, new_token
from backend.accounts.proofs import Purpose, proof
from backend.applications.models import Application, AuthorizedApplication
from backend.boards.claims import claim_task, submit_work
from backend.boards.models import Board, Claim
from backend.communities.models import Community, CommunityKind
from backend.core.seals import seal
from backend.projects.models import Project, ProjectStatus
from media import models as media
from media.storage import store
from schema.ids import to_global_id
from social.comments.models import Comment
from social.notifications.models import Notification, NotificationKind
from social.updates.models import Update
from tests import cast as people
from tests import files
from tests.asking import ask, id_of
from tests.cast import PASSWORD, Cast

Input = dict[str, Any]

#: For those who change theirs.
NEW_PASSWORD = "la-balsa-esta-llena"


@dataclass(frozen=True)
class Deed:
    """Somebody who may do it, and all that they can say about it."""

    by: User | None
    input: Input | None

    def ask(self, name: str, **changes: Any) -> dict[str, Any]:
        """The answer to the deed of that name, with some fields of its input changed."""
        return ask(name, self.by, **({} if self.input is None else {"input": self.input | changes}))


def sign_up(cast: Cast) -> Deed:
    facts = {"handle": "dai", "email": "dai@example.org", "displayName": "Dai", "locale": "ca"}
    return Deed(None, facts | {"password": PASSWORD})


def log_in(cast: Cast) -> Deed:
    User.objects.filter(pk=cast.ana.pk).update(password=hashed(settings.PASSWORD_HASHERS[0]))
    return Deed(None, {"email": "ana@example.org", "password": PASSWORD})


def log_out(cast: Cast) -> Deed:
    return Deed(cast.ana, None)


def verify_email(cast: Cast) -> Deed:
    User.objects.filter(pk=cast.cy.pk).update(email_verified_at=None)
    cast.cy.refresh_from_db()
    return Deed(cast.cy, {"token": proof(Purpose.VERIFY_EMAIL, cast.cy)})


def ask_for_nothing(cast: Cast) -> Deed:
    return Deed(cast.ana, None)


def request_email_change(cast: Cast) -> Deed:
    log_in(cast)
    return Deed(cast.ana, {"newEmail": "ana@example.net", "password": PASSWORD})


def confirm_email_change(cast: Cast) -> Deed:
    User.objects.filter(pk=cast.ana.pk).update(new_email="ana@example.net")
    cast.ana.refresh_from_db()
    return Deed(cast.ana, {"token": proof(Purpose.CHANGE_EMAIL, cast.ana)})


def request_password_reset(cast: Cast) -> Deed:
    return Deed(None, {"email": "ana@example.org"})


def reset_password(cast: Cast) -> Deed:
    cast.ana.refresh_from_db()
    return Deed(None, {"token": proof(Purpose.RESET_PASSWORD, cast.ana), "newPassword": NEW_PASSWORD})


def change_password(cast: Cast) -> Deed:
    log_in(cast)
    return Deed(cast.ana, {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD})


def end_session(cast: Cast) -> Deed:
    elsewhere = Session.objects.create(
        user=cast.ana, token_hash=hash_of("elsewhere"), expires_at=timezone.now() + timedelta(days=1)
    )
    return Deed(cast.ana, {"sessionId": to_global_id("ActiveSession", elsewhere.pk)})


def update_profile(cast: Cast) -> Deed:
    words = {
        "displayName": "Ana Ruiz",
        "bio": "I *water*.",
        "location": "Vera",
        "website": "https://example.org/",
    }
    return Deed(cast.ana, words | {"skills": ["Bees"], "interests": ["Seeds", "seeds"], "locale": "es"})


def create_access_token(cast: Cast) -> Deed:
    return Deed(cast.ana, {"name": "Script", "scopes": ["READ"], "expiresAt": None})


def revoke_access_token(cast: Cast) -> Deed:
    return Deed(cast.ana, {"accessTokenId": id_of(access_token(cast.ana))})


def revoke_application(cast: Cast) -> Deed:
    return Deed(cast.ana, {"authorizedApplicationId": id_of(authorization(cast.ana))})


def begin_totp(cast: Cast) -> Deed:
    log_in(cast)
    return Deed(cast.ana, {"password": PASSWORD})


def confirm_totp(cast: Cast) -> Deed:
    Totp.objects.create(user=cast.ana, sealed_secret=seal(SECRET))
    return Deed(cast.ana, {"code": pyotp.TOTP(SECRET).now()})


def disable_totp(cast: Cast) -> Deed:
    return Deed(cast.ana, begin_totp(cast).input | regenerate_recovery_codes(cast).input)


def regenerate_recovery_codes(cast: Cast) -> Deed:
    Totp.objects.create(user=cast.ana, sealed_secret=seal(SECRET), confirmed_at=timezone.now())
    return Deed(cast.ana, {"code": pyotp.TOTP(SECRET).now()})


def follow(cast: Cast) -> Deed:
    return Deed(cast.cy, {"targetId": id_of(cast.project)})


def block(cast: Cast) -> Deed:
    return Deed(cast.cy, {"userId": id_of(cast.bo)})


def add_comment(cast: Cast) -> Deed:
    parent = comment(cast)
    said = {"subjectId": id_of(cast.project), "body": "And *when*?", "parentId": id_of(parent)}
    return Deed(cast.cy, said | {"attachmentIds": [attachable(cast.cy)]})


def edit_comment(cast: Cast) -> Deed:
    return Deed(cast.bo, {"commentId": id_of(comment(cast)), "body": "On **Monday**."})


def delete_comment(cast: Cast) -> Deed:
    Project.objects.filter(pk=cast.project.pk).update(comment_count=1)
    return Deed(cast.bo, {"commentId": id_of(comment(cast))})


def draft_update(cast: Cast) -> Deed:
    words = {"title": "It rained", "body": "At *last*.", "audience": "FOLLOWERS"}
    return Deed(cast.ana, words | {"projectId": id_of(cast.project)})


def publish_update(cast: Cast) -> Deed:
    return Deed(cast.ana, {"updateId": id_of(update(cast))})


def create_project(cast: Cast) -> Deed:
    words = {"title": "Seed library", "summary": "Seeds to lend.", "description": "Bring *some*."}
    place = {"location": "Vera", "locale": "es", "slug": "seeds", "communityId": id_of(community())}
    return Deed(cast.cy, words | place | {"category": "ECOLOGICAL", "tags": ["Seeds", "Lending"]})


def edit_project(cast: Cast) -> Deed:
    words = {"title": "Huerta", "summary": "A garden.", "description": "By the *river*.", "tags": ["water"]}
    place = {"location": "Vera", "locale": "es", "slug": "huerta", "communityId": id_of(community())}
    return Deed(cast.ana, words | place | {"category": "SOCIAL", "projectId": id_of(cast.project)})


def submit_project(cast: Cast) -> Deed:
    return Deed(cast.ana, {"projectId": id_of(step(cast, ProjectStatus.DRAFT))})


def review_project(cast: Cast) -> Deed:
    project = step(cast, ProjectStatus.IN_REVIEW)
    return Deed(cast.sol, {"projectId": id_of(project), "verdict": "APPROVE", "note": "Good."})


def launch_project(cast: Cast) -> Deed:
    return Deed(cast.ana, {"projectId": id_of(step(cast, ProjectStatus.APPROVED))})


def create_board(cast: Cast) -> Deed:
    return Deed(cast.bo, {"projectId": id_of(cast.project), "title": "Autumn", "claimHours": 24})


def create_task(cast: Cast) -> Deed:
    words = {"title": "Prune the pear", "body": "*Low*.", "skills": ["Ladders"], "labels": ["trees"]}
    numbers = {"estimateMinutes": 90, "slots": 2, "dueAt": "2028-02-29T12:00:00+01:00"}
    board = Board.objects.create(project=cast.project, title="Autumn")
    return Deed(cast.bo, words | numbers | {"boardId": id_of(board)})


def edit_task(cast: Cast) -> Deed:
    words = {"title": "Paint the door", "body": "*Blue*.", "skills": ["Paint"], "labels": ["wood"]}
    numbers = {"estimateMinutes": 30, "slots": 3, "dueAt": "2028-02-29T12:00:00Z", "expectedVersion": 1}
    return Deed(cast.bo, words | numbers | {"taskId": id_of(cast.task)})


def move_task(cast: Cast) -> Deed:
    last = people.task(cast.board, "Sweep")
    return Deed(cast.bo, {"taskId": id_of(cast.task), "afterTaskId": id_of(last)})


def close_task(cast: Cast) -> Deed:
    return Deed(cast.bo, {"taskId": id_of(cast.task)})


def claim(cast: Cast) -> Deed:
    return Deed(cast.cy, {"taskId": id_of(cast.task)})


def release_claim(cast: Cast) -> Deed:
    return Deed(cast.cy, {"claimId": id_of(claimed(cast))})


def submit(cast: Cast) -> Deed:
    work = {"note": "Two *coats*.", "links": ["https://example.org/gate"], "minutesSpent": 45}
    return Deed(cast.cy, work | {"claimId": id_of(claimed(cast)), "attachmentIds": [attachable(cast.cy)]})


def review_work(cast: Cast) -> Deed:
    submitted = submit_work(claim_id=claimed(cast).pk, by=cast.cy)
    return Deed(cast.ana, {"claimId": id_of(submitted), "verdict": "ACCEPT", "note": "Lovely."})


def request_upload(cast: Cast) -> Deed:
    said = {"purpose": "PROJECT_IMAGE", "filename": "gate.png", "contentType": "image/png"}
    whole = {"byteSize": 1234, "sha256": "0" * 64, "projectId": id_of(cast.project)}
    return Deed(cast.ana, said | whole)


def request_upload_parts(cast: Cast) -> Deed:
    said = {"project": cast.project, "content_type": "text/csv", "byte_size": 2**24 + 1}
    announced = files.upload(cast.ana, media.Purpose.DATASET, **said)
    return Deed(cast.ana, {"uploadId": id_of(announced), "numbers": [1, 2]})


def complete_upload(cast: Cast) -> Deed:
    content = b"one,two"
    said = {
        "content_type": "text/csv",
        "byte_size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    announced = files.upload(cast.ana, media.Purpose.ATTACHMENT, **said)
    with TemporaryDirectory() as folder:
        sent = Path(folder) / "sent"
        sent.write_bytes(content)
        store().put(announced.key, sent, content_type="text/csv")
    return Deed(cast.ana, {"uploadId": id_of(announced)})


def describe_media(cast: Cast) -> Deed:
    words = {"alt": "A gate.", "credit": "Ana", "licence": "CC-BY-SA-4.0"}
    return Deed(cast.ana, words | {"mediaId": id_of(files.picture(cast.ana))})


def delete_media(cast: Cast) -> Deed:
    return Deed(cast.ana, {"mediaId": id_of(files.picture(cast.ana))})


def place_project_images(cast: Cast) -> Deed:
    cover, other = (
        files.picture(cast.ana, media.Purpose.PROJECT_IMAGE, project=cast.project) for _ in range(2)
    )
    pictures = {"coverId": id_of(cover), "galleryIds": [id_of(other)]}
    return Deed(cast.ana, pictures | {"projectId": id_of(cast.project)})


def mark_notifications_read(cast: Cast) -> Deed:
    return Deed(cast.ana, {"ids": [id_of(notification(cast))]})


def request_data_export(cast: Cast) -> Deed:
    return Deed(cast.ana, None)


def delete_account(cast: Cast) -> Deed:
    User.objects.filter(pk=cast.cy.pk).update(password=hashed(settings.PASSWORD_HASHERS[0]))
    return Deed(cast.cy, {"password": PASSWORD})


def hand_over_project(cast: Cast) -> Deed:
    User.objects.filter(pk=cast.ana.pk).update(project_count=1)
    return Deed(cast.ana, {"projectId": id_of(cast.project), "toId": id_of(cast.bo)})


DEEDS: dict[str, Callable[[Cast], Deed]] = {
    **{"SignUp": sign_up, "LogIn": log_in, "LogOut": log_out, "UpdateProfile": update_profile},
    **{"RequestDataExport": request_data_export, "DeleteAccount": delete_account},
    "HandOverProject": hand_over_project,
    **{"RequestEmailVerification": ask_for_nothing, "VerifyEmail": verify_email},
    **{"RequestEmailChange": request_email_change, "ConfirmEmailChange": confirm_email_change},
    **{"RequestPasswordReset": request_password_reset, "ResetPassword": reset_password},
    **{"ChangePassword": change_password, "EndSession": end_session, "EndOtherSessions": ask_for_nothing},
    **{"CreateAccessToken": create_access_token, "RevokeAccessToken": revoke_access_token},
    **{"BeginTotp": begin_totp, "ConfirmTotp": confirm_totp, "DisableTotp": disable_totp},
    "RevokeApplication": revoke_application,
    "RegenerateRecoveryCodes": regenerate_recovery_codes,
    **{"Follow": follow, "Unfollow": follow, "Block": block, "Unblock": block},
    **{"AddComment": add_comment, "EditComment": edit_comment, "DeleteComment": delete_comment},
    **{"DraftUpdate": draft_update, "PublishUpdate": publish_update},
    **{"CreateProject": create_project, "EditProject": edit_project, "SubmitProject": submit_project},
    **{"ReviewProject": review_project, "LaunchProject": launch_project},
    **{"CreateBoard": create_board, "CreateTask": create_task, "EditTask": edit_task},
    **{"MoveTask": move_task, "CloseTask": close_task, "ClaimTask": claim, "ReleaseClaim": release_claim},
    **{"RenewClaim": release_claim, "SubmitWork": submit, "ReviewWork": review_work},
    "MarkNotificationsRead": mark_notifications_read,
    **{"RequestUpload": request_upload, "RequestUploadParts": request_upload_parts},
    **{"CompleteUpload": complete_upload, "DescribeMedia": describe_media, "DeleteMedia": delete_media},
    "PlaceProjectImages": place_project_images,
}
#: What an authenticator app knows.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#: Nobody needs to be somebody for these.
OPEN = {"SignUp", "LogIn", "RequestPasswordReset", "ResetPassword"}


@cache
def hashed(hasher: str) -> str:
    """The password of the cast as it is stored; made once, because it takes its time."""
    return make_password(PASSWORD)


def access_token(person: User, **facts: Any) -> AccessToken:
    """A key that somebody made for a program; its secret is not kept."""
    made = {"name": "Script", "scopes": ["read"], "token_hash": hash_of(new_token("pat_"))}
    expires_at = timezone.now() + timedelta(days=1)
    return AccessToken.objects.create(**{"user": person, "expires_at": expires_at} | made | facts)


def application(**facts: Any) -> Application:
    """A program of somebody else: one that keeps no secret, unless it says so."""
    made = {"name": "Riego", "redirect_uris": "https://riego.example/cb", "client_type": "public"}
    made["client_secret"] = hashed(settings.PASSWORD_HASHERS[0])
    return Application.objects.create(**{"authorization_grant_type": "authorization-code"} | made | facts)


def authorization(person: User, program: Application | None = None) -> AuthorizedApplication:
    """That somebody let a program in."""
    return AuthorizedApplication.objects.create(
        user=person, application=program or application(), scopes=["read"]
    )


def attachable(person: User) -> str:
    """The id of a file of somebody's that is ready and stands nowhere."""
    return id_of(files.picture(person, media.Purpose.ATTACHMENT))


def comment(cast: Cast, **facts: Any) -> Comment:
    """Something that Bo says, on the project unless it says where."""
    facts = facts if {"project", "update", "task"} & set(facts) else facts | {"project": cast.project}
    return Comment.objects.create(**{"author": cast.bo, "body": "Yes.", "body_html": "<p>Yes.</p>"} | facts)


def update(cast: Cast, **facts: Any) -> Update:
    """News of Ana's project, not yet told unless it says when."""
    words = {"title": "It rained", "body": "At last.", "body_html": "<p>At last.</p>"}
    return Update.objects.create(**{"project": cast.project, "author": cast.ana} | words | facts)


def community() -> Community:
    """The valley."""
    return Community.objects.create(slug="valley", name="The valley", kind=CommunityKind.LOCAL, place="Vera")


def step(cast: Cast, status: ProjectStatus) -> Project:
    """Another project of Ana's, complete, at some step of its way."""
    return people.project(
        cast.ana, "Seed library", status=status, summary="Seeds to lend.", description="Bring some. " * 10
    )


def claimed(cast: Cast) -> Claim:
    """Cy's claim of the task."""
    return claim_task(task_id=cast.task.pk, by=cast.cy)


def notification(cast: Cast, **facts: Any) -> Notification:
    """Ana hears of a comment on her project."""
    when = cast.project.launched_at
    return Notification.objects.create(
        **{
            "user": cast.ana,
            "kind": NotificationKind.COMMENT,
            "occurred_at": when,
            "seq": 1,
            "actor_count": 1,
        }
        | (facts or {"subject_project": cast.project})
    )
