"""What people and programs find at `/open-data/`."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import rdflib
from django.db import connections
from django.test import Client, override_settings

from schema.datasets.models import Version
from schema.datasets.publishing import publish
from schema.opendata.role import DATABASE
from tests.asking import statements
from tests.cast import make_cast
from tests.schema.datasets.world import remove_all

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCT = rdflib.Namespace("http://purl.org/dc/terms/")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
HOME = "http://127.0.0.1:8000/open-data/"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def version(
    django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Version]:
    """Two of them for all who only read, and this is the newer one; their rows are gone again."""
    folder = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_FOLDER=str(folder)):
        try:
            with django_db_blocker.unblock():
                make_cast()
                published = publish()
                facts = {name: getattr(published, name) for name in ("taken_at", "licence", "package")}
                Version.objects.create(day=published.day - timedelta(days=1), keys={}, **facts)
            yield published
        finally:
            with django_db_blocker.unblock():
                remove_all()
                connections[DATABASE].close()
                connections[DATABASE].close_pool()


def followed(address: str) -> bytes:
    """What somebody gets who goes where they are sent."""
    reply = Client().get(address, follow=True)
    assert reply.status_code == 200, (address, reply.status_code)
    return b"".join(reply.streaming_content) if reply.streaming else reply.content


def test_the_page_lists_each_file_with_its_size_and_its_hash(version: Version):
    with statements() as sql:
        reply = Client().get("/open-data/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (reply.status_code, len(sql)) == (200, 1)
    page = reply.content.decode()
    for table in version.tables:
        assert f">{table['title']}</h3>" in page
        for file in table["files"]:
            assert f'<a href="/open-data/{version}/{file["path"]}">{file["path"]}</a>' in page
            assert f"<code>{file['hash'].removeprefix('sha256:')}</code>" in page
    assert f'<a href="/open-data/{version.day - timedelta(days=1)}/datapackage.json">' in page
    assert "CC0-1.0" in page and '<a href="/open-data/graphql">' in page
    assert "<script" not in page and "style=" not in page
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) >= {"/static/open_data/page.css"}


def test_a_house_that_has_not_published_yet_says_so():
    Version.objects.all().delete()
    page = Client().get("/open-data/")
    assert page.status_code == 200 and "There are no files yet" in page.content.decode()
    assert "dcat:dataset" not in json.loads(Client().get("/open-data/catalog.jsonld").content)
    for name in ("projects.csv", "datapackage.json"):
        assert Client().get(f"/open-data/latest/{name}").status_code == 404


def test_what_is_listed_is_there_to_the_byte(version: Version):
    for table in version.tables:
        for file in table["files"]:
            content = followed(f"/open-data/{version}/{file['path']}")
            assert len(content) == file["bytes"]
    assert followed(f"/open-data/{version}/datapackage.json").decode() == version.package
    assert followed("/open-data/latest/projects.csv") == followed(f"/open-data/{version}/projects.csv")


def test_the_newest_is_led_to_at_its_own_address(version: Version):
    reply = Client().get("/open-data/latest/datapackage.json")
    assert (reply.status_code, reply["Location"]) == (302, f"/open-data/{version}/datapackage.json")
    assert reply["Cache-Control"] == "public, max-age=300"


def test_a_file_is_a_download_that_anybody_may_keep_and_no_page(version: Version):
    reply = Client().get(f"/open-data/{version}/projects.csv")
    assert reply.status_code == 302 and reply["Location"].startswith("http://127.0.0.1:8000/media/open-data/")
    assert reply["Access-Control-Allow-Origin"] == "*"
    file = Client().get(reply["Location"])
    said = {name: file[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")}
    assert said == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="acequia-{version}-projects.csv"',
        "X-Content-Type-Options": "nosniff",
    }
    assert "immutable" in file["Cache-Control"] and "sandbox" in file["Content-Security-Policy"]
    again = Client().get(reply["Location"], headers={"If-None-Match": file["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("address", ["", "catalog.jsonld", "{version}/datapackage.json"])
def test_an_answer_is_everybodys_and_is_not_sent_twice(version: Version, address: str):
    path = f"/open-data/{address.format(version=version)}"
    first = Client().get(path)
    assert first.status_code == 200 and "Set-Cookie" not in first
    assert first["Cache-Control"] == "public, max-age=300"
    assert (first["Access-Control-Allow-Origin"], first["X-Content-Type-Options"]) == ("*", "nosniff")
    assert "script-src" not in first["Content-Security-Policy"]
    again = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert Client().head(path).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)(path).status_code == 405


def test_the_page_lets_a_browser_load_its_style_sheet_and_nothing_else(version: Version):
    assert Client().get("/open-data/")["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize(
    "address",
    [
        *(
            "2026-13-01/projects.csv",
            "2026-02-30/projects.csv",
            "0000-00-00/projects.csv",
            "1999-01-01/tags.csv",
        ),
        *("{version}/users.csv", "{version}/", "{version}/..%2fprojects.csv", "{version}/projects.csv/x"),
        *("latest/", "latest/users.csv", "latest/%00", "latest/é", "x", "９９９９-01-01/tags.csv"),
    ],
)
def test_any_other_address_leads_nowhere(version: Version, address: str):
    assert Client().get(f"/open-data/{address.format(version=version)}").status_code == 404


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("application/ld+json;q=0.9, text/html", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("image/png", "text/html; charset=utf-8"),
        ("q=;;,", "text/html; charset=utf-8"),
    ],
)
def test_whoever_asks_for_json_ld_gets_the_catalogue(version: Version, accept: str, expected: str):
    reply = Client().get("/open-data/", headers={"Accept": accept})
    assert (reply.status_code, reply["Content-Type"]) == (200, expected)
    assert "Accept" in reply["Vary"]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own.
def test_the_catalogue_is_dcat_to_a_reader_of_linked_data(version: Version):
    """Read by rdflib: each dataset with its licence and version, each file with its size, hash and address."""
    graph = rdflib.Graph().parse(data=Client().get("/open-data/catalog.jsonld").content, format="json-ld")
    (catalogue,) = graph.subjects(rdflib.RDF.type, DCAT.Catalog)
    (service,) = graph.objects(catalogue, DCAT.service)
    assert graph.value(service, DCAT.endpointURL) == rdflib.URIRef(f"{HOME}graphql")
    datasets = set(graph.objects(catalogue, DCAT.dataset))
    assert datasets == {rdflib.URIRef(f"{HOME}#{table['name']}") for table in version.tables}
    licence = rdflib.URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
    files = {}
    for dataset in datasets:
        assert (dataset, rdflib.RDF.type, DCAT.Dataset) in graph
        assert str(graph.value(dataset, DCAT.version)) == str(version)
        assert len(set(graph.objects(dataset, DCAT.hasVersion))) == 2
        for name in (DCT.title, DCT.description, DCT.modified, DCT.publisher, DCT.accessRights):
            assert graph.value(dataset, name) is not None, name
        for place in graph.objects(dataset, DCAT.distribution):
            assert (place, rdflib.RDF.type, DCAT.Distribution) in graph
            assert graph.value(place, DCT.license) == licence
            assert graph.value(place, DCAT.mediaType) or graph.value(place, DCT["format"])
            checksum = graph.value(place, SPDX.checksum)
            assert graph.value(checksum, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256
            files[str(graph.value(place, DCAT.downloadURL))] = (
                int(graph.value(place, DCAT.byteSize)),
                str(graph.value(checksum, SPDX.checksumValue)),
            )
    assert files == {
        f"{HOME}{version}/{file['path']}": (file["bytes"], file["hash"].removeprefix("sha256:"))
        for table in version.tables
        for file in table["files"]
    }
