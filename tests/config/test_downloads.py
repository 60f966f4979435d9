"""What a browser gets from a signed address."""

import io
import zipfile

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from backend.accounts.exports import address_of, build_export, request_data_export
from backend.accounts.leaving import delete_account
from backend.accounts.models import DataExport, User
from tests.asking import statements
from tests.cast import PASSWORD, Cast
from tests.schema.deeds import delete_account as able_to_leave


@pytest.fixture
def address(cast: Cast) -> str:
    """Where Cy's export is."""
    export = request_data_export(by=cast.cy)
    build_export(export_id=export.pk)
    export.refresh_from_db()
    return address_of(export.pk, export.state, export.expires_at)


def test_it_is_a_file_to_keep_and_nothing_to_show_or_store_on_the_way(address: str):
    with statements() as sql:
        reply = Client().get(address)
        body = b"".join(reply.streaming_content)
    assert len(sql) == 3  # The export; its one part; that there is no second.
    export = DataExport.objects.get()
    assert reply.status_code == 200 and len(body) == export.size
    assert {name: reply[name] for name in ("Content-Type", "Content-Length", "Content-Disposition")} == {
        "Content-Type": "application/zip",
        "Content-Length": str(export.size),
        "Content-Disposition": f'attachment; filename="acequia-{export.created_at:%Y-%m-%d}.zip"',
    }
    assert (reply["Cache-Control"], reply["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert reply["Referrer-Policy"] == "no-referrer" and "Set-Cookie" not in reply
    assert b'"handle":"cy"' in zipfile.ZipFile(io.BytesIO(body)).read("profile.json")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_only_fetched(address: str, method: str):
    assert getattr(Client(), method)(address).status_code == 405


@pytest.mark.parametrize("wrong", ["x", "1", "1:x:y", "%00", "é", "a" * 5_000, "1:1:1:1"])
def test_any_other_address_leads_nowhere(address: str, wrong: str):
    assert Client().get(f"/exports/{wrong}").status_code == 404
    assert Client().get(address + wrong).status_code == 404


def test_it_leads_nowhere_once_its_owner_has_left(address: str, cast: Cast):
    able_to_leave(cast)
    delete_account(by=User.objects.get(pk=cast.cy.pk), password=PASSWORD)
    assert Client().get(address).status_code == 404


def test_under_asgi_it_is_sent_a_part_at_a_time_too(cast: Cast, monkeypatch):
    monkeypatch.setattr("backend.accounts.exports.PART", 200)
    export = request_data_export(by=cast.cy)
    build_export(export_id=export.pk)
    export.refresh_from_db()

    async def fetched() -> list[bytes]:
        reply = await AsyncClient().get(address_of(export.pk, export.state, export.expires_at))
        assert reply.is_async
        return [part async for part in reply.streaming_content]

    parts = async_to_sync(fetched)()
    assert len(parts) > 3 and {len(part) for part in parts[:-1]} == {200}
    assert sum(map(len, parts)) == export.size
