"""Rowan's project on the Welsh border: counting moths at garden sheets."""

from backend.projects.models import Category, Role, Verdict
from social.demo.script import Job, News, Said, Sheet, Story, Work

SHEET = Sheet(
    title="The May count",
    jobs=(
        Job(
            title="Check the identifications of last autumn",
            body="Four hundred photographs. Two pairs of eyes for each; if you disagree, both opinions stay.",
            minutes=300,
            slots=3,
            skills=("identification",),
            labels=("data",),
            work=(
                Work(
                    who="iris",
                    acts=("submit", "accept"),
                    note="One to two hundred. Number 118 is a leaf. A very good leaf.",
                    minutes=420,
                    answers=("The leaf has been released into the wild. Thank you, Iris.",),
                ),
                Work(who="dewi"),
            ),
            thread=(
                Said(
                    "iris",
                    "Whoever photographed 118: full marks for composition.",
                    (Said("rowan", "It moved! There was a breeze."),),
                ),
            ),
        ),
        Job(
            title="Write the one-page 'hang a sheet' guide",
            body="A sheet, a lamp, a notebook. What to do about wasps. What not to do about wasps.",
            minutes=120,
            labels=("docs",),
            work=(
                Work(
                    who="margaux",
                    acts=("submit",),
                    note="Version française et version anglaise, testées par deux classes.",
                    minutes=140,
                ),
            ),
        ),
        Job(
            title="Count on your own sheet on the night of the 20th",
            body="From dusk for one hour, anywhere in the world. Zero moths is a result.",
            minutes=75,
            slots=50,
            labels=("together",),
            due_in_days=13,
            work=(
                Work(who="rowan"),
                Work(who="iris"),
                Work(who="lucia"),
                Work(who="noor"),
                Work(who="gerald", acts=("give_up",)),
            ),
            thread=(
                Said("gerald", "My lamp has a magnet in it. Is that allowed?"),
                Said("rowan", "It is allowed. Please write it down, and the moths will decide."),
            ),
        ),
        Job(
            title="Draw the map of where it is still dark",
            body="From the open light-pollution data, for the five counties of the border.",
            minutes=240,
            skills=("r", "maps"),
            labels=("data",),
        ),
    ),
)

STORY = Story(
    slug="moths-by-lamplight",
    title="Moths by Lamplight",
    owner="rowan",
    category=Category.SCIENTIFIC,
    locale="en",
    community="citizen-science",
    location="Ludlow",
    days=18,
    tags=("moths", "dark skies", "open data"),
    summary="Hang up a white sheet, switch on a lamp, count for an hour. Four hundred gardens make a map.",
    description="""\
Butterflies have admirers. Moths do nine tenths of the work and get the jumper jokes.

Once a month we hang white sheets in our gardens and count what comes. We publish every count, the empty ones too, and \
a retired biology teacher answers every photograph within three days.

With two more years of counts we can say whether the new streetlights on the border made a difference. Nobody else is \
looking.
""",
    team=(("iris", Role.EDITOR), ("dewi", Role.COORDINATOR)),
    reviews=((Verdict.APPROVE, "Delightful and rigorous. Launch it before May."),),
    sheets=(SHEET,),
    news=(
        News(
            title="April: 61 gardens, 1,204 moths, one bat",
            by="rowan",
            body="""\
Cold and clear, so fewer than last year, but a **blossom underwing** turned up in Clun, which has not been seen there \
since 1974. The bat ate two of the records. We have written that down as well.
""",
            thread=(
                Said("iris", "I taught the girl who recorded the one in 1974. She rang me in tears."),
                Said(
                    "ana",
                    "Aquí salieron cinco en la sábana de la higuera. Fátima las ha bautizado a todas.",
                    (Said("rowan", "Please send the names. And the photographs. In that order."),),
                ),
                Said("camille", "Peut-on croiser vos comptages avec nos mesures d'air ? J'ai une idée."),
            ),
        ),
    ),
    thread=(
        Said(
            "margaux",
            "Is there a minimum age? My pupils are eleven and very awake.",
            (Said("iris", "The best counter we have is six. She has never once been tempted to round up."),),
        ),
    ),
)
