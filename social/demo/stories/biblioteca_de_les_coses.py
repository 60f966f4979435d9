"""Mercè's project in Gràcia: a library that lends things."""

from backend.projects.models import Category, Role, Verdict
from social.demo.script import Job, News, Said, Sheet, Story, Work

SHEET = Sheet(
    title="Obrim cada dissabte",
    jobs=(
        Job(
            title="Catalogar les setanta eines de la donació del taller",
            body="Foto, nom, estat i un número enganxat. Amb la plantilla del catàleg, cinc minuts cadascuna.",
            minutes=360,
            slots=3,
            skills=("catalogació",),
            labels=("catàleg",),
            work=(
                Work(
                    who="nuria",
                    acts=("submit", "accept"),
                    note="De l'1 al 30. He fusionat «tornavís» i «tornavis»: érem dos països.",
                    minutes=150,
                    answers=("Gràcies, Núria. La unificació ha anat molt bé.",),
                ),
                Work(
                    who="jordi",
                    acts=("submit", "accept"),
                    note="Del 31 al 55, amb codi de barres.",
                    minutes=130,
                    answers=("El lector pita la mar de bé.",),
                ),
                Work(who="pau"),
            ),
        ),
        Job(
            title="Fer que l'avís de retorn arribi dos dies abans",
            body="Ara arriba el mateix dia i la gent ja és a la feina.",
            minutes=90,
            skills=("python",),
            labels=("web",),
            work=(
                Work(
                    who="jordi",
                    acts=("submit", "accept"),
                    note="Canviat i provat amb el meu propi préstec del trepant, que vaig tornar tard.",
                    links=("https://codi.example.org/biblioteca/avisos/12",),
                    minutes=80,
                    answers=("Queda perdonada la multa.",),
                ),
            ),
        ),
        Job(
            title="Cosir bosses per a les eines petites",
            body="Roba de cortina vella, cordó i etiqueta. El patró és penjat al tauler del local.",
            minutes=45,
            slots=4,
            skills=("costura",),
            work=(
                Work(
                    who="aicha",
                    acts=("submit",),
                    note="Deu bosses de mida mitjana. La tela estampada és la de la meva cuina d'abans.",
                    minutes=200,
                ),
                Work(who="merce"),
            ),
            thread=(
                Said("nuria", "La de les flors és per a l'aparell de la raclette, oi?"),
                Said("aicha", "Evidentment."),
            ),
        ),
        Job(
            title="Fer més curta la pàgina per donar-se d'alta",
            body="Perdem mitja gent a la tercera pregunta. Es pot fer en català, castellà o anglès.",
            minutes=120,
            skills=("disseny d'interacció",),
            labels=("web",),
            work=(
                Work(
                    who="noor",
                    acts=("submit", "ask_for_changes"),
                    note="Three questions instead of eleven, tested with five people at the door on Saturday.",
                    links=("https://noor.example.org/join-a-library",),
                    minutes=160,
                    answers=(
                        "M'encanta. Falta el telèfon: sense telèfon no podem avisar si una eina és perillosa.",
                    ),
                ),
            ),
        ),
        Job(
            title="Trobar un local més gran a menys de deu minuts",
            body="Amb aigua, planta baixa i un lloguer que puguem dir en veu alta.",
            minutes=300,
            labels=("local",),
        ),
        Job(
            title="Portar la caixa dels dissabtes",
            body="De deu a dues, un dissabte al mes.",
            minutes=240,
            slots=2,
            work=(Work(who="pau", acts=("give_up",)), Work(who="bo")),
        ),
    ),
)

STORY = Story(
    slug="biblioteca-de-les-coses",
    title="Biblioteca de les coses",
    owner="merce",
    category=Category.SOCIAL,
    locale="ca",
    community="vila-de-gracia",
    location="Barcelona",
    days=38,
    tags=("préstec", "eines", "veïnat", "reparació"),
    summary="Un trepant treballa tretze minuts a la vida. El nostre treballa cada dia, en mans diferents.",
    description="""\
Vam començar amb un armari al replà: un trepant, una escala i una màquina de fer crêpes. Avui tenim **tres-centes \
dotze coses** i un local petit al carrer de Verdi.

Qualsevol persona del barri se'n pot fer sòcia i endur-se fins a tres coses durant una setmana. Si una cosa es trenca, \
l'arreglem junts el dijous al vespre; si no es pot arreglar, la desmuntem i n'aprenem.

El catàleg, el programa de préstec i el reglament són lliures, perquè cada barri pugui tenir la seva.
""",
    team=(("jordi", Role.EDITOR), ("nuria", Role.COORDINATOR)),
    reviews=((Verdict.APPROVE, "Molt clar, i el reglament és una joia. Endavant."),),
    sheets=(SHEET,),
    news=(
        News(
            title="Tres-centes coses",
            by="merce",
            body="""\
La cosa número tres-cents és una **màquina de fer pasta** que va portar la senyora Remei. L'ha tinguda quaranta anys a \
la caixa «per si de cas». El cas ha arribat.
""",
            thread=(
                Said("chiara", "Se la pasta viene dura, chiamatemi."),
                Said(
                    "pau",
                    "I la cosa tres-cents u?",
                    (Said("merce", "Un trepant. Sempre és un trepant."),),
                ),
            ),
        ),
        News(
            title="El que més es presta i el que no es presta mai",
            by="jordi",
            body="""\
Dades de l'any, amb el codi per refer-les:

| cosa | préstecs |
|---|---|
| netejadora de vapor | 61 |
| escala de tres metres | 48 |
| projector | 44 |
| fondue | 1 |

La fondue va tornar el mateix dia.
""",
            thread=(
                Said("hanna", "Me da pena la fondue. La reservo para el invierno."),
                Said(
                    "priya",
                    "Is the lending software public? A friend in Bristol is about to write one from scratch.",
                    (
                        Said(
                            "jordi",
                            "Yes, AGPL, link in the description. Please tell them not to write another one. We did, "
                            "twice.",
                            (Said("tom", "The friend is me. I have stopped typing."),),
                        ),
                    ),
                ),
            ),
        ),
    ),
    thread=(
        Said(
            "ana",
            "Aquí en Murcia guardamos quince azadas que solo se usan un sábado al mes. ¿Cómo hacéis con las fianzas?",
            (
                Said(
                    "merce",
                    "Sin fianza hasta cincuenta euros de valor. En cuatro años han dejado de volver dos cosas, y una "
                    "era una fondue.",
                    (Said("bo", "Entonces la fondue sí se presta."),),
                ),
            ),
        ),
        Said("noor", "I borrowed the ladder on holiday. Best souvenir."),
    ),
)
