from backend.core.holdings import Fate, Holding, Told
from backend.imports.models import RemoteImage


def _forget(person: int, most: int) -> int:
    # There is one at most.
    return RemoteImage.objects.filter(user=person).delete()[0]


HOLDINGS = (
    Holding(
        name="remote_picture",
        single=True,
        says="where your picture was, on the platform that your account was imported from.",
        model=RemoteImage,
        whose="user",
        columns={
            "url": Told("Its address there.", Fate.DELETED),
            "credit": Told("Whom it is owed to.", Fate.DELETED),
            "licence": Told("Under which licence.", Fate.DELETED),
            "state": Told("Whether it was fetched.", Fate.DELETED),
            "reason": Told("Why it was not.", Fate.DELETED),
            "created_at": Told("Since when we know of it.", Fate.DELETED),
            "tried_at": Told("When it was fetched, or tried.", Fate.DELETED),
        },
        erase=_forget,
    ),
)

NOT_PERSONAL = {
    # Those of a project are as public as the project was.
    RemoteImage: ("id", "project", "user", "kind", "position"),
}
