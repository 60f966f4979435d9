"""What the bucket is asked, to the letter: the S3 of the tests looks at no signature and no policy, a real one does."""

import base64
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import Settings

from config.local.places import CHECKOUT
from media.storage import store
from media.storage.port import Announced, Missing, Stat, StorageAway, Store
from tests.media.sending import fetched, send
from tests.media.stores import BUCKET, REGION
from tests.media.tampering import TAMPERINGS, Tampering, announce, case_of

MINUTES = timedelta(minutes=5)
KEY = f"quarantine/{'a' * 32}"
ANNOUNCED = Announced(KEY, "image/png", 1234, "0123456789abcdef" * 4)
#: The same in the words of S3.
CHECKSUM = "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8="


def policy_of(form: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(base64.b64decode(form.fields["policy"]))
    return document


@pytest.fixture
def elsewhere(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A bucket at an address where nobody listens: whoever asks it anything is told so."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "only-for-tests")
    settings.MEDIA_BUCKET, settings.MEDIA_REGION = BUCKET, REGION
    settings.MEDIA_ENDPOINT, settings.MEDIA_URL = "http://127.0.0.1:9", "https://media.example.org/"
    return store()


def test_the_policy_of_a_form_fixes_everything(elsewhere: Store):
    before = datetime.now(UTC).replace(microsecond=0)
    form = elsewhere.target(ANNOUNCED, lasts=MINUTES)
    after = datetime.now(UTC)
    document = policy_of(form)

    assert document.keys() == {"expiration", "conditions"}
    expiration = datetime.strptime(document["expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert before + MINUTES <= expiration <= after + MINUTES
    moment = form.fields["x-amz-date"]
    credential = f"AKIAIOSFODNN7EXAMPLE/{moment[:8]}/{REGION}/s3/aws4_request"
    assert document["conditions"] == [
        {"Content-Type": "image/png"},
        {"x-amz-checksum-algorithm": "SHA256"},
        {"x-amz-checksum-sha256": CHECKSUM},
        {"success_action_status": "204"},
        ["content-length-range", 1234, 1234],
        {"bucket": BUCKET},
        {"key": KEY},
        {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
        {"x-amz-credential": credential},
        {"x-amz-date": moment},
    ]
    # Each field that is sent stands in a condition, but for the two that sign them: S3 refuses any other.
    assert (form.method, form.url, form.headers) == ("POST", f"http://127.0.0.1:9/{BUCKET}", {})
    assert form.fields == {
        "Content-Type": "image/png",
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-sha256": CHECKSUM,
        "success_action_status": "204",
        "key": KEY,
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": credential,
        "x-amz-date": moment,
        "policy": form.fields["policy"],
        "x-amz-signature": form.fields["x-amz-signature"],
    }
    assert re.fullmatch("[0-9a-f]{64}", form.fields["x-amz-signature"])


def test_the_keys_of_a_role_are_signed_with_their_token(
    elsewhere: Store, monkeypatch: pytest.MonkeyPatch, settings: Settings
):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token")
    settings.MEDIA_ENDPOINT = "http://127.0.0.1:10"
    form = store().target(ANNOUNCED, lasts=MINUTES)
    assert form.fields["x-amz-security-token"] == "a-token"
    assert {"x-amz-security-token": "a-token"} in policy_of(form)["conditions"]


def test_the_address_of_a_part_fixes_its_size_and_runs_out(elsewhere: Store):
    target = elsewhere.part_target(KEY, "an-id", 3, byte_size=5_242_880, lasts=MINUTES)
    address = urlsplit(target.url)
    said = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (target.method, address.netloc, address.path) == ("PUT", "127.0.0.1:9", f"/{BUCKET}/{KEY}")
    assert said.pop("X-Amz-Signature") and said.pop("X-Amz-Date") and said.pop("X-Amz-Credential")
    assert said == {
        "uploadId": "an-id",
        "partNumber": "3",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Expires": "300",
        "X-Amz-SignedHeaders": "content-length;host",
    }
    another = elsewhere.part_target(KEY, "an-id", 3, byte_size=5_242_881, lasts=MINUTES)
    assert (
        parse_qs(urlsplit(another.url).query)["X-Amz-Signature"] != parse_qs(address.query)["X-Amz-Signature"]
    )


def test_the_address_of_what_is_private_says_how_it_is_saved_and_runs_out(elsewhere: Store):
    key = f"private/{'a' * 32}/{'b' * 32}.pdf"
    address = urlsplit(elsewhere.signed_address(key, lasts=timedelta(minutes=2), filename="../año.pdf"))
    said = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert said.pop("X-Amz-Signature") and said.pop("X-Amz-Date") and said.pop("X-Amz-Credential")
    assert address.path == f"/{BUCKET}/{key}"
    assert said == {
        "response-content-disposition": "attachment; filename*=utf-8''a%C3%B1o.pdf",
        "response-cache-control": "private, no-store",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Expires": "120",
        "X-Amz-SignedHeaders": "host",
    }


def test_what_is_public_is_where_media_url_says(elsewhere: Store):
    assert elsewhere.public_address("public/x") == "https://media.example.org/public/x"


@pytest.mark.parametrize(
    ("endpoint", "region", "url"),
    [
        ("", "eu-south-2", f"https://{BUCKET}.s3.amazonaws.com/"),
        ("https://s3.example.net", "", f"https://s3.example.net/{BUCKET}"),
    ],
)
def test_at_amazons_the_bucket_is_a_host_and_elsewhere_a_folder(
    elsewhere: Store, settings: Settings, endpoint: str, region: str, url: str
):
    settings.MEDIA_ENDPOINT, settings.MEDIA_REGION = endpoint, region
    assert store().target(ANNOUNCED, lasts=MINUTES).url.rstrip("/") == url.rstrip("/")


def test_without_credentials_the_store_is_away(
    elsewhere: Store, monkeypatch: pytest.MonkeyPatch, settings: Settings
):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    settings.MEDIA_ENDPOINT = "http://127.0.0.1:11"
    for deed in (
        lambda: store().target(ANNOUNCED, lasts=MINUTES),
        lambda: store().part_target(KEY, "x", 1, byte_size=1, lasts=MINUTES),
        lambda: store().signed_address(KEY, lasts=MINUTES),
        lambda: store().stat(KEY),
    ):
        with pytest.raises(StorageAway):
            deed()


def test_one_process_has_one_client_and_a_house_with_a_folder_has_none(elsewhere: Store):
    with ThreadPoolExecutor(8) as pool:
        assert {id(each) for each in pool.map(lambda _: store(), range(32))} == {id(elsewhere)}
    asked = (
        "import django; django.setup(); import config.urls, media.storage, sys; "
        "media.storage.store(); print('boto3' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout == "False\n"


def test_what_stands_in_the_bucket_says_how_it_is_served(s3_store: Store, tmp_path: Path, s3_server: str):
    (tmp_path / "file").write_bytes(b"x")
    kinds = {
        f"public/{'e' * 32}/{'b' * 32}.webp": ("image/webp", "inline", "public, max-age=31536000, immutable"),
        f"open-data/{'e' * 32}/{'b' * 32}.csv": (
            "text/csv; charset=utf-8",
            'attachment; filename="a.pdf"',
            "public, max-age=31536000, immutable",
        ),
        f"private/{'e' * 32}/{'b' * 32}.pdf": (
            "application/pdf",
            'attachment; filename="a.pdf"',
            "private, no-store",
        ),
    }
    for key, (content_type, *said) in kinds.items():
        s3_store.put(key, tmp_path / "file", content_type=content_type, filename="a.pdf")
        # Of itself, not of the address.
        headers = s3_store._quick.head_object(Bucket=BUCKET, Key=key)["ResponseMetadata"]["HTTPHeaders"]
        assert [headers[name] for name in ("content-type", "content-disposition", "cache-control")] == [
            content_type,
            *said,
        ]
    private = list(kinds)[2]
    assert fetched(f"{s3_server}/{BUCKET}/{private}").status_code == 403
    assert fetched(s3_store.signed_address(private, lasts=MINUTES)).status_code == 200


def test_the_checksum_of_a_form_is_kept_with_the_file(s3_store: Store):
    announced = announce(b"what was announced")
    assert send(s3_store.target(announced, lasts=MINUTES), b"what was announced").status_code == 204
    assert s3_store.stat(announced.key).sha256 in (None, announced.sha256)


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
def test_what_a_lax_store_lets_in_is_not_what_was_announced(
    s3_store: Store, tampering: Tampering, tmp_path: Path
):
    """The control of whoever checks what arrived: each of these gives them something to see."""
    case = case_of(s3_store)
    tampering.for_a_lax_store(case).send()
    try:
        stat = s3_store.stat(case.announced.key)
        s3_store.fetch(case.announced.key, tmp_path / "came", most=1_000)
    except Missing:
        return
    came = (tmp_path / "came").read_bytes()
    assert (came, stat.content_type) != (case.data, "image/png")
    assert stat.byte_size == len(came)


def test_the_control_an_honest_form_is_let_in(s3_store: Store):
    case = case_of(s3_store)
    assert case.honest.send().status_code == 204
    stat = s3_store.stat(case.announced.key)
    assert stat in (Stat(18, "image/png", None), Stat(18, "image/png", case.announced.sha256))
