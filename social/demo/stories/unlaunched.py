"""Four projects that the public does not see yet, or never will: one in each status before the launch."""

from backend.projects.models import Category, ProjectStatus, Role, Verdict
from social.demo.script import Job, Sheet, Story

DRAFT = Story(
    slug="cuaderno-de-riegos",
    title="Cuaderno de riegos",
    owner="ana",
    category=Category.EDUCATIONAL,
    locale="es",
    community="vega-del-segura",
    location="Murcia",
    days=6,
    status=ProjectStatus.DRAFT,
    tags=("agua", "memoria"),
    summary="Un cuaderno para aprender a regar a manta antes de que se jubile el último que sabe.",
    description="Paco me ha contado veinte cosas sobre el agua que no están en ningún libro. (Seguir aquí.)",
    team=(("paco", Role.EDITOR),),
)

IN_REVIEW = Story(
    slug="taller-de-bicis-obert",
    title="Taller de bicis obert",
    owner="pau",
    category=Category.SOCIAL,
    locale="ca",
    community="vila-de-gracia",
    location="Barcelona",
    days=3,
    status=ProjectStatus.IN_REVIEW,
    tags=("bicicletes", "reparació"),
    summary="Un taller on la bici te l'arregles tu, amb eines bones i algú al costat que en sap.",
    description="""\
Tenim el local els dimarts i els dijous, tres peus de taller i una pila de bicicletes abandonades que l'ajuntament ens \
deixa desmuntar. Ens falten eines bones i quatre persones que vulguin ensenyar.

Ningú no paga per entrar. Qui pot, deixa el que costa una càmera; qui no pot, escombra.
""",
    team=(("merce", Role.EDITOR),),
)

APPROVED = Story(
    slug="il-forno-del-quartiere",
    title="Il forno del quartiere",
    owner="chiara",
    category=Category.SOCIAL,
    locale="it",
    location="Bologna",
    days=1.5,
    status=ProjectStatus.APPROVED,
    tags=("pane", "quartiere"),
    summary="Un forno a legna in mezzo al cortile, acceso una volta a settimana, per il pane di tutti.",
    description="""\
Il cortile c'è, i mattoni anche. Manca il forno. Lo costruiamo in quattro fine settimana, con chi sa e con chi vuole \
imparare, e lo accendiamo ogni sabato: ognuno porta il suo impasto e se ne va con il pane degli altri.

I disegni, le ricette e i turni della legna saranno liberi.
""",
    team=(("matteo", Role.COORDINATOR),),
    reviews=((Verdict.APPROVE, "Bellissimo. Potete partire quando l'impasto è pronto."),),
    sheets=(
        Sheet(
            title="Prima dell'accensione",
            jobs=(
                Job(
                    title="Contare i mattoni refrattari",
                    body="Ne servono duecentodieci. In cantina ne ho visti parecchi, ma al buio.",
                    minutes=60,
                ),
                Job(
                    title="Chiedere il permesso al condominio",
                    body="Portare dei grissini.",
                    minutes=90,
                    due_in_days=5,
                ),
            ),
        ),
    ),
)

REJECTED = Story(
    slug="living-water-magnet",
    title="The Living Water Magnet",
    owner="gerald",
    category=Category.TECHNOLOGICAL,
    locale="en",
    location="Norwich",
    days=15,
    status=ProjectStatus.REJECTED,
    tags=("magnets", "water"),
    summary="A magnet for your tap that makes the water remember it is alive.",
    description="""\
Ordinary tap water has forgotten where it comes from. My magnet, which fits any tap, restores its structure in eleven \
seconds. Tomatoes double. Cats prefer it. The patent office has asked me to stop writing.
""",
    reviews=(
        (
            Verdict.REQUEST_CHANGES,
            "Dear Gerald, we need a test that somebody else has repeated, and the plans under an open licence.",
        ),
        (
            Verdict.REJECT,
            "Thank you for the cat video. It is not the test that we asked for. If you publish the plans and somebody "
            "repeats the experiment, write to us again: we mean it.",
        ),
    ),
)

STORIES = (DRAFT, IN_REVIEW, APPROVED, REJECTED)
