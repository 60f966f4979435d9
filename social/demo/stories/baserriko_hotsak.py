"""Amaia's project in Busturialdea: the sounds of the farms, recorded before they fall silent."""

from backend.projects.models import Category, Role, Verdict
from social.demo.script import Job, News, Said, Sheet, Story, Work
from social.updates.models import Audience

SHEET = Sheet(
    title="Udaberriko grabazioak",
    jobs=(
        Job(
            title="Hozkailuaren zarata kendu Ajangizko hiru grabaziotatik",
            body="Sukaldean grabatu genuen eta hozkailuaren burrunba entzuten da. Ahotsa ukitu gabe, mesedez.",
            minutes=120,
            skills=("soinu-edizioa",),
            labels=("soinua",),
            work=(
                Work(
                    who="maialen",
                    acts=("submit", "accept"),
                    note="Hozkailua isilik dago. Amamaren barrea utzi dut: hori ez da zarata.",
                    minutes=140,
                    answers=("Ederki! Eta barrea, betiko.",),
                ),
            ),
        ),
        Job(
            title="Grabazioak mapan kokatu",
            body="Hogeita bost grabazio, bakoitza bere baserrian. Koordenatuak koadernoan daude, eskuz idatzita.",
            minutes=180,
            slots=2,
            skills=("kartografia",),
            labels=("mapa",),
            work=(
                Work(
                    who="gorka",
                    acts=("submit", "ask_for_changes", "submit"),
                    note="Hogeita bostak jarrita daude.",
                    links=("https://mapak.example.org/baserriko-hotsak",),
                    minutes=200,
                    answers=(
                        "Bi baserri itsasoan daude! Begiratu hamaikagarrena eta hemeretzigarrena, mesedez.",
                    ),
                ),
                Work(who="irene"),
            ),
            thread=(
                Said(
                    "gorka",
                    "Barkatu, zenbakiak aldrebes irakurri nituen. Itsaspeko baserririk ez dugu, oraingoz.",
                    (Said("amaia", "Pena da, izen polita litzateke."),),
                ),
            ),
        ),
        Job(
            title="Koldorekin artaldearen irteera grabatu",
            body="Goizeko seietan, atarian. Mikrofono bi eta haizetakoa eraman.",
            minutes=150,
            labels=("soinua", "kanpoan"),
            due_in_days=9,
            work=(Work(who="amaia"),),
            thread=(
                Said("koldo", "Seietan ez, bost eta erdietan. Ardiek ez dute erlojurik, baina nik bai."),
                Said("amaia", "Bost eta erdietan, kafea neuk eramango dut."),
            ),
        ),
        Job(
            title="Elkarrizketak gaztelaniara eta frantsesera itzuli",
            body="Lau elkarrizketa labur. Azpitituluetarako da, beraz, esaldi laburrak.",
            minutes=240,
            slots=2,
            skills=("itzulpena",),
            labels=("hitzak",),
        ),
    ),
)

STORY = Story(
    slug="baserriko-hotsak",
    title="Baserriko hotsak",
    owner="amaia",
    category=Category.CULTURAL,
    locale="eu",
    community="busturialdea",
    location="Gernika-Lumo",
    days=41,
    tags=("soinua", "ahozko ondarea", "mapa"),
    summary="Baserrietako soinuak eta ahotsak grabatzen ditugu, denok entzun eta erabili ahal izateko.",
    description="""\
Errotaren hotsa, sega zorroztea, ardiei deitzeko modua, amamaren kontuak sukaldean. Soinu horiek egunero galtzen dira, \
eta inork ez du hutsunea entzuten.

Gure asmoa:

- eskualdeko berrogei baserritan grabatzea;
- grabazio guztiak mapa batean jartzea, herriz herri;
- dena lizentzia librearekin argitaratzea, eskolek, irratiek eta musikariek erabil dezaten.

Entzuten badakizu, lagun dezakezu.
""",
    team=(("gorka", Role.EDITOR), ("maialen", Role.COORDINATOR)),
    reviews=((Verdict.APPROVE, "Oso proiektu polita. Baimenen orria ere ondo dago. Aurrera!"),),
    sheets=(SHEET,),
    news=(
        News(
            title="Lehen hamar baserriak entzungai",
            by="amaia",
            body="""\
Gaurtik aurrera lehen **hamar baserriak** mapan entzun daitezke. Gomendioa: hasi Ajangizko atetik. Hogei segundo dira, \
eta ez da ezer gertatzen; baina ate hori ehun urtez ireki dute goizero.
""",
            thread=(
                Said("nuria", "He escoltat la porta tres vegades. Gràcies per gravar el no-res."),
                Said("beatriz", "Que beleza. Posso passar o portão na rádio, com o vosso nome?"),
                Said("amaia", "Claro que sim, Beatriz! É para isso."),
            ),
        ),
        News(
            title="Jarraitzaileentzat: entzunaldia Gernikan",
            by="gorka",
            audience=Audience.FOLLOWERS,
            body="""\
Hilaren azken ostiralean, arratsaldeko zazpietan, elkarrekin entzungo ditugu grabazio berriak, argiak itzalita. \
Hogeita hamar leku daude; jarraitzaileok lehenengo.
""",
            thread=(Said("koldo", "Joango naiz, baina argia itzalita lo hartzen dut."),),
        ),
    ),
    thread=(
        Said(
            "sabela",
            "En Santiago temos cintas dos anos oitenta con sons de muíños. Interésanvos?",
            (
                Said(
                    "amaia",
                    "Asko interesatzen zaizkigu! Digitalizatuta daude?",
                    (Said("sabela", "A metade. A outra metade ule a vinagre, hai que darse présa."),),
                ),
            ),
        ),
        Said(
            "dewi",
            "In Welsh we have a word for the sheep call and a different one for calling them back. Do you?",
        ),
        Said("koldo", "Bai: bata nik oihukatzen dut, eta bestea zakurrari uzten diot."),
    ),
)
