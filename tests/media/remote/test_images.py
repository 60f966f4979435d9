"""Pictures of what was imported: from an address to their place, by one command and the check that all files go through."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from backend.accounts.models import User
from backend.imports.models import RemoteImage, RemoteImageState
from backend.projects.models import Project
from media.checks import check
from media.models import Media, MediaState, Placement, RemoteArrival, Trash, Upload, Usage
from media.models.usage import MOST_OF_A_PROJECT
from media.remote import images
from media.remote.images import begin_check, bring_images, place_arrived
from media.storage import store
from media.storage.port import Missing, StorageAway
from tests.backend.imports import goteo
from tests.media import rows
from tests.media.remote.hosts import PICTURE, PUBLIC, host, leads, shows
from tests.media.sent import picture
from tests.races import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder_here")]

HERE = "http://goteo.example"


@pytest.fixture
def strangers(internet, monkeypatch):
    """Goteo's host as these tests have it, which the command reaches."""
    answers = {
        f"/{name}.png": shows(picture(seed)) for seed, name in enumerate(("cover", "one", "two", "face"))
    }
    monkeypatch.setattr(images, "Reach", internet.reach)
    with host(answers) as made:
        internet.puts(made, "goteo.example")
        yield made


def refer(thing: Project | User, kind: str, url: str = f"{HERE}/cover.png", **facts) -> RemoteImage:
    whose = {"project": thing} if isinstance(thing, Project) else {"user": thing}
    return RemoteImage.objects.create(**whose, kind=kind, url=url, **facts)


