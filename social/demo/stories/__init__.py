"""The twelve projects of the demo and what happens around each, one file a project."""

from social.demo.stories import (
    baserriko_hotsak,
    biblioteca_de_les_coses,
    huerta_del_rio,
    l_air_de_la_rue,
    moths_by_lamplight,
    o_muino_de_outeiro,
    radio_do_recreio,
    second_life_routers,
    unlaunched,
)

STORIES = (
    huerta_del_rio.STORY,
    baserriko_hotsak.STORY,
    biblioteca_de_les_coses.STORY,
    l_air_de_la_rue.STORY,
    o_muino_de_outeiro.STORY,
    second_life_routers.STORY,
    radio_do_recreio.STORY,
    moths_by_lamplight.STORY,
    *unlaunched.STORIES,
)
