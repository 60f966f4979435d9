"""Priya's project in Bristol: free firmware for routers that were thrown away."""

from backend.projects.models import Category, Role, Verdict
from social.demo.script import Job, News, Said, Sheet, Story, Work

SHEET = Sheet(
    title="Out of the skip",
    jobs=(
        Job(
            title="Write the unbricking guide for the three commonest models",
            body="With photographs of where the serial pins are. Assume the reader has never opened a router and is "
            "slightly afraid of it.",
            minutes=240,
            skills=("documentation",),
            labels=("docs",),
            work=(
                Work(
                    who="grace",
                    acts=("submit", "ask_for_changes", "submit", "accept"),
                    note="All three models, every step photographed on my kitchen table.",
                    links=("https://docs.example.org/second-life/unbrick",),
                    minutes=380,
                    answers=(
                        "Lovely. Step 6 says 'simply'. Could you un-simply it?",
                        "My mother followed it and now she has opinions about bootloaders. Accepted.",
                    ),
                ),
            ),
        ),
        Job(
            title="Sort the forty routers from the council's skip",
            body="Works, nearly works, parts. Label each with the form.",
            minutes=60,
            slots=4,
            labels=("hands",),
            work=(
                Work(
                    who="tom",
                    acts=("submit", "accept"),
                    note="Twenty-three work, nine nearly, eight are parts and one was full of ants.",
                    minutes=110,
                    answers=("The ants are not our department. Thank you!",),
                ),
                Work(who="noor", acts=("give_up",)),
            ),
        ),
        Job(
            title="Make the first-boot page usable on a phone",
            body="The save button is under the keyboard.",
            minutes=120,
            skills=("interaction design",),
            labels=("web",),
            work=(
                Work(
                    who="noor",
                    acts=("submit",),
                    note="One question per screen, the button always in reach. Tested on a bus.",
                    links=("https://noor.example.org/first-boot",),
                    minutes=150,
                ),
            ),
        ),
        Job(
            title="Build the image for the 2014 model with 4 MB of flash",
            body="It does not fit by 96 KB. Something has to go; tell us what before you take it out.",
            minutes=300,
            skills=("embedded linux",),
            labels=("firmware",),
            work=(Work(who="yanis"),),
            thread=(
                Said(
                    "yanis",
                    "Without IPv6 it fits with 11 KB to spare.",
                    (
                        Said(
                            "grace",
                            "Over my dead router.",
                            (
                                Said(
                                    "priya",
                                    "IPv6 stays. What about the seventeen translations of the word 'reboot'?",
                                    (Said("yanis", "That is 40 KB. I shall keep looking."),),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Job(
            title="Test the mesh across the allotments",
            body="Six routers, six sheds, one Saturday. Bring biscuits and a long extension lead.",
            minutes=300,
            slots=6,
            skills=("networking",),
            labels=("hands",),
            due_in_days=10,
            work=(Work(who="tom"), Work(who="bo")),
        ),
        Job(
            title="Ask the charity shops for their returns",
            body="A letter they can say yes to.",
            minutes=45,
            labels=("people",),
        ),
    ),
)

STORY = Story(
    slug="second-life-routers",
    title="Second Life Routers",
    owner="priya",
    category=Category.TECHNOLOGICAL,
    locale="en",
    community="tecnologia-libre",
    location="Bristol",
    days=30,
    tags=("free software", "repair", "mesh networks"),
    summary="We put free firmware on routers from the skip and give them to places that have no connection.",
    description="""\
Every time somebody changes provider, a working computer goes into the bin. It has a radio, an antenna and a power \
supply, and nobody owns the right to fix it except its maker, who has lost interest.

We fix it anyway:

1. collect routers from skips, councils and cupboards;
2. install free firmware and document every step;
3. give them to community halls, allotments and a women's refuge, with a phone number that a person answers.

The images, the guides and the list of what did not work are public.
""",
    team=(("grace", Role.EDITOR), ("tom", Role.COORDINATOR)),
    reviews=(
        (Verdict.APPROVE, "Clear, useful, funny. Please say in the text how data left on a router is wiped."),
    ),
    sheets=(SHEET,),
    news=(
        News(
            title="Router number 100 went to a lambing shed",
            by="priya",
            body="""\
Number one hundred lives in a lambing shed near Chew Magna, so that somebody can watch the ewes at three in the morning \
without putting her boots on. Uptime so far: **nine days, four lambs**.
""",
            thread=(
                Said("koldo", "Nik ere nahi dut bat!"),
                Said("priya", "Tell me your model of shed and I shall find you a router, Koldo."),
                Said("dewi", "Four lambs is a better metric than four nines."),
            ),
        ),
        News(
            title="What we got wrong in spring",
            by="grace",
            body="""\
- We bricked two routers by trusting a forum post from 2013.
- We gave a hall a router without asking where the sockets were.
- We said "simply" eleven times in the guide. We have counted. We are sorry.
""",
            thread=(
                Said("merce", "Aquesta llista val més que moltes memòries anuals."),
                Said("tom", "The hall now has a socket. I know because I fell over the lead."),
            ),
        ),
    ),
    thread=(
        Said(
            "etienne",
            "J'ai dix routeurs d'une ancienne usine. Je peux les envoyer ?",
            (
                Said(
                    "tom",
                    "Bien sûr ! Do they still have their power supplies?",
                    (Said("etienne", "Oui, et même les étiquettes d'inventaire de 2009."),),
                ),
            ),
        ),
        Said("jordi", "We could use three of these for the library in Gràcia. What do you need to know?"),
    ),
)
