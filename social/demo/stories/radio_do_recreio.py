"""Teresa's project in Setúbal: a school radio made in the break."""

from backend.projects.models import Category, Role, Verdict
from social.demo.script import Job, News, Said, Sheet, Story, Work

SHEET = Sheet(
    title="Segunda temporada",
    jobs=(
        Job(
            title="Forrar o armário das vassouras com cortiça",
            body="É o nosso estúdio. Mede 1,80 por 1,20 e cheira a lixívia.",
            minutes=240,
            slots=2,
            skills=("carpintaria",),
            labels=("estúdio",),
            work=(
                Work(
                    who="joao",
                    acts=("submit", "accept"),
                    note="Cortiça nas quatro paredes e na porta. As vassouras mudaram-se para o corredor.",
                    minutes=260,
                    answers=("Já não se ouve o autocarro! Obrigada, João.",),
                ),
                Work(
                    who="teresa",
                    acts=("submit",),
                    note="O teto. Estou coberta de cola.",
                    minutes=120,
                ),
            ),
        ),
        Job(
            title="Ensinar a cortar uma entrevista em três minutos",
            body="Uma oficina de uma hora para doze repórteres dos oito aos dez anos.",
            minutes=90,
            skills=("edição de som",),
            labels=("oficina",),
            work=(
                Work(
                    who="beatriz",
                    acts=("submit", "accept"),
                    note="Feita. Aprenderam a cortar e ensinaram-me a perguntar «e depois?».",
                    minutes=100,
                    answers=("Não se fala de outra coisa. Voltas?",),
                ),
            ),
        ),
        Job(
            title="Desenhar o cartaz da segunda temporada",
            body="Para ler do outro lado do pátio. Com um microfone que não pareça um gelado.",
            minutes=180,
            skills=("design gráfico",),
            labels=("cartaz",),
            work=(
                Work(
                    who="ines",
                    acts=("submit", "ask_for_changes"),
                    note="Vai a prova em duas cores.",
                    links=("https://ines.example.org/recreio/cartaz",),
                    minutes=150,
                    answers=(
                        "A turma votou: o microfone continua a parecer um gelado. Mas querem o gelado!",
                    ),
                ),
            ),
            thread=(
                Said("ines", "Gelado de quê? É uma pergunta séria."),
                Said("teresa", "Morango. Ganhou por dezassete votos contra cinco."),
            ),
        ),
        Job(
            title="Gravar o porto às cinco da manhã",
            body="Gaivotas, guinchos, o leilão do peixe. Um adulto por cada dois repórteres.",
            minutes=120,
            slots=3,
            labels=("fora",),
            due_in_days=8,
            work=(Work(who="joao"),),
        ),
        Job(
            title="Legendar os episódios para quem não ouve",
            body="Dez episódios de seis minutos. Há um aluno surdo na turma B e ele é o diretor de programas.",
            minutes=60,
            slots=5,
            skills=("legendas",),
            labels=("acessibilidade",),
        ),
    ),
)

STORY = Story(
    slug="radio-do-recreio",
    title="Rádio do Recreio",
    owner="teresa",
    category=Category.EDUCATIONAL,
    locale="pt",
    location="Setúbal",
    days=27,
    tags=("escola", "rádio", "crianças"),
    summary="Uma rádio feita no intervalo por repórteres dos oito aos dez anos, num armário de vassouras.",
    description="""\
Todos os dias, entre as 10h30 e as 11h00, um armário de vassouras transforma-se em estúdio. Doze crianças escolhem o \
tema, fazem as perguntas e cortam o som. Os adultos carregam nos botões só quando lhes pedem.

Queremos uma segunda temporada com melhor som, com legendas e com um guia para que outras escolas façam a sua. O guia \
será livre e será escrito por quem sabe: as crianças.
""",
    team=(("beatriz", Role.COORDINATOR), ("joao", Role.EDITOR)),
    reviews=((Verdict.APPROVE, "As autorizações das famílias estão em ordem e a ideia é ótima. Força!"),),
    sheets=(SHEET,),
    news=(
        News(
            title="Entrevistámos o presidente da junta",
            by="teresa",
            body="""\
A pergunta da Matilde, de oito anos, foi: **«Quando diz que vai ver, vê mesmo?»**

Seguiram-se onze segundos de silêncio. A Beatriz não deixou cortar nenhum.
""",
            thread=(
                Said("beatriz", "Foram os melhores onze segundos da minha carreira."),
                Said(
                    "tomas",
                    "Mi clase quiere entrevistar a la vuestra. ¿Nos prestáis a Matilde?",
                    (
                        Said(
                            "teresa",
                            "A Matilde diz que sim, se lhe mostrarem as minhocas.",
                            (Said("tomas", "Trato hecho. Manolo ya se está peinando."),),
                        ),
                    ),
                ),
                Said("maialen", "Hamaika segundo horiek gorde itzazue betiko."),
            ),
        ),
        News(
            title="O estúdio já não cheira a lixívia",
            by="joao",
            body="""\
Cheira a cortiça e a cola. A minha filha mais nova diz que agora a voz dela é «de gente crescida». Venham ouvir na \
sexta, trazemos sardinhas.
""",
            thread=(Said("margaux", "Mes élèves demandent si les sardines parlent aussi à la radio."),),
        ),
    ),
    thread=(
        Said("amaia", "Zer mikrofono erabiltzen duzue? Guk haizearekin borrokan jarraitzen dugu."),
        Said("joao", "Um de trinta euros e uma meia da minha filha mais velha. A meia é o segredo."),
    ),
)
