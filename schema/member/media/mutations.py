import strawberry

from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.projects.models import Project
from media import models, parts, placements, uploads
from schema.declarations import field, handed_whole, one
from schema.ids import pk_of
from schema.limits import UPLOADS
from schema.member import refs
from schema.member.enums import MediaPurpose
from schema.member.media.ids import media_pks
from schema.member.media.types import Media
from schema.member.media.uploads import SENDING, Upload, UploadPart, part
from schema.member.scalars import SafeInt
from schema.mutations import Answer, Payload, given, mutation
from schema.planner.sources import GlobalId
from schema.policies import people


@strawberry.input(description="What one is about to send: exactly that is taken, and nothing else.")
class RequestUploadInput:
    purpose: MediaPurpose = strawberry.field(description="What it is for.")
    filename: str = strawberry.field(description="As one calls it; what it is kept as, the server decides.")
    content_type: str = strawberry.field(
        description="What it is, as a media type: JPEG, PNG, WebP, GIF and AVIF; as an attachment also PDF, plain text, "
        "CSV, ODF and ZIP, and of these all but pictures as a dataset."
    )
    byte_size: SafeInt = strawberry.field(
        description="Its bytes: a picture at most 20 MiB, an attachment 25, a dataset 2,048."
    )
    sha256: str = strawberry.field(description="Of all of its bytes, 64 hexadecimal digits.")
    project_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The `Project`, which one edits, whose picture or dataset it is; else nothing.",
    )


@strawberry.input(description="Which parts of a dataset one is about to send.")
class RequestUploadPartsInput:
    upload_id: strawberry.ID = strawberry.field(description="One's own `Upload` of a DATASET.")
    numbers: list[int] | None = strawberry.field(
        default=None, description="At most 100 of them, from 1 on; none, only to learn which have arrived."
    )


@strawberry.input(description="Which file has been sent.")
class CompleteUploadInput:
    upload_id: strawberry.ID = strawberry.field(description="One's own `Upload`.")


@strawberry.input(description="What to say of a file; what is absent or null stays as it is.")
class DescribeMediaInput:
    media_id: strawberry.ID = strawberry.field(
        description="One's own `Media`, or one of a project that one edits."
    )
    alt: str | None = strawberry.field(
        default=None, description="What it shows, for who does not see it; at most 1,000 characters."
    )
    credit: str | None = strawberry.field(default=None, description="Who made it; at most 200 characters.")
    licence: str | None = strawberry.field(
        default=None, description="Its SPDX identifier, as `CC-BY-SA-4.0`; empty for none."
    )


@strawberry.input(description="Which file to delete, wherever it stands.")
class DeleteMediaInput:
    media_id: strawberry.ID = strawberry.field(
        description="One's own `Media`, or one of a project that one edits."
    )


@strawberry.input(
    description="Which pictures a project shows from now on; those that are not named any more are deleted."
)
class PlaceProjectImagesInput:
    project_id: strawberry.ID = strawberry.field(description="A `Project` that one edits.")
    cover_id: strawberry.ID | None = strawberry.field(
        default=None, description="The `Media` that comes first; null for none."
    )
    gallery_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The `Media` that come after it, in their order; at most 20."
    )


@strawberry.type(description="The answer of `requestUpload`.")
class RequestUploadPayload(Payload):
    upload: Upload | None = one(models.Upload, key="upload", description="It says where to send it.")


@strawberry.type(description="The answer of `requestUploadParts`.")
class RequestUploadPartsPayload(Payload):
    upload: Upload | None = one(models.Upload, key="upload", description="What the parts are of.")
    parts: list[UploadPart] | None = handed_whole("Where to send each, in the order of their `numbers`.")
    arrived: list[int] | None = handed_whole(
        "The numbers of those that are there; only the others need to be sent."
    )


@strawberry.type(description="The answer of `completeUpload`.")
class CompleteUploadPayload(Payload):
    media: Media | None = one(
        models.Media, key="media", description="What has arrived; `mediaChecked` tells when it is READY."
    )


