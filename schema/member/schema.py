"""The member schema: a list of names, and nothing else."""

from typing import Annotated

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from schema.declarations import NODES, Node, field
from schema.member.accounts.addresses import (
    confirm_email_change,
    request_email_change,
    request_email_verification,
    verify_email,
)
from schema.member.accounts.applications import revoke_application
from schema.member.accounts.exports import request_data_export
from schema.member.accounts.factors import begin_totp, confirm_totp, disable_totp, regenerate_recovery_codes
from schema.member.accounts.keys import create_access_token, revoke_access_token
from schema.member.accounts.leaving import delete_account
from schema.member.accounts.mutations import log_in, log_out, sign_up, update_profile
from schema.member.accounts.passwords import change_password, request_password_reset, reset_password
from schema.member.accounts.queries import AccountQueries
from schema.member.accounts.sessions import end_other_sessions, end_session
from schema.member.boards.claims import claim_task, release_claim, renew_claim, review_work, submit_work
from schema.member.boards.mutations import close_task, create_board, create_task, edit_task, move_task
from schema.member.boards.queries import BoardQueries
from schema.member.boards.subscriptions import EVENTS, BoardSubscriptions
from schema.member.comments.mutations import add_comment, delete_comment, edit_comment
from schema.member.communities.queries import CommunityQueries
from schema.member.feed.types import ITEMS
from schema.member.follows.blocks import block, unblock
from schema.member.follows.mutations import follow, unfollow
from schema.member.limits.queries import LimitQueries
from schema.member.media.mutations import (
    complete_upload,
    delete_media,
    describe_media,
    place_project_images,
    request_upload,
    request_upload_parts,
)
from schema.member.media.subscriptions import MediaSubscriptions
from schema.member.notifications.mutations import mark_notifications_read
from schema.member.notifications.subscriptions import NotificationSubscriptions
from schema.member.projects.mutations import (
    create_project,
    edit_project,
    hand_over_project,
    launch_project,
    review_project,
    submit_project,
)
from schema.member.projects.queries import ProjectQueries
from schema.member.scalars import SCALARS
from schema.member.updates.mutations import draft_update, publish_update
from schema.planner.roots import AnyNode
from schema.policies import PUBLIC, Policy, policies_named

Id = Annotated[strawberry.ID, strawberry.argument(description="The `id` of anything.")]


@strawberry.type(description="What can be asked.")
class Query(AccountQueries, ProjectQueries, CommunityQueries, BoardQueries, LimitQueries):
    node: Node | None = field(
        AnyNode(NODES), "Anything, by its id. Refusals: `NOT_FOUND`.", {"id": Id}, policy=PUBLIC
    )


Mutation = create_type(
    "Mutation",
    [
        *(sign_up, log_in, log_out, update_profile),
        *(request_data_export, delete_account),
        *(request_email_verification, verify_email, request_email_change, confirm_email_change),
        *(request_password_reset, reset_password, change_password, end_session, end_other_sessions),
        *(create_access_token, revoke_access_token),
        revoke_application,
        *(begin_totp, confirm_totp, disable_totp, regenerate_recovery_codes),
        *(create_project, edit_project, submit_project, review_project, launch_project),
        hand_over_project,
        *(follow, unfollow, block, unblock),
        *(add_comment, edit_comment, delete_comment),
        *(draft_update, publish_update),
        *(create_board, create_task, edit_task, move_task, close_task),
        *(claim_task, release_claim, renew_claim, submit_work, review_work),
        mark_notifications_read,
        *(request_upload, request_upload_parts, complete_upload),
        *(describe_media, delete_media, place_project_images),
    ],
    description="What can be done; each takes one `input` or none, and answers what was not done in `errors`.",
)


@strawberry.type(description="What can be heard as it happens.")
class Subscription(BoardSubscriptions, NotificationSubscriptions, MediaSubscriptions):
    pass


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=(*EVENTS, *ITEMS),
    config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS),
)

#: Who may use what, as `Type.field`; a field that names no policy stops the server here.
POLICIES: dict[str, Policy] = policies_named(schema._schema)
