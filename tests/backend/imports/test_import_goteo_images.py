"""Pictures of what is imported are written down as addresses, once; nothing is fetched."""

import socket

import pytest
from django.core.management import CommandError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.imports.models import RemoteImage, RemoteImageKind, RemoteImageState
from backend.projects.models import Project
from tests.backend.imports import goteo

pytestmark = pytest.mark.django_db(transaction=True)

BIG = "https://goteo.org/img/big"
COVER = f"{BIG}/inaki-y-senora.jpeg"
GALLERY = [
    f"{BIG}/{name}.jpg"
    for name in (
        *("img-2931", "img-2936", "img-3081", "20120315-img-0143"),
        *("20120315-img-0150", "20120403-img-0331", "20120403-img-0338"),
    )
]
PORTRAIT = "https://goteo.org/img/medium/logo-llah_1.png"


def references() -> list[tuple[str, int, str]]:
    return list(RemoteImage.objects.order_by("kind", "position").values_list("kind", "position", "url"))


def test_a_project_has_its_cover_its_gallery_and_its_owners_portrait(tmp_path, monkeypatch):
    def nobody(*args, **more):
        raise AssertionError("an import asks nobody")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    goteo.imported(goteo.file(tmp_path, goteo.project()))
    assert references() == [
        ("AVATAR", 0, PORTRAIT),
        ("COVER", 0, COVER),
        # The cover is the fourth of the gallery there, and not one of it here.
        *(("GALLERY", position, url) for position, url in enumerate(GALLERY)),
    ]
    project, owner = Project.objects.get(), User.objects.get()
    assert {image.project or image.user for image in RemoteImage.objects.all()} == {project, owner}
    facts = (
        RemoteImage.objects.order_by()
        .values_list("credit", "licence", "state", "reason", "tried_at")
        .distinct()
    )
    # Goteo's API says of a picture neither whose it is nor under which licence.
    assert list(facts) == [("goteo.org", "", "WAITING", "", None)]


def test_twice_is_the_same_as_once(tmp_path):
    path = goteo.file(tmp_path, goteo.project())
    goteo.imported(path)
    before = goteo.tables()
    assert "1 the same" in goteo.imported(path)
    assert goteo.tables() == before


def test_whoever_was_imported_before_pictures_were_has_them_from_now_on(tmp_path):
    path = goteo.file(tmp_path, goteo.project())
    goteo.imported(path)
    before = references()
    RemoteImage.objects.all().delete()
    goteo.imported(path)
    assert references() == before


def test_the_entry_of_a_list_has_a_cover_and_takes_nothing_from_who_is_known_in_full(tmp_path):
    goteo.imported(goteo.file(tmp_path, goteo.listed(goteo.entry())))
    assert references() == [("COVER", 0, "https://goteo.org/img/medium/esquema-3.png")]
    goteo.imported(goteo.file(tmp_path, goteo.project()))
    before = references()
    assert len(before) == 10
    of_list = goteo.entry(id="llevamealhuerto", project_url="https://goteo.org/project/llevamealhuerto")
    goteo.imported(goteo.file(tmp_path, goteo.listed(of_list)))
    assert references() == before


