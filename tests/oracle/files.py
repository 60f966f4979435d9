"""The files of a world: some that stand somewhere, some that nobody placed, and some that never came."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from backend.boards.models import Claim
from media.models import MediaState, PlacementKind, Purpose
from tests import files


def files_of(world: Any) -> None:
    """Pictures of people and projects, attachments of what is said and done, and what was announced."""
    for person in world.some(world.people, 6):
        made = files.picture(person, alt=world.words(), filename=world.words(), credit=world.words())
        files.place(made, person)
    for project in world.projects:
        for number in range(world.random.randint(0, 3)):
            # The cover may be missing, and some forms too.
            kind = PlacementKind.GALLERY if number or world.likely(0.3) else PlacementKind.COVER
            make = world.one([files.picture, files.media])
            made = make(project.owner, Purpose.PROJECT_IMAGE, project=project, alt=world.words())
            files.place(made, project, number, kind)
    # Attached files have no forms here: an address that is signed is another each time that it is asked for.
    for thing in (*world.updates, *world.comments, *world.tasks, *Claim.objects.order_by("pk")):
        for number in range(world.one([0, 0, 1, 2])):
            kind = world.one(["image/png", "application/pdf"])
            said = {"content_type": kind, "filename": world.words()}
            files.place(files.media(world.one(world.people), Purpose.ATTACHMENT, **said), thing, number)
    late = timezone.now() - timedelta(minutes=1)
    for person in world.people:
        files.upload(person, filename=world.words(), expires_at=late)
        for state in world.some(MediaState.values, 3):
            arrived = files.media(person, state=state, created_at=world.moment())
            files.upload(person, media=arrived, byte_size=2**31 + 5, charged=world.one([0, 77]))
        files.media(person, Purpose.ATTACHMENT, content_type="text/csv", byte_size=2**31)
