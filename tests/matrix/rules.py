"""The rules of the domain that say who sees and does what, and which rows of the table would tell of a fault in each."""

from collections.abc import Callable
from typing import Any

from backend.accounts import blocks, keys
from backend.accounts.models import keys as key_models
from backend.accounts.models import leaving, people, sessions
from backend.applications import actions as applications
from backend.applications import models as application_models
from backend.boards import actions as boards
from backend.boards import claims
from backend.boards import models as board_models
from backend.projects import actions as projects
from backend.projects import models as project_models
from media import placements, uploads
from media.models import files, places
from media.models import uploads as media_uploads
from social.comments import actions as comments
from social.comments import models as comment_models
from social.follows import actions as follows
from social.follows import blocks as social_blocks
from social.follows import models as follow_models
from social.notifications import actions as notifications
from social.notifications import models as notification_models
from social.updates import actions as updates
from social.updates import models as update_models

#: Each rule, and what the rows that hang on it begin with, the most telling first.
RULES: list[tuple[Callable[..., Any], str]] = [
    (people.UserQuerySet.visible_to, "user|User|Membership.user|Comment.author|Claim.claimant|follow"),
    (blocks.BlockQuerySet.visible_to, "Viewer.blockedUsers"),
    (blocks.no_block, "addComment|claimTask|user.id"),
    (blocks.hides_nobody, "user.id|Project.comments"),
    (blocks.without_hidden, "user.id|Project.comments"),
    (social_blocks.block_person, "block"),
    (social_blocks.unblock_person, "unblock"),
    (sessions.SessionQuerySet.visible_to, "node.* session|Viewer.sessions|Viewer.user"),
    (sessions.SessionQuerySet.current, "Viewer.sessions|node.* session|user.id"),
    (key_models.AccessTokenQuerySet.visible_to, "node.* key|Viewer.accessTokens|revokeAccessToken"),
    (key_models.AccessTokenQuerySet.current, "Viewer.accessTokens|node.* key"),
    (files.MediaQuerySet.visible_to, "node.* avatar|node.* file|node.* picture|Viewer.media|MediaChecked"),
    (files.MediaQuerySet.visible_under, "Viewer.media|node.* file"),
    (files.MediaQuerySet.kept_by, "describeMedia|deleteMedia"),
    (places.PlacementQuerySet.visible_to, "node.* avatar|node.* cover|node.* file of"),
    (places.PlacementQuerySet.visible_under, "User.avatar|Project.cover|Task.attachments"),
    (
        media_uploads.UploadQuerySet.visible_to,
        "node.* upload|Viewer.uploads|completeUpload|requestUploadParts",
    ),
    (update_models.UpdateAttachmentQuerySet.visible_to, "node.* file of team"),
    (update_models.UpdateAttachmentQuerySet.visible_under, "Update.attachments"),
    (comment_models.CommentAttachmentQuerySet.visible_to, "node.* file of comment|node.* file of blocked"),
    (comment_models.CommentAttachmentQuerySet.visible_under, "Comment.attachments"),
    (uploads._spoken_for, "requestUpload"),
    (placements.place_project_images, "placeProjectImages"),
    (
        application_models.AuthorizedApplicationQuerySet.visible_to,
        "node.* application|Viewer.auth|revokeApplication",
    ),
    (leaving.DataExportQuerySet.visible_to, "node.* export|Viewer.dataExports"),
    (keys.revoke_access_token, "revokeAccessToken"),
    (applications.revoke_application, "revokeApplication"),
    (project_models.ProjectQuerySet.visible_to, "project|node|User.projects|follow|Community"),
    (project_models.ProjectQuerySet.public, "projects"),
    (project_models.ProjectQuerySet.with_team_member, "editProject|draftUpdate|createBoard|submitProject"),
    (project_models.ProjectQuerySet._team, "project|editProject|createBoard|submitProject|draftUpdate"),
    (project_models.project_permissions, "Project.viewerCan"),
    (project_models.MembershipQuerySet.visible_to, "node.* in |Project.team"),
    (project_models.MembershipQuerySet.visible_under, "Project.team|node.* in "),
    (projects.hand_over_project, "handOverProject"),
    (projects._in_team, "handOverProject|editProject|submitProject|launchProject"),
    (projects.edit_project, "editProject"),
    (projects.submit_project, "submitProject"),
    (projects.launch_project, "launchProject"),
    (projects.review_project, "reviewProject"),
    (board_models.BoardQuerySet.visible_to, "board|node.* board|Task.board|TaskEdited.task"),
    (board_models.BoardQuerySet.visible_under, "Project.boards|board|node.* board"),
    (board_models.BoardQuerySet.run_by, "createTask|editTask|reviewWork"),
    (board_models.TaskQuerySet.visible_to, "node.* task|claimTask|Claim.task|TaskEdited.task"),
    (board_models.TaskQuerySet.visible_under, "Board.tasks|TaskEdited.task|node.* task"),
    (board_models.TaskQuerySet.run_by, "editTask|reviewWork|releaseClaim"),
    (board_models.ClaimQuerySet.visible_to, "node.* claim|Claim|releaseClaim"),
    (board_models.ClaimQuerySet.visible_under, "Task.claims|node.* claim|Claim|Task.viewerClaim"),
    (board_models.ClaimQuerySet.held, "Task.claim|Task.viewerClaim|node.* claim|claimTask"),
    (board_models.task_permissions, "Task.viewerCan"),
    (boards.create_board, "createBoard"),
    (boards.create_task, "createTask"),
    (boards._run_by, "editTask|moveTask|closeTask"),
    (claims._visible, "releaseClaim|renewClaim|submitWork|reviewWork"),
    (claims._must_run, "releaseClaim|reviewWork"),
    (claims.claim_task, "claimTask"),
    (claims.release_claim, "releaseClaim"),
    (claims.renew_claim, "renewClaim"),
    (claims.submit_work, "submitWork"),
    (claims.review_work, "reviewWork"),
    (follow_models.FollowQuerySet.visible_to, "User.follow"),
    (follow_models.FollowQuerySet.of, "unfollow"),
    (follow_models.is_followed_by, "viewerIsFollowing"),
    (follows._visible, "follow|unfollow"),
    (follows.follow, "follow"),
    (update_models.UpdateQuerySet.visible_to, "node.* news|Comment.subject|addComment .*news"),
    (update_models.UpdateQuerySet.visible_under, "Project.updates|Viewer.homeFeed|node.* news|publishUpdate"),
    (update_models.UpdateQuerySet.edited_by, "publishUpdate"),
    (update_models.UpdateQuerySet.published, "Project.updates|Viewer.homeFeed"),
    (updates.draft_update, "draftUpdate"),
    (updates.publish_update, "publishUpdate"),
    (comment_models.CommentQuerySet.visible_to, "node.* comment|node.* reply|Comment.parent|editComment"),
    (
        comment_models.CommentQuerySet.visible_under,
        "Comment.replies|Project.comments|Update.comments|Task.comments",
    ),
    (comment_models.CommentQuerySet.standing, "editComment|deleteComment|addComment"),
    (comments._own, "editComment|deleteComment"),
    (comments.add_comment, "addComment"),
    (notification_models.NotificationQuerySet.visible_to, "node.* notification|Viewer.notifications|markNot"),
    (notification_models.NotificationQuerySet.unread, "markNotificationsRead"),
    (notification_models.NotificationActorQuerySet.visible_to, "Notification.actors"),
    (notification_models.NotificationActorQuerySet.visible_under, "Notification.actors"),
    (notifications.mark_notifications_read, "markNotificationsRead"),
]