def command(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("fetch_remote_images", *arguments, stdout=out)
    return out.getvalue().splitlines()


def check_all() -> None:
    """What the worker does: each check that is asked for, then the job of each minute."""
    for pk in list(Media.objects.filter(state=MediaState.CHECKING).values_list("pk", flat=True)):
        check(media_id=pk)
    place_arrived()


def shown(**whose) -> list[tuple[str, int, str]]:
    found = Placement.objects.filter(**whose).order_by("kind", "position")
    return list(found.values_list("kind", "position", "media__state"))


def became(image: RemoteImage) -> tuple[str, str]:
    image.refresh_from_db()
    assert (image.tried_at is None) == (image.state == RemoteImageState.WAITING)
    return image.state, image.reason


def test_an_import_a_command_and_a_worker_later_a_project_has_its_pictures(strangers, tmp_path):
    document = goteo.project(
        image_url_big=f"{HERE}/cover.png",
        image_gallery=[{"image-url": f"{HERE}/{name}.png"} for name in ("one", "cover", "two")],
        user={**goteo.LLEVAMEALHUERTO["user"], "profile-image-url": f"{HERE}/face.png"},
    )
    goteo.imported(goteo.file(tmp_path, document))
    assert strangers.calls == 0
    said = command()
    assert sorted(line.partition(": ")[2] for line in said[:-1]) == [
        f'AVATAR "{HERE}/face.png": fetched',
        f'COVER "{HERE}/cover.png": fetched',
        f'GALLERY "{HERE}/one.png": fetched',
        f'GALLERY "{HERE}/two.png": fetched',
    ]
    assert said[-1] == "4 fetched, 0 failed."
    project, owner = Project.objects.get(), User.objects.get()
    media = Media.objects.order_by("filename")
    assert list(media.values_list("filename", "purpose", "state", "owner", "project", "credit")) == [
        ("cover.png", "PROJECT_IMAGE", "CHECKING", owner.pk, project.pk, "goteo.example"),
        ("face.png", "AVATAR", "CHECKING", owner.pk, None, "goteo.example"),
        ("one.png", "PROJECT_IMAGE", "CHECKING", owner.pk, project.pk, "goteo.example"),
        ("two.png", "PROJECT_IMAGE", "CHECKING", owner.pk, project.pk, "goteo.example"),
    ]
    assert all(store().stat(each.key).byte_size == each.byte_size for each in media)
    jobs = ProcrastinateJob.objects.filter(task_name="check_media").values_list("args", flat=True)
    assert {job["media_id"] for job in jobs} >= {each.pk for each in media}
    assert shown() == []
    check_all()
    assert shown(project=project) == [("COVER", 0, "READY"), ("GALLERY", 0, "READY"), ("GALLERY", 1, "READY")]
    assert shown(user=owner) == [("AVATAR", 0, "READY")]
    assert Placement.objects.get(kind="COVER").media.variants.count() == 3
    assert (RemoteArrival.objects.count(), Media.objects.exclude(expires_at=None).count()) == (0, 0)
    # Again: nobody is asked for anything, and nothing changes.
    before = (strangers.calls, list(Placement.objects.values()))
    goteo.imported(goteo.file(tmp_path, document))
    assert command("--retry-failed") == ["0 fetched, 0 failed."]
    assert (strangers.calls, list(Placement.objects.values())) == before


def test_the_command_as_it_is_reaches_nothing_of_this_machine(internet, racing_cast, monkeypatch):
    image = refer(racing_cast.project, "COVER", f"http://127.0.0.1:{internet.canaries[0].port}/")
    assert command()[-1] == "0 fetched, 1 failed."
    assert became(image) == ("FAILED", "ADDRESS")
    internet.names["evil.example"] = ("127.0.0.1",)
    monkeypatch.setattr(images, "Reach", internet.reach)
    RemoteImage.objects.update(url="http://evil.example/")
    assert command() == ["0 fetched, 0 failed."]
    assert command("--retry-failed")[-1] == "0 fetched, 1 failed."
    assert became(image) == ("FAILED", "PRIVATE")
    assert internet.untouched()


def test_what_failed_is_tried_again_only_where_asked(strangers, racing_cast):
    image = refer(racing_cast.project, "COVER", f"{HERE}/later.png")
    assert command() == [f'  1 of 1: COVER "{HERE}/later.png": failed: STATUS', "0 fetched, 1 failed."]
    strangers.answers["/later.png"] = shows()
    assert (command(), became(image)) == (["0 fetched, 0 failed."], ("FAILED", "STATUS"))
    assert command("--retry-failed")[-1] == "1 fetched, 0 failed."
    assert became(image) == ("FETCHED", "")


def test_no_more_are_tried_than_asked_for_and_those_before_that_were_never_tried(strangers, racing_cast):
    first = refer(racing_cast.project, "COVER", f"{HERE}/none.png")
    command()
    second = refer(racing_cast.project, "GALLERY", f"{HERE}/one.png")
    third = refer(racing_cast.ana, "AVATAR", f"{HERE}/face.png")
    assert command("--limit", "1", "--retry-failed")[-1] == "1 fetched, 0 failed."
    assert [became(image)[0] for image in (first, second, third)] == ["FAILED", "FETCHED", "WAITING"]
    for wrong in ("0", "-1", "x", "1e9", "9999999"):
        with pytest.raises(CommandError, match="--limit"):
            command("--limit", wrong)


def test_a_picture_that_is_refused_by_its_check_says_so(strangers, racing_cast):
    strangers.answers["/evil.png"] = shows(b"\x89PNG\r\n\x1a\n" + bytes(100))
    image = refer(racing_cast.project, "COVER", f"{HERE}/evil.png")
    command()
    assert became(image) == ("FETCHED", "")
    check_all()
    assert (became(image), shown()) == (("FAILED", "REJECTED"), [])


def test_a_host_that_calls_a_picture_by_another_type_of_picture_is_forgiven(strangers, racing_cast):
    strangers.answers["/cover.png"] = shows(PICTURE, "image/jpeg")
    refer(racing_cast.project, "COVER")
    command()
    check_all()
    assert shown(project=racing_cast.project) == [("COVER", 0, "READY")]
    assert Media.objects.get().content_type == "image/png"


def test_a_place_that_somebody_has_taken_stays_theirs(strangers, racing_cast):
    project = racing_cast.project
    cover, face = refer(project, "COVER"), refer(racing_cast.ana, "AVATAR", f"{HERE}/face.png")
    gallery = refer(project, "GALLERY", f"{HERE}/one.png")
    command()
    for kind, media in {
        "COVER": rows.ready(racing_cast.ana, "PROJECT_IMAGE", project=project),
        "GALLERY": rows.ready(racing_cast.ana, "PROJECT_IMAGE", project=project),
        "AVATAR": rows.ready(racing_cast.ana, "AVATAR"),
    }.items():
        whose = {"user": racing_cast.ana} if kind == "AVATAR" else {"project": project}
        Placement.objects.create(media=media, kind=kind, **whose)
    before = set(Placement.objects.values_list("pk", flat=True))
    check_all()
    assert [became(cover), became(face)] == [("FAILED", "PLACE_TAKEN")] * 2
    assert shown(project=project) == [("COVER", 0, "READY"), ("GALLERY", 0, "READY"), ("GALLERY", 1, "READY")]
    assert before <= set(Placement.objects.values_list("pk", flat=True))
    assert became(gallery) == ("FETCHED", "")
    # And nobody asks for them again, for as long as it is so.
    assert command("--retry-failed") == ["0 fetched, 0 failed."]


def test_what_is_taken_down_is_not_put_back(strangers, racing_cast):
    refer(racing_cast.project, "COVER")
    command()
    check_all()
    Placement.objects.all().delete()
    check_all()
    assert (shown(), command("--retry-failed")) == ([], ["0 fetched, 0 failed."])


def test_a_full_gallery_takes_no_more(strangers, racing_cast):
    for position in range(20):
        media = rows.ready(racing_cast.ana, "PROJECT_IMAGE", project=racing_cast.project)
        Placement.objects.create(media=media, kind="GALLERY", position=position, project=racing_cast.project)
    image = refer(racing_cast.project, "GALLERY", f"{HERE}/one.png")
    command()
    check_all()
    assert (became(image), len(shown())) == (("FAILED", "PLACE_TAKEN"), 20)


def test_a_project_without_room_and_a_person_who_left_take_nothing(strangers, racing_cast):
    cover, face = refer(racing_cast.project, "COVER"), refer(racing_cast.cy, "AVATAR", f"{HERE}/face.png")
    Usage.objects.create(project=racing_cast.project, byte_size=MOST_OF_A_PROJECT)
    User.objects.filter(pk=racing_cast.cy.pk).update(deleted_at="2026-01-01T00:00:00Z", is_active=False)
    assert command()[-1] == "0 fetched, 2 failed."
    assert [became(cover), became(face)] == [("FAILED", "QUOTA"), ("FAILED", "DEPARTED")]
    assert (Media.objects.count(), Upload.objects.count(), RemoteArrival.objects.count()) == (0, 0, 0)
    # Their bytes are thrown away.
    assert Trash.objects.count() == 2


def test_who_leaves_while_their_picture_is_checked_has_none(strangers, racing_cast):
    refer(racing_cast.cy, "AVATAR")
    command()
    User.objects.filter(pk=racing_cast.cy.pk).update(deleted_at="2026-01-01T00:00:00Z", is_active=False)
    check_all()
    assert (shown(), RemoteArrival.objects.count()) == ([], 0)


def test_a_store_that_is_away_stops_the_command_and_nothing_has_failed(strangers, racing_cast, monkeypatch):
    pictures = [refer(racing_cast.project, "COVER"), refer(racing_cast.ana, "AVATAR", f"{HERE}/face.png")]

    class Away:
        def put(self, *args, **more):
            raise StorageAway

    with monkeypatch.context() as away:
        away.setattr(images, "store", Away)
        with pytest.raises(CommandError, match="store of files is away: 0 fetched, 0 failed"):
            command()
    assert [became(image) for image in pictures] == [("WAITING", "")] * 2
    assert command()[-1] == "2 fetched, 0 failed."


def test_broken_off_it_goes_on_where_it_was(strangers, internet, racing_cast):
    for name in ("one", "two", "cover"):
        refer(racing_cast.project, "GALLERY", f"{HERE}/{name}.png")
    running = bring_images(reach=internet.reach())
    next(running)
    running.close()
    states = RemoteImage.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["FETCHED", "WAITING", "WAITING"]
    assert command()[-1] == "2 fetched, 0 failed."
    check_all()
    assert [place for _, place, _ in shown()] == [0, 1, 2]


def test_ctrl_c_says_what_was_done(strangers, racing_cast, monkeypatch):
    refer(racing_cast.project, "COVER")

    def pressed(**more):
        yield from bring_images(**more)
        raise KeyboardInterrupt

    monkeypatch.setattr("media.management.commands.fetch_remote_images.bring_images", pressed)
    with pytest.raises(CommandError, match="Broken off: 1 fetched, 0 failed"):
        command()


def test_two_that_fetched_the_same_make_one_file_of_it(strangers, racing_cast):
    image = refer(racing_cast.project, "COVER")
    fetched = images.Fetched("image/png", len(PICTURE), rows.SHA)
    keys = [f"quarantine/{number:032x}" for number in range(2)]
    made = race(lambda key: begin_check(image=image, fetched=fetched, key=key), keys)
    assert sorted(made) == ["Media", "NoneType"]
    assert Media.objects.count() == 1
    assert {Media.objects.get().key, Trash.objects.get().key} == set(keys)


def test_what_an_import_has_replaced_meanwhile_is_not_taken(strangers, racing_cast):
    image = refer(racing_cast.project, "COVER")
    RemoteImage.objects.update(url=f"{HERE}/one.png")
    fetched = images.Fetched("image/png", len(PICTURE), rows.SHA)
    assert begin_check(image=image, fetched=fetched, key=f"quarantine/{1:032x}") is None
    assert (Media.objects.count(), became(image)) == (0, ("WAITING", ""))


def test_a_redirect_home_fails_the_reference_and_leaves_nothing_in_the_store(
    strangers, internet, racing_cast
):
    strangers.answers["/cover.png"] = leads("http://169.254.169.254/latest/meta-data/")
    image = refer(racing_cast.project, "COVER")
    command()
    assert (became(image), internet.called) == (("FAILED", "ADDRESS"), [(PUBLIC, 80)])
    assert list(store().keys("quarantine/")) == []
    with pytest.raises(Missing):
        store().stat("quarantine/x")