@strawberry.type(description="The answer of `describeMedia`.")
class DescribeMediaPayload(Payload):
    media: Media | None = one(models.Media, key="media", description="The file, as it is described now.")


@strawberry.type(description="The answer of `deleteMedia`.")
class DeleteMediaPayload(Payload):
    deleted_id: strawberry.ID | None = field(GlobalId("Media", "deleted"), "The `id` that it had.")


@strawberry.type(description="The answer of `placeProjectImages`.")
class PlaceProjectImagesPayload(Payload):
    project: refs.Project | None = one(Project, key="project", description="The project with its pictures.")


@mutation(RequestUploadPayload, policy=SENDING, limits=UPLOADS)
def request_upload(by: User, input: RequestUploadInput) -> Answer:
    """Announce a file, and learn where to send it within five minutes; then say `completeUpload`.

    A DATASET has a day, and is sent in parts (`requestUploadParts`). Refusals: `NOT_FOUND`, `VALIDATION`, `LIMIT`: there is
    no room for it (`storage`).
    """
    facts = given(input)
    if "project_id" in facts:
        facts["project_id"] = pk_of(facts["project_id"], "Project", field="projectId")
    return Answer(upload=uploads.request_upload(by=by, **facts).pk)


@mutation(RequestUploadPartsPayload, policy=SENDING)
def request_upload_parts(by: User, input: RequestUploadPartsInput) -> Answer:
    """Learn where to PUT parts of a dataset, each of `partSize` bytes but the last, and which have arrived.

    Whoever lost the line asks again, and sends what is missing. Refusals: `NOT_FOUND`, `VALIDATION`, `UNAVAILABLE`: the
    store of files does not answer.
    """
    upload_id, numbers = pk_of(input.upload_id, "Upload"), input.numbers or []
    targets = parts.targets_of_parts(upload_id=upload_id, by=by, numbers=numbers) if numbers else []
    arrived = parts.arrived_parts(upload_id=upload_id, by=by)
    return Answer(
        upload=upload_id,
        parts=[part(number, target) for number, target in zip(numbers, targets, strict=True)],
        arrived=[each.number for each in arrived],
    )


@mutation(CompleteUploadPayload, policy=SENDING)
def complete_upload(by: User, input: CompleteUploadInput) -> Answer:
    """Say that a file has been sent: it is checked, and then READY or REJECTED. Twice is the same as once.

    Refusals: `NOT_FOUND`, also when it is too late; `MISMATCH`: what arrived is not what was announced, or not all of it.
    """
    return Answer(media=uploads.complete_upload(upload_id=pk_of(input.upload_id, "Upload"), by=by).pk)


@mutation(DescribeMediaPayload, policy=SENDING)
def describe_media(by: User, input: DescribeMediaInput) -> Answer:
    """Say what a file shows, who made it and under which licence. Refusals: `NOT_FOUND`, `VALIDATION`."""
    media = placements.describe_media(
        media_id=pk_of(input.media_id, "Media"), by=by, **given(input, leave=("media_id",))
    )
    return Answer(media=media.pk)


@mutation(DeleteMediaPayload, policy=SENDING)
def delete_media(by: User, input: DeleteMediaInput) -> Answer:
    """Delete a file, and all its bytes soon after; where it stood, there is none any more. Refusals: `NOT_FOUND`."""
    return Answer(deleted=placements.delete_media(media_id=pk_of(input.media_id, "Media"), by=by))


@mutation(PlaceProjectImagesPayload, policy=people(Scope.PROJECTS_WRITE))
def place_project_images(by: User, input: PlaceProjectImagesInput) -> Answer:
    """Say which pictures a project shows. New ones are one's own, sent for this project.

    Refusals: `NOT_FOUND`, `VALIDATION`, `NOT_READY`: one is not checked yet, or was refused; `IN_USE`: it stands elsewhere.
    """
    project = placements.place_project_images(
        project_id=pk_of(input.project_id, "Project"),
        by=by,
        cover_id=None if input.cover_id is None else pk_of(input.cover_id, "Media", field="coverId"),
        gallery_ids=media_pks(input.gallery_ids or [], field="galleryIds"),
    )
    return Answer(project=project.pk)