def test_what_waits_follows_the_document_and_what_was_fetched_stays(tmp_path):
    goteo.imported(goteo.file(tmp_path, goteo.project()))
    fetched = RemoteImage.objects.filter(url__in=[COVER, GALLERY[0]])
    fetched.update(state=RemoteImageState.FETCHED, tried_at=timezone.now())
    failed = RemoteImage.objects.filter(url=GALLERY[1])
    failed.update(state=RemoteImageState.FAILED, reason="STATUS", tried_at=timezone.now())
    changed = goteo.project(
        image_url_big="https://goteo.org/new.png",
        image_gallery=[{"image-url": GALLERY[6]}, {"image-url": GALLERY[1]}, {"image-url": f"{BIG}/new.jpg"}],
    )
    goteo.imported(goteo.file(tmp_path, changed))
    found = RemoteImage.objects.order_by("kind", "position", "pk").values_list(
        "kind", "position", "url", "state"
    )
    assert list(found) == [
        ("AVATAR", 0, PORTRAIT, "WAITING"),
        ("COVER", 0, COVER, "FETCHED"),
        ("GALLERY", 0, GALLERY[0], "FETCHED"),
        ("GALLERY", 0, GALLERY[6], "WAITING"),
        # The same in the same place: why it failed is still known.
        ("GALLERY", 1, GALLERY[1], "FAILED"),
        ("GALLERY", 2, f"{BIG}/new.jpg", "WAITING"),
    ]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "javascript:alert(1)",
            "file:///etc/passwd",
            "//goteo.org/x.png",
            "img/x.png",
            "https://",
            "ftp://a.example/",
        ),
        *(
            "https://goteo.org/a b.png",
            "https://goteo.org/\n",
            "https://goteo.org/\u2028",
            f"https://a.example/{'a' * 2048}",
        ),
        *("", " ", "https://goteo.org/\x7f"),
    ],
)
def test_what_is_no_address_of_the_web_stays_in_the_source_alone(tmp_path, url):
    document = goteo.project(
        image_url_big=url,
        image_gallery=[{"image-url": url}, {"image-url": GALLERY[0]}, {"image-url": GALLERY[0]}, {}],
        user={**goteo.LLEVAMEALHUERTO["user"], "profile-image-url": url},
    )
    if not url:
        document["image-url"] = None
    goteo.imported(goteo.file(tmp_path, document))
    assert [one for one in references() if one[0] != "COVER"] == [("GALLERY", 0, GALLERY[0])]
    assert all(
        one[2] == "https://goteo.org/img/medium/inaki-y-senora.jpeg"
        for one in references()
        if one[0] == "COVER"
    )


def test_the_address_of_a_host_that_cannot_be_read_is_kept_without_a_credit(tmp_path):
    goteo.imported(goteo.file(tmp_path, goteo.project(image_url_big="https://[x/")))
    assert RemoteImage.objects.get(kind="COVER").credit == ""


def test_a_gallery_has_twenty_at_most(tmp_path):
    many = [{"image-url": f"{BIG}/{number}.jpg"} for number in range(50)]
    goteo.imported(goteo.file(tmp_path, goteo.project(image_gallery=many)))
    assert RemoteImage.objects.filter(kind="GALLERY").count() == 20


@pytest.mark.parametrize("value", [7, True, {"a": 1}, [None]])
def test_a_picture_that_is_no_text_refuses_the_file(tmp_path, value):
    with pytest.raises(CommandError, match="image-gallery"):
        goteo.imported(goteo.file(tmp_path, goteo.project(image_gallery=[{"image-url": value}])))
    assert not RemoteImage.objects.exists()


NEVER = {
    # Of both: the avatar that it is has one.
    "remote_image_is_of_one_thing": {"project": ...},
    "remote_image_is_of_a_kind_that_its_thing_has": {"kind": RemoteImageKind.COVER},
    "remote_image_is_at_an_address": {"url": "javascript:alert(1)"},
    "remote_image_says_what_became_of_it": {"state": RemoteImageState.FAILED},
}


@pytest.mark.parametrize("name", NEVER)
def test_postgresql_keeps_references_true(racing_cast, name):
    image = {"user": racing_cast.ana, "kind": RemoteImageKind.AVATAR, "url": "https://goteo.org/x"}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        changes = {key: racing_cast.project if value is ... else value for key, value in NEVER[name].items()}
        RemoteImage.objects.create(**{**image, **changes})


def test_a_project_names_an_address_once_and_has_one_cover(racing_cast):
    of = {"project": racing_cast.project, "url": "https://goteo.org/x"}
    RemoteImage.objects.create(**of, kind="COVER")
    for name, again in {
        "remote_image_is_named_once": {**of, "kind": "GALLERY"},
        "remote_cover_is_the_only_one": {**of, "kind": "COVER", "url": "https://goteo.org/y"},
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            RemoteImage.objects.create(**again)
    assert connection.is_usable()
