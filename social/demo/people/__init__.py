"""Forty people of the demo, and the communities that some of them follow."""

from backend.communities.models import CommunityKind
from social.demo.people import beyond, north_and_west, south_and_east
from social.demo.script import Group

#: Who may log in, all with the same password; the others are there to be met.
PASSWORD = "riega-la-huerta"  # noqa: S105  # Public on purpose: the demo is refused outside development.
LOGINS = {
    "ana": "owns Huerta del río, and has a draft",
    "bo": "coordinates Ana's board, and works on others",
    "sol": "is staff: reviews projects, opens /admin/",
}


def address(handle: str) -> str:
    """The e-mail address of one of them; the handle `staff` is kept for the house."""
    return f"{'staff' if handle == 'sol' else handle}@example.org"


COMMUNITIES = (
    Group(
        slug="vega-del-segura",
        name="Vega del Segura",
        kind=CommunityKind.LOCAL,
        place="Murcia, España",
        summary="Las huertas, las acequias y la gente de la vega: quien riega, quien cocina y quien aprende.",
    ),
    Group(
        slug="vila-de-gracia",
        name="Vila de Gràcia",
        kind=CommunityKind.LOCAL,
        place="Barcelona, Catalunya",
        summary="Veïnes i veïns que comparteixen eines, locals i hores a les places de Gràcia.",
    ),
    Group(
        slug="busturialdea",
        name="Busturialdea",
        kind=CommunityKind.LOCAL,
        place="Bizkaia, Euskal Herria",
        summary="Eskualdeko herri eta auzoetako proiektuak, elkarrekin.",
    ),
    Group(
        slug="citizen-science",
        name="Citizen science",
        kind=CommunityKind.THEMATIC,
        summary="We measure what matters where we live: air, water, light and moths. No degree needed.",
    ),
    Group(
        slug="tecnologia-libre",
        name="Tecnología libre",
        kind=CommunityKind.THEMATIC,
        summary="Programas, aparatos y planos que cualquiera puede abrir, entender y arreglar.",
    ),
)

PEOPLE = (*south_and_east.PEOPLE, *north_and_west.PEOPLE, *beyond.PEOPLE)
