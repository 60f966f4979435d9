"""The two boards of Huerta del río: work in every state."""

from social.demo.script import Job, Said, Sheet, Work

SPRING = Sheet(
    title="Primavera en la huerta",
    jobs=(
        Job(
            title="Medir el caudal de la acequia a la entrada",
            body="Con el vertedero triangular que dejó Paco junto a la compuerta. Tres lecturas, mañana y tarde, y "
            "apuntarlas en la libreta verde.",
            minutes=90,
            skills=("riego",),
            labels=("agua",),
            work=(
                Work(
                    who="paco",
                    acts=("submit", "accept"),
                    note="Once litros por segundo por la mañana y nueve por la tarde. Con eso regamos los doce "
                    "bancales en cuatro horas, si nadie se entretiene.",
                    minutes=100,
                    answers=("Perfecto, Paco. Ya está en el plan de riego.",),
                ),
            ),
        ),
        Job(
            title="Analizar la tierra de los doce bancales",
            body="pH, materia orgánica y sales. Hay bolsas y etiquetas en la caseta.",
            minutes=240,
            skills=("análisis de suelos",),
            labels=("suelo",),
            work=(
                Work(
                    who="lucia",
                    acts=("submit", "ask_for_changes", "submit", "accept"),
                    note="Resultados de los doce bancales en la hoja. El 7 y el 8 tienen sal: mejor acelga que judía.",
                    links=("https://datos.example.org/huerta/suelos",),
                    minutes=270,
                    answers=(
                        "Falta el bancal 11, el de la higuera. ¿Lo añades y lo cerramos?",
                        "Ahora sí, los doce. Gracias, Lucía.",
                    ),
                ),
            ),
            thread=(
                Said(
                    "fatima",
                    "¿La sal del 7 viene del riego o de antes?",
                    (
                        Said(
                            "lucia",
                            "De antes: ahí estuvo el corral. Con dos inviernos de compost y acelgas se va.",
                            (Said("fatima", "Pues acelgas. Ya sé qué comemos en abril."),),
                        ),
                    ),
                ),
            ),
        ),
        Job(
            title="Construir seis bancales de madera",
            body="Tablas de pino de 2 m, sin tratar. Los planos están dibujados; Bo tiene la sierra y las ganas. "
            "Uno por persona: traed guantes.",
            minutes=180,
            slots=6,
            skills=("carpintería",),
            labels=("construir",),
            due_in_days=12,
            work=(
                Work(
                    who="bo",
                    acts=("submit", "accept"),
                    note="El primero, para que se vea cómo van las esquinas.",
                    minutes=150,
                    answers=("Qué maravilla de ensamble.",),
                ),
                Work(
                    who="paco",
                    acts=("submit", "accept"),
                    note="Hecho con el nieto. Él dice que lo ha hecho él.",
                    minutes=200,
                    answers=("Dale las gracias al nieto.",),
                ),
                Work(
                    who="tomas",
                    acts=("submit",),
                    note="Con la clase de quinto: veintitrés niños y ningún martillazo en un dedo.",
                    minutes=240,
                ),
                Work(who="lucia"),
                Work(who="fatima", acts=("give_up",)),
            ),
            thread=(
                Said(
                    "tomas",
                    "¿Puedo traer a la clase de quinto? Son veintitrés y vienen con casco.",
                    (
                        Said(
                            "bo",
                            "¡Que vengan! Preparo las tablas ya cortadas y ellos atornillan.",
                            (
                                Said(
                                    "ana",
                                    "Y yo preparo limonada.",
                                    (Said("tomas", "Con eso ya habéis convencido a veintitrés."),),
                                ),
                            ),
                        ),
                    ),
                ),
                Said(
                    "fatima",
                    "Dejo mi sitio libre: esta semana tengo dos bodas que cocinar. El que viene, el mío.",
                    (Said("ana", "Tranquila, Fátima. Guárdanos pastel."),),
                ),
            ),
        ),
        Job(
            title="Dibujar el plano de la huerta para la entrada",
            body="Una lámina A2 que entienda quien entra por primera vez: bancales, acequia, caseta, sombra y baño.",
            minutes=360,
            skills=("ilustración",),
            labels=("comunicar",),
            work=(
                Work(
                    who="irene",
                    acts=("submit",),
                    note="Va la prueba a color. La higuera ha salido más grande que la caseta, pero es que lo es.",
                    links=("https://irenecosta.example.org/huerta/plano.png",),
                    minutes=420,
                ),
            ),
            thread=(
                Said("ana", "Me he reconocido en la que riega. ¿Tanto sombrero llevo?"),
                Said("irene", "És el barret qui et porta a tu."),
            ),
        ),
        Job(
            title="Traducir al inglés y al árabe los carteles de las plantas",
            body="Veinticuatro carteles de dos líneas. El texto está en la hoja compartida; una persona por idioma.",
            minutes=60,
            slots=2,
            skills=("traducción", "árabe"),
            labels=("comunicar",),
            work=(
                Work(
                    who="fatima",
                    acts=("submit", "accept"),
                    note="Los del árabe. «Pimiento de bola» no existe: he puesto «pimiento redondo para ñora».",
                    minutes=75,
                    answers=("Y así lo aprende todo el mundo. Gracias.",),
                ),
                Work(who="hanna"),
            ),
        ),
        Job(
            title="Limpiar la acequia antes de la tanda de abril",
            body="De la compuerta al sifón, unos ochenta metros. Botas, azada y ganas de charlar. Hay almuerzo.",
            minutes=240,
            slots=10,
            labels=("agua", "en grupo"),
            due_in_days=6,
            work=(
                Work(who="paco"),
                Work(who="bo"),
                Work(who="tomas"),
                Work(who="mateo", acts=("give_up",)),
            ),
            thread=(
                Said(
                    "mateo",
                    "Me apunté con el corazón, pero estoy a nueve mil kilómetros. Aquí la limpieza la hacemos en "
                    "minga, y al final siempre hay chicha y baile.",
                    (
                        Said(
                            "paco",
                            "Aquí se llama monda, y lo que hay al final es michirones.",
                            (Said("mateo", "Cambiaría la chicha por probarlos."),),
                        ),
                    ),
                ),
            ),
        ),
        Job(
            title="Sacar semilla del tomate de Alquerías",
            body="De las seis matas marcadas con hilo rojo. Fermentar tres días, lavar, secar a la sombra y etiquetar.",
            minutes=120,
            slots=2,
            skills=("horticultura",),
            labels=("semillas",),
            work=(Work(who="lucia"), Work(who="iris", acts=("take_back",))),
        ),
        Job(
            title="Arreglar la bomba vieja",
            body="No arranca desde otoño.",
            minutes=180,
            labels=("agua",),
            work=(Work(who="tom", acts=("give_up",)),),
            closed=True,
            thread=(
                Said(
                    "bo",
                    "Cierro esta tarea: con once litros por segundo por gravedad no hace falta bomba. La vieja se va "
                    "a la escuela de mecánica.",
                ),
                Said("tom", "Best repair of all: not needing it."),
            ),
        ),
        Job(
            title="Montar el riego por goteo del semillero",
            body="Cuarenta metros de tubo y ciento veinte goteros. La llave de paso ya está puesta.",
            minutes=150,
            slots=2,
            skills=("riego",),
            labels=("agua", "construir"),
            due_in_days=20,
        ),
        Job(
            title="Escribir las normas de convivencia en una página",
            body="Las hablamos en la asamblea de febrero; falta ponerlas en limpio, sin palabras raras.",
            minutes=90,
            skills=("edición",),
            labels=("comunicar",),
        ),
        Job(
            title="Fotografiar los bancales desde la azotea",
            body="El primer domingo de cada mes, a la misma hora, para ver cómo cambia. La llave la tiene Fátima.",
            minutes=30,
            skills=("fotografía",),
            labels=("comunicar",),
            work=(Work(who="tomas"),),
        ),
    ),
)

PAPERS = Sheet(
    title="Papeles y permisos",
    claim_hours=24 * 30,
    jobs=(
        Job(
            title="Pedir el turno de agua a la Junta de Hacendados",
            body="Con el plano y la lectura del caudal. El plazo acaba a fin de mes.",
            minutes=60,
            labels=("agua",),
            work=(
                Work(
                    who="paco",
                    acts=("submit", "accept"),
                    note="Presentado en mano. El secretario es hijo de Encarna y me ha sellado las dos copias.",
                    minutes=90,
                    answers=("¡Turno los martes de seis a diez! Gracias.",),
                ),
            ),
        ),
        Job(
            title="Comparar tres seguros de responsabilidad civil",
            body="Para sesenta personas y visitas de colegios. Una tabla con precio, cobertura y letra pequeña.",
            minutes=180,
            work=(
                Work(
                    who="bo",
                    acts=("submit", "ask_for_changes"),
                    note="He mirado tres. El segundo es el más barato.",
                    minutes=120,
                    answers=("¿Cubre el segundo a los niños de las visitas? Sin eso no podemos elegirlo.",),
                ),
            ),
        ),
    ),
)
