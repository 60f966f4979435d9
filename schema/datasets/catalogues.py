"""What there is, as DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/) in JSON-LD, for portals that gather catalogues.

A table is a dataset; its newest version has its files as distributions, and older ones are named by their datapackage.json.
"""

from collections.abc import Sequence
from typing import Any

from schema.datasets.licences import LICENCES
from schema.datasets.models import Version

#: What words mean; written into each catalogue, so that nobody has to fetch it.
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
#: JSON Lines has no registered type: its own page says what it is.
_JSON_LINES = "https://jsonlines.org/"
_PACKAGE = "https://datapackage.org/standard/data-package/"
_PUBLIC = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
_DAILY = "http://publications.europa.eu/resource/authority/frequency/DAILY"


def catalogue(versions: Sequence[Version], *, site: str) -> dict[str, Any]:
    """The catalogue of these versions, newest first; without any it is one that has no datasets."""
    home = f"{site}/open-data/"
    service = f"{home}#graphql"
    house = {
        "@id": f"{site}/#house",
        "@type": "foaf:Agent",
        "foaf:name": "Acequia",
        "foaf:homepage": _link(site),
    }
    said: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": f"{home}#catalogue",
        "@type": "dcat:Catalog",
        "dct:title": _english("Acequia: open data"),
        "dct:description": _english("Projects, their news and their work, as everybody may see them."),
        "dct:publisher": house,
        "dct:language": _link("http://publications.europa.eu/resource/authority/language/ENG"),
        "foaf:homepage": _link(home),
        "dcat:service": {
            "@id": service,
            "@type": "dcat:DataService",
            "dct:title": _english("GraphQL over all of it, without a key"),
            "dcat:endpointURL": _link(f"{site}/open-data/graphql"),
            "dct:conformsTo": _link("https://spec.graphql.org/"),
        },
    }
    if versions:
        newest, *older = versions
        said["dct:modified"] = _moment(newest)
        said["dct:license"] = _link(LICENCES[newest.licence].path)
        said["dcat:dataset"] = [_dataset(table, newest, older, home, service) for table in newest.tables]
    return said


def _dataset(
    table: dict[str, Any], newest: Version, older: list[Version], home: str, service: str
) -> dict[str, Any]:
    licence, name = _link(LICENCES[newest.licence].path), f"{home}#{table['name']}"
    return {
        "@id": name,
        "@type": "dcat:Dataset",
        "dct:identifier": name,
        "dct:title": _english(table["title"]),
        "dct:description": _english(table["description"]),
        "dct:modified": _moment(newest),
        "dct:license": licence,
        "dct:publisher": {"@id": f"{home.removesuffix('/open-data/')}/#house"},
        "dct:accessRights": _link(_PUBLIC),
        "dct:accrualPeriodicity": _link(_DAILY),
        "dcat:landingPage": _link(home),
        "dcat:version": str(newest),
        "dcat:hasVersion": [_link(f"{home}{version}/datapackage.json") for version in (newest, *older)],
        "dcat:distribution": [
            {
                **_distribution(file, f"{home}{newest}/{file['path']}"),
                "dct:title": _english(f"{table['title']}, {newest}, {file['format'].upper()}"),
                "dct:license": licence,
                "dct:issued": _moment(newest),
                "dcat:accessURL": _link(home),
                "dcat:accessService": {"@id": service},
            }
            for file in table["files"]
        ],
    }


def _distribution(file: dict[str, Any], address: str) -> dict[str, Any]:
    is_registered = file["format"] != "jsonl"
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:conformsTo": _link(_PACKAGE),
        "dcat:downloadURL": _link(address),
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(file["bytes"])},
        **(
            {"dcat:mediaType": _link(f"{_MEDIA_TYPES}{file['mediatype']}")}
            if is_registered
            else {"dct:format": _link(_JSON_LINES)}
        ),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file["hash"].removeprefix("sha256:")},
        },
    }


def _link(address: str) -> dict[str, str]:
    return {"@id": address}


def _english(text: str) -> dict[str, str]:
    return {"@language": "en", "@value": text}


def _moment(version: Version) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": f"{version.taken_at:%Y-%m-%dT%H:%M:%SZ}"}
