"""Camille's project in Toulouse: neighbours measure the air of their own street."""

from backend.projects.models import Category, Role, Verdict
from social.demo.script import Job, News, Said, Sheet, Story, Work
from social.updates.models import Audience

SHEET = Sheet(
    title="Vingt capteurs avant l'été",
    jobs=(
        Job(
            title="Souder les cartes des capteurs 11 à 20",
            body="Le kit est prêt, la notice aussi. On peut le faire chez soi ou le mercredi soir à l'atelier.",
            minutes=60,
            slots=5,
            skills=("électronique",),
            labels=("atelier",),
            work=(
                Work(
                    who="etienne",
                    acts=("submit", "accept"),
                    note="Quatre cartes, contrôlées à la loupe. Je n'ai brûlé que mon café.",
                    minutes=190,
                    answers=("Des soudures dignes d'un avion. Merci !",),
                ),
                Work(
                    who="yanis",
                    acts=("submit", "accept"),
                    note="Trois cartes. La 14 avait une diode à l'envers, c'est corrigé.",
                    minutes=120,
                    answers=("Parfait, et bien vu pour la diode.",),
                ),
                Work(who="jordi"),
            ),
        ),
        Job(
            title="Comparer nos mesures avec la station officielle",
            body="Deux capteurs côte à côte avec la station de la place, pendant quinze jours. Il faut quelqu'un pour "
            "le calcul.",
            minutes=240,
            skills=("statistiques",),
            labels=("données",),
            work=(
                Work(
                    who="dewi",
                    acts=("submit", "ask_for_changes", "submit", "accept"),
                    note="Good agreement (r = 0.91) once humidity is corrected for. Notebook and plots inside.",
                    links=("https://notebooks.example.org/toulouse-air",),
                    minutes=300,
                    answers=(
                        "Superbe ! Peux-tu refaire le graphique sans les deux jours de panne ?",
                        "C'est exactement ce qu'il nous fallait.",
                    ),
                ),
            ),
        ),
        Job(
            title="Imprimer dix boîtiers étanches",
            body="En PETG, pas en PLA : le premier a fondu au mois d'août.",
            minutes=600,
            slots=2,
            skills=("impression 3d",),
            labels=("atelier",),
            work=(
                Work(who="etienne", acts=("submit",), note="Six boîtiers sur dix, en orange.", minutes=400),
            ),
        ),
        Job(
            title="Écrire une leçon d'une heure pour le collège",
            body="Qu'est-ce qu'une particule fine ? Avec un filtre à café et de la vaseline.",
            minutes=180,
            skills=("pédagogie",),
            labels=("école",),
            work=(Work(who="margaux"),),
            thread=(
                Said("tomas", "¿La compartirás? La traduzco para mi clase de Murcia."),
                Said("margaux", "Avec plaisir ! Elle sera libre et pleine de fautes de frappe."),
            ),
        ),
        Job(
            title="Installer un capteur chez quelqu'un du rez-de-chaussée",
            body="Nous n'avons que des balcons. Les enfants, eux, respirent à un mètre du sol.",
            minutes=45,
            slots=4,
            labels=("quartier",),
            due_in_days=15,
        ),
        Job(
            title="Traduire la notice en occitan",
            body="Pour l'école calandreta.",
            minutes=90,
            closed=True,
            thread=(
                Said("camille", "Les élèves l'ont traduite eux-mêmes avant nous. Tâche fermée avec joie."),
            ),
        ),
    ),
)

STORY = Story(
    slug="l-air-de-la-rue",
    title="L'air de la rue",
    owner="camille",
    category=Category.SCIENTIFIC,
    locale="fr",
    community="citizen-science",
    location="Toulouse",
    days=34,
    tags=("air", "capteurs", "données ouvertes", "quartier"),
    summary="Des voisines et des voisins fabriquent des capteurs et mesurent l'air qu'ils respirent, rue par rue.",
    description="""\
La station officielle la plus proche est à deux kilomètres, dans un parc. Nous vivons sur un boulevard.

Nous construisons donc **vingt capteurs de particules fines** avec du matériel que l'on trouve partout, nous les posons \
aux fenêtres et nous publions les mesures toutes les dix minutes, sans filtre et sous licence libre.

Nous ne cherchons pas le scandale : nous cherchons à savoir. Si l'air est bon, nous le dirons aussi.
""",
    team=(("yanis", Role.ADMIN), ("margaux", Role.EDITOR)),
    reviews=((Verdict.APPROVE, "Méthode claire, limites dites. C'est un plaisir à lire."),),
    sheets=(SHEET,),
    news=(
        News(
            title="Première surprise : le dimanche soir",
            by="camille",
            body="""\
Nous attendions un pic le lundi matin. Il est **le dimanche soir, entre 19 h et 21 h** : les retours de week-end, et \
les barbecues. Nous n'accuserons personne, mais nous avons tous mangé des merguez.
""",
            thread=(
                Said(
                    "lucia",
                    "¿Separáis de alguna manera el humo de leña del tráfico?",
                    (
                        Said(
                            "camille",
                            "Con estos sensores, no. Con un filtro y una balanza prestada, un poco. Te escribo.",
                        ),
                    ),
                ),
                Said("etienne", "Je plaide coupable pour deux merguez."),
            ),
        ),
        News(
            title="La réunion avec la mairie",
            by="margaux",
            body="""\
La mairie nous a reçus une heure. Elle a demandé les données ; nous avons répondu qu'elle les avait déjà, comme tout le \
monde. Prochaine étape : une station mobile devant l'école, trois semaines en juin.
""",
            thread=(Said("rowan", "This is the most polite revolution I have followed."),),
        ),
        News(
            title="Entre nous : le capteur 7",
            by="yanis",
            audience=Audience.TEAM,
            body="Le 7 affiche zéro depuis mardi. Soit l'air est parfait rue des Filatiers, soit une araignée y habite.",
            thread=(Said("camille", "C'était une araignée. Elle a été relogée."),),
        ),
    ),
    thread=(
        Said(
            "gorka",
            "Zuen mapa erabil daiteke beste hiri batean? Guk paper-fabrika bat dugu ondoan.",
            (
                Said(
                    "yanis",
                    "Oui ! Tout est libre, il suffit de changer trois lignes. Je t'envoie lesquelles.",
                    (Said("gorka", "Merci! Eskerrik asko!"),),
                ),
            ),
        ),
        Said("hanna", "Ich übersetze euch die Anleitung gern ins Deutsche."),
    ),
)
