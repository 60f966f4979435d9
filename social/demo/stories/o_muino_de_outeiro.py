"""Uxía's project in Galicia: a village watermill that is to grind again."""

from backend.projects.models import Category, Role, Verdict
from social.demo.script import Job, News, Said, Sheet, Story, Work

SHEET = Sheet(
    title="Que volva moer",
    jobs=(
        Job(
            title="Rozar o camiño ata o muíño",
            body="Douscentos metros de silvas. Fouce, luvas e manga longa.",
            minutes=240,
            slots=8,
            labels=("fóra",),
            work=(
                Work(
                    who="brais",
                    acts=("submit", "accept"),
                    note="Apareceu unha fonte debaixo das silvas. Con auga.",
                    minutes=300,
                    answers=("Miña avoa dicía que había unha! Grazas, Brais.",),
                ),
                Work(
                    who="uxia",
                    acts=("submit",),
                    note="A miña parte, e tres rabuñazos.",
                    minutes=240,
                ),
                Work(who="sabela"),
            ),
        ),
        Job(
            title="Recoller a pedra caída do muro norte",
            body="Numerar con xiz antes de mover nada: o muro vólvese montar igual.",
            minutes=300,
            slots=2,
            skills=("cantería",),
            labels=("pedra",),
            work=(
                Work(
                    who="brais",
                    acts=("submit", "ask_for_changes"),
                    note="Sesenta e catro pedras numeradas e apiladas.",
                    minutes=320,
                    answers=("Podes subir tamén a foto de cada fila? Sen ela non sabemos cal ía arriba.",),
                ),
                Work(who="matteo"),
            ),
            thread=(
                Said(
                    "matteo",
                    "Vengo a giugno con la mazzetta. In Italia i muri a secco li facciamo con il vino.",
                ),
                Said("brais", "Aquí tamén. Non o poñas na memoria do proxecto."),
            ),
        ),
        Job(
            title="Ler o preito de 1762 sobre as quendas de auga",
            body="Once folios no arquivo. Só cómpre transcribir os nomes e os días.",
            minutes=480,
            skills=("paleografía",),
            labels=("papeis",),
            work=(
                Work(
                    who="sabela",
                    acts=("submit", "accept"),
                    note="Catorce veciños con día e hora. Os martes moía a avoa da túa avoa.",
                    links=("https://arquivo.example.org/outeiro/1762",),
                    minutes=600,
                    answers=("Estou chorando no autobús. Grazas.",),
                ),
            ),
        ),
        Job(
            title="Facer os planos do rodicio",
            body="O vello está podre, pero enteiro: pódese medir.",
            minutes=240,
            skills=("carpintaría", "debuxo técnico"),
            labels=("madeira",),
            work=(Work(who="bo"),),
            thread=(
                Said(
                    "bo",
                    "¿Castaño o roble? En Suecia sería pino y duraría un invierno.",
                    (
                        Said("uxia", "Castiñeiro. Hai un caído na chousa do Manuel dende o temporal."),
                        Said("paco", "Castaño, y que no se seque nunca del todo."),
                    ),
                ),
            ),
        ),
        Job(
            title="Gravar as historias de quen levaba o gran",
            body="Quedan cinco persoas. A máis nova ten oitenta e un anos.",
            minutes=180,
            slots=2,
            labels=("memoria",),
        ),
    ),
)

STORY = Story(
    slug="o-muino-de-outeiro",
    title="O muíño de Outeiro",
    owner="uxia",
    category=Category.CULTURAL,
    locale="gl",
    location="Lalín",
    days=33,
    tags=("patrimonio", "auga", "pedra"),
    summary="Queremos que o muíño comunal de Outeiro volva moer, coas mesmas quendas de auga de hai douscentos anos.",
    description="""\
O muíño de Outeiro foi de todas as casas da aldea: cada unha tiña o seu día e ninguén tiña a chave. Parou en 1968. O \
tellado caeu no 94 e a moa segue alí, agardando.

Imos erguer o muro, facer un rodicio novo e abrir outra vez a presa. Cando moa, moerá para quen traia gran, por quendas, \
como sempre.

Todo o que fagamos quedará contado e debuxado, porque na comarca hai corenta e sete muíños coma este.
""",
    team=(("brais", Role.COORDINATOR),),
    reviews=(
        (
            Verdict.REQUEST_CHANGES,
            "Falta dicir de quen é o muíño hoxe e se todos os veciños están de acordo. Con iso, adiante.",
        ),
        (Verdict.APPROVE, "Coa acta da comunidade de veciños queda claro. Parabéns."),
    ),
    sheets=(SHEET,),
    news=(
        News(
            title="Atopamos a fonte",
            by="uxia",
            body="""\
Debaixo das silvas estaba a **fonte da que falaba a miña avoa**. Ten unha data: 1811. Brais bebeu e segue vivo, así \
que a damos por boa.
""",
            thread=(
                Said(
                    "paco",
                    "Enhorabuena. Una fuente que mana después de cincuenta años tapada es agua honrada.",
                ),
                Said(
                    "mateo",
                    "¿Tienen medido cuánto da? Con un cubo y un reloj basta.",
                    (Said("uxia", "Un caldeiro de dez litros en corenta e un segundos!"),),
                ),
            ),
        ),
        News(
            title="Catorce nomes e catorce días",
            by="uxia",
            body="""\
Sabela leu o preito de 1762. Xa sabemos quen moía cada día, e dez daqueles catorce apelidos seguen na aldea. Este \
domingo, despois da misa, repartimos outra vez os días. Por sorteo, que en 1762 acabaron a paus.
""",
            thread=(
                Said(
                    "chiara",
                    "Se mi mandate un chilo della prima farina, ci faccio il pane per l'inaugurazione.",
                ),
                Said("sabela", "Tócame o xoves. Non teño gran, pero teño o xoves."),
            ),
        ),
    ),
    thread=(
        Said(
            "amaia",
            "Errota martxan jartzen duzuenean, grabatzera joan gaitezke?",
            (Said("uxia", "Vide! O primeiro son é para vós."),),
        ),
    ),
)
