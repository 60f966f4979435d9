"""Ana's project: the one that the first query shows, with work in every state."""

from backend.projects.models import Category, Role, Verdict
from social.demo.script import News, Said, Story
from social.demo.stories.huerta_del_rio_boards import PAPERS, SPRING
from social.updates.models import Audience

STORY = Story(
    slug="huerta-del-rio",
    title="Huerta del río",
    owner="ana",
    category=Category.ECOLOGICAL,
    locale="es",
    community="vega-del-segura",
    location="Murcia",
    days=45,
    tags=("huerta", "agua", "semillas", "barrio"),
    summary="Media hectárea abandonada junto al Segura que volvemos a regar entre todos, con la acequia de siempre.",
    description="""\
Junto al río quedaba media hectárea llena de cañas. La acequia seguía ahí, debajo: bastó con quitar el barro para que \
volviera a correr.

## Qué hacemos

- Doce bancales compartidos: nadie tiene parcela, todos tenemos hambre.
- Semillas de la vega (tomate de Alquerías, pimiento de bola, alficoz) que se prestan y se devuelven multiplicadas.
- Los jueves, la escuela. Los sábados, almuerzo para quien haya venido, y para quien no.

## Qué devolvemos

Todo lo que aprendemos queda escrito y libre: los planos de los bancales, el análisis de la tierra, las lecturas del \
caudal y las recetas de Fátima. Quien quiera hacer otra huerta, que copie ésta.
""",
    team=(("bo", Role.COORDINATOR), ("lucia", Role.EDITOR)),
    reviews=((Verdict.APPROVE, "Se entiende, se puede copiar y tiene quien la riegue. Adelante."),),
    sheets=(SPRING, PAPERS),
    news=(
        News(
            title="Ya corre el agua",
            by="ana",
            body="""\
Ayer a las siete y diez de la mañana Paco levantó la compuerta y el agua tardó **diecinueve minutos** en llegar al \
último bancal. Nadie dijo nada hasta que llegó. Luego hablamos todos a la vez.

Gracias a las treinta y una personas que sacaron barro en febrero. Hay fotos en la caseta y agujetas en todas partes.
""",
            thread=(
                Said(
                    "fatima",
                    "Diecinueve minutos que se me hicieron un Ramadán.",
                    (Said("ana", "Y el café que trajiste después, ¿qué?"),),
                ),
                Said(
                    "mateo",
                    "Desde Cochabamba: felicidades. ¿Qué pendiente tiene el ramal? Aquí con menos del dos por mil se "
                    "nos queda la arena.",
                    (
                        Said(
                            "paco",
                            "Uno y medio por mil, y sí, se queda. Por eso la monda es cada año y no cada dos.",
                            (
                                Said(
                                    "mateo",
                                    "Entonces somos vecinos de verdad.",
                                ),
                            ),
                        ),
                    ),
                ),
                Said("uxia", "Que envexa máis boa. Aquí a auga aínda ten que atopar o muíño."),
            ),
        ),
        News(
            title="El sábado, seis bancales de una vez",
            by="lucia",
            body="""\
Este sábado construimos seis bancales. Bo trae la sierra; Tomás, a veintitrés niños con casco; y nosotras, la comida.

1. De nueve a once, cortar y presentar.
2. De once a una, atornillar.
3. A la una, arroz.

Si vienes, coge tu sitio en el tablero para que sepamos cuántos platos poner.
""",
            thread=(
                Said("chiara", "Porto il pane, se mi aspettate un mese!"),
                Said("bo", "El arroz sin lima, por favor. Después de Gotemburgo ya he sufrido bastante."),
            ),
        ),
        News(
            title="Para quien nos sigue: reparto de plantel",
            by="ana",
            audience=Audience.FOLLOWERS,
            body="""\
Han sobrado **doscientas matas** de tomate de Alquerías. Antes de ofrecerlas en el mercado, son para quien nos sigue: \
el viernes de cinco a ocho, en la caseta. Traed caja y, si podéis, devolved semilla en septiembre.
""",
            thread=(
                Said("tomas", "La clase de quinto adopta veintitrés."),
                Said("fatima", "Yo dos cajas. Y devuelvo salsa, que también es semilla."),
            ),
        ),
        News(
            title="Solo para el equipo: cuentas de marzo",
            by="ana",
            audience=Audience.TEAM,
            body="""\
Hemos gastado 214 € en tabla y tornillo, y 38 € en tubo. Quedan 90 €. El seguro no puede esperar a mayo: Bo, en cuanto \
tengas la tabla comparada, lo llevamos a la asamblea.
""",
            thread=(
                Said("bo", "La tengo el domingo. Me falta una respuesta por escrito de la segunda compañía."),
            ),
        ),
        News(
            title="Lo que aprendimos del primer trimestre",
            by="ana",
            published=False,
            body="""\
Borrador. Contar:

- que el bancal de la higuera da más sombra de la que pensábamos;
- cuánta agua ahorra el acolchado (Lucía tiene los números);
- que se nos olvidó poner un banco para sentarse.
""",
        ),
    ),
    thread=(
        Said(
            "hanna",
            "Vengo de un huerto comunitario en Leipzig. ¿Cómo decidís qué se planta si no hay parcelas?",
            (
                Said(
                    "ana",
                    "En la asamblea de cada estación. Cada persona trae una planta que quiere y una que ya no quiere "
                    "ver ni en pintura. Las acelgas generan debate.",
                    (
                        Said(
                            "hanna",
                            "Bei uns ist es der Kohlrabi. Me llevo la idea.",
                            (
                                Said(
                                    "lucia",
                                    "Si queréis el acta de la última, está publicada. Son dos páginas y hay una firma "
                                    "que es un dibujo de una berenjena.",
                                    (Said("hanna", "La berenjena tiene quórum."),),
                                ),
                            ),
                        ),
                    ),
                ),
                Said("paco", "Y si no hay acuerdo, se planta pimiento. Eso no se vota."),
            ),
        ),
        Said(
            "gerald",
            "Have you considered magnetised water? My prototype doubles the yield.",
            (
                Said(
                    "lucia",
                    "Hola, Gerald. Hicimos la prueba con dos bancales iguales: la misma cosecha, tres gramos arriba o "
                    "abajo. Te paso los datos si quieres.",
                    (Said("gerald", "Three grams is three grams."),),
                ),
            ),
        ),
        Said(
            "rowan",
            "If you ever leave a light on by the fig tree one night in May, tell me what comes. I would love a "
            "Mediterranean garden in the moth count.",
            (Said("ana", "Hecho. Fátima tiene la llave de la azotea y poco sueño."),),
        ),
        Said(
            "teresa",
            "Os meus alunos perguntam se as minhocas têm nome.",
            (Said("tomas", "Las de quinto, sí. Todas se llaman Manolo."),),
        ),
    ),
)