#: Faults that change nothing that anybody is answered: what of them is said, and why.
EQUIVALENT: tuple[tuple[str, str], ...] = (
    (r"if viewer else self\.\w+\(\) → .* if True else", "nobody's key is null, and no row has that"),
    (r"CommentQuerySet\.visible_under: parent not in .* → ", "a reply is of its comment's subject"),
    (
        r"BlockQuerySet\.visible_to: .* → (return self\.all|self\.filter\(blocked)",
        "the only list is one's own",
    ),
    (r"without_hidden: rows if hides_nobody.* → rows if False", "who has no block has none to be hidden by"),
    (
        r"DataExportQuerySet.*user__is_active=True\) → self\.filter\(user=viewer\)",
        "who has left is not let in",
    ),
    (
        r"hand_over_project: project\.owner_id != by\.pk → False",
        "for two who hand over at once, who race elsewhere",
    ),
    (
        r"UpdateQuerySet\.visible_under: published \| team → published$",
        "staff who is on a team too: tests/social/updates/test_models.py",
    ),
    (r"_own: .*\.standing\(\) → ", "the statement that writes asks again"),
    (r"NotificationActorQuerySet\.", "the only list of them is under a notification of one's own"),
    (r"mark_notifications_read: Q\(seq__lte", "how far, not whose"),
    (r"is_followed_by: viewer is None → False", "nobody's key is null, and no row has that"),
    (
        r"ProjectQuerySet\.public: self\.filter\(status__in=PUBLIC, launched_at",
        "the same by a constraint, for an index",
    ),
    (
        r"with_team_member: (viewer is None → False|return self\.none\(\))",
        "each deed that asks is for people",
    ),
    (
        r"(Media|Placement|UpdateAttachment|CommentAttachment)QuerySet\.visible_under: (?!.*→ return self\.none)",
        "asked of what is seen already, and of one's own",
    ),
    (r"if viewer else self\.filter\(seen\) → .* if True else", "nobody's key is null, and no row has that"),
    (r"UploadQuerySet.*owner__is_active=True\) → self\.filter\(owner=viewer\)", "who has left is not let in"),
    (
        r"(_spoken_for|place_project_images): Project\.objects\.visible_to\(by\) → ",
        "who is on a team sees its project",
    ),
    (
        r"(Membership|Board|Task)QuerySet\.visible_under:",
        "asked of what is seen already, and of nothing else",
    ),
    (
        r"ClaimQuerySet\.visible_under: (parent != 'task' → False|return self\.visible_to|self\.visible_to)",
        "it is asked under tasks only",
    ),
    (
        r"(_in_team|create_board|create_task|_run_by|review_project|draft_update|publish_update): "
        r"(Project|Board|Task|Update)\.objects\.visible_to\(by\) → ",
        "who is on a team sees its project, and staff all of them",
    ),
    (
        r"review_project: .* if by\.is_staff else None → .* if True",
        "the policy has refused all others before",
    ),
    (r"review_project: .*is_staff.*→ .*if True", "the policy has refused all others before"),
    (
        r"release_claim: (ReleaseReason|claim\.claimant_id == by\.pk →)",
        "says why it was released, not who may",
    ),
    (r"FollowQuerySet\.visible_to: .*[pP]roject", "no list shows yet who follows a project"),
    (
        r"FollowQuerySet\.visible_to: (Q\(user__isnull=True\) → Q|Q\(user__isnull=True\) \| .* → Q\(user__in)",
        "no list shows yet who follows a project",
    ),
    (
        r"AuthorizedApplicationQuerySet.*user__is_active=True\) → self\.filter\(user=viewer\)",
        "who has left is not let in",
    ),
)
