"""Under which licence the data is given away: OPEN_DATA_LICENCE, by its name of SPDX."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Licence:
    """A licence, as Data Package and DCAT name it."""

    name: str
    title: str
    path: str


LICENCES = {
    licence.name: licence
    for licence in (
        Licence(
            "CC0-1.0",
            "Creative Commons Zero 1.0 Universal: no rights reserved",
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
        Licence(
            "CC-BY-4.0",
            "Creative Commons Attribution 4.0 International",
            "https://creativecommons.org/licenses/by/4.0/",
        ),
    )
}
