import pytest

from backend.accounts.actions import update_profile
from backend.accounts.models import User
from backend.core.refusals import Invalid, NotFound
from tests.cast import Cast
from tests.snapshots import refused, snapshot


def test_a_person_says_who_they_are(cast: Cast, recorded):
    changed = update_profile(
        by=cast.cy,
        display_name=" Cy  Díaz ",
        bio="I *dig*.\r\n<script>",
        location="Murcia",
        website="https://example.org/cy",
        skills=["Digging", "digging", "Árboles"],
        interests=["Water"],
        locale="es",
    )

    stored = User.objects.get(pk=cast.cy.pk)
    assert changed == stored
    assert (stored.display_name, stored.bio, stored.location) == ("Cy Díaz", "I *dig*.\n<script>", "Murcia")
    assert stored.bio_html == "<p>I <em>dig</em>.\n&lt;script&gt;</p>"
    assert (stored.website, stored.locale) == ("https://example.org/cy", "es")
    assert (stored.skills, stored.interests) == (["digging", "árboles"], ["water"])
    assert recorded() == []


def test_what_is_not_given_stays_and_what_is_empty_is_emptied(cast: Cast):
    update_profile(
        by=cast.cy, bio="I dig.", location="Murcia", website="https://example.org", skills=["digging"]
    )
    before = snapshot()
    assert update_profile(by=cast.cy) == cast.cy
    assert snapshot() == before

    changed = update_profile(by=cast.cy, bio="", website="", skills=[])
    assert (changed.bio, changed.bio_html, changed.website, changed.skills) == ("", "", "", [])
    assert changed.location == "Murcia"


def test_nothing_else_of_an_account_can_be_changed_here(cast: Cast):
    for field in ("is_staff", "email", "handle", "password", "follower_count", "bio_html"):
        with pytest.raises(TypeError):
            update_profile(by=cast.cy, **{field: "1"})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"display_name": ""}, "displayName"),
        ({"display_name": "x" * 61}, "displayName"),
        ({"display_name": "C\u202ey"}, "displayName"),
        ({"bio": "x" * 2_001}, "bio"),
        ({"bio": "a\0b"}, "bio"),
        ({"location": "x" * 101}, "location"),
        ({"location": "a\nb"}, "location"),
        ({"website": "example.org"}, "website"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "ftp://example.org"}, "website"),
        ({"website": "https://"}, "website"),
        ({"website": "https://exa mple.org"}, "website"),
        ({"website": "https://example.org/\ud800"}, "website"),
        ({"website": "https://example.org/\u202egpj"}, "website"),
        ({"website": "https://example.org/" + "x" * 181}, "website"),
        ({"skills": ["x"] * 21}, "skills"),
        ({"skills": ["x" * 41]}, "skills"),
        ({"skills": [""]}, "skills"),
        ({"interests": ["a\0"]}, "interests"),
        ({"interests": ["İ" * 40]}, "interests"),
        ({"locale": "spanish"}, "locale"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_nothing_beside_it_is_changed(
    cast: Cast, given: dict, field: str
):
    good = {"display_name": "Cy Two", "bio": "two", "location": "two", "skills": ["two"], "locale": "ca"}
    with refused(Invalid, field):
        update_profile(by=cast.cy, **{**good, **given})


def test_whoever_has_left_changes_nothing(cast: Cast):
    User.objects.filter(pk=cast.cy.pk).update(is_active=False)
    with refused(NotFound):
        update_profile(by=cast.cy, bio="still here")
