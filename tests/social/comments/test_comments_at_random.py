"""Any sequence of comments, replies, edits and deletions leaves every counter equal to the rows that it counts."""

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.models import RecordedEvent
from backend.core.refusals import NotFound
from social.comments.actions import add_comment, delete_comment, edit_comment
from social.comments.models import DEEPEST, Comment
from tests.cast import Cast

# (verb, who, which of the comments so far; a subject if there is none)
STEPS = st.tuples(
    st.sampled_from(("say", "reply", "reply", "edit", "delete")),
    st.sampled_from(("ana", "cy")),
    st.integers(0, 30),
)


@given(steps=st.lists(STEPS, max_size=25))
@settings(max_examples=40)
def test_whatever_people_say_the_counters_are_true(cast: Cast, steps: list):
    before = transaction.savepoint()
    try:
        said: list[Comment] = []
        gone: set[int] = set()
        events = 0
        for verb, who, which in steps:
            by = getattr(cast, who)
            chosen = said[which % len(said)] if said else None
            thing = (cast.project, cast.task)[which % 2] if verb == "say" or not chosen else subject(chosen)
            try:
                if verb == "say" or not chosen:
                    said.append(add_comment(kind=type(thing), subject_id=thing.pk, by=by, body="Hello"))
                elif verb == "reply":
                    where = {"kind": type(thing), "subject_id": thing.pk, "parent_id": chosen.pk}
                    said.append(add_comment(**where, by=by, body="Hello to you"))
                elif verb == "edit":
                    edit_comment(comment_id=chosen.pk, by=by, body="Hello again")
                else:
                    delete_comment(comment_id=chosen.pk, by=by)
                    gone.add(chosen.pk)
                done = True
            except NotFound:
                done = False
            own = chosen is None or verb in ("say", "reply") or chosen.author == by
            was_gone = chosen is not None and chosen.pk in gone and verb in ("reply", "edit")
            again = verb == "delete" and chosen is not None and not done and chosen.pk in gone
            assert done == (own and not was_gone and not again)
            events += done

        standing = [comment for comment in said if comment.pk not in gone]
        for thing in (cast.project, cast.task):
            thing.refresh_from_db()
            assert thing.comment_count == sum(subject(comment) == thing for comment in standing)
        for comment in Comment.objects.all():
            assert comment.reply_count == sum(one.parent_id == comment.pk for one in said)
            assert comment.depth == (comment.parent.depth + 1 if comment.parent else 0) <= DEEPEST
            assert (comment.body == "") == (comment.pk in gone)
        assert RecordedEvent.objects.count() == events
    finally:
        transaction.savepoint_rollback(before)


def subject(comment: Comment) -> object:
    return getattr(comment, comment.subject_field)
