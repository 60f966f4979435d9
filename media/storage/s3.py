"""A store that is a bucket of any S3: Amazon's, or whatever answers at MEDIA_ENDPOINT.

Credentials are found as every program of Amazon's finds them (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, the
role of the machine). Nothing asks for ACLs: the bucket's policy lets everybody read `public/*` and `open-data/*`, and
nobody anything else.
"""

import base64
import http.client
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.parsers import ResponseParserError
from django.conf import settings

from media.storage.breaker import Breaker
from media.storage.names import disposition
from media.storage.port import KEY, Announced, Missing, Part, Stat, StorageAway, Target, TooLarge

#: Seconds to connect, and to be answered. Whoever waits for it is a request of somebody's.
_QUICK = 0.75
#: The same for what only jobs do, where the store itself has to move bytes before it answers.
_PATIENT = 10
#: How many keys one request may remove.
_BATCH = 1000
_BUFFER = 1024 * 1024
#: All that is told where there was no answer, or one that nobody understands.
_NO_ANSWER = (
    *(BotoCoreError, ResponseParserError, urllib3.exceptions.HTTPError, http.client.HTTPException),
    *(OSError, LookupError, ValueError),
)
#: Whoever asks for what is not there is told so in one of these ways.
_MISSING = {
    "404",
    "NoSuchKey",
    "NotFound",
    "NoSuchUpload",
    "InvalidPart",
    "InvalidPartOrder",
    "EntityTooSmall",
}


class Bucket:
    """See `port.Store`. One for all threads of a process."""

    def __init__(self, name: str, *, endpoint: str, region: str) -> None:
        self._name = name
        self._breaker = Breaker()
        self._session = session = Session()
        self._quick, self._patient = (
            session.client(
                "s3",
                endpoint_url=endpoint or None,
                region_name=region or None,
                config=Config(
                    signature_version="s3v4",
                    connect_timeout=_QUICK,
                    read_timeout=seconds,
                    retries={"mode": "standard", "total_max_attempts": 2},
                    max_pool_connections=32,
                    # Names of buckets are host names at Amazon's; elsewhere only sometimes.
                    s3={"addressing_style": "path" if endpoint else "auto"},
                    # What Amazon added in 2025 others answer with 400 or 501.
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )
            for seconds in (_QUICK, _PATIENT)
        )

    def target(self, announced: Announced, *, lasts: timedelta) -> Target:
        fields = {
            "Content-Type": announced.content_type,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(announced.sha256)).decode(),
            "success_action_status": "204",
        }
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        conditions.append(["content-length-range", announced.byte_size, announced.byte_size])
        at = self._at(announced.key)
        with self._signing():
            form = self._quick.generate_presigned_post(
                *at.values(), fields, conditions, ExpiresIn=_seconds(lasts)
            )
        return Target("POST", form["url"], fields=form["fields"])

    def begin_parts(self, announced: Announced) -> str:
        with self._asking():
            begun = self._quick.create_multipart_upload(
                **self._at(announced.key), ContentType=announced.content_type
            )
            return str(begun["UploadId"])

    def part_target(
        self, key: str, upload_id: str, number: int, *, byte_size: int, lasts: timedelta
    ) -> Target:
        # That Content-Length is signed makes the size exact; every client sends it by itself.
        asked = self._at(key) | {"UploadId": upload_id, "PartNumber": number, "ContentLength": byte_size}
        return Target("PUT", self._signed("upload_part", asked, lasts))

    def parts(self, key: str, upload_id: str) -> list[Part]:
        with self._asking():
            pages = self._quick.get_paginator("list_parts").paginate(**self._at(key), UploadId=upload_id)
            return [
                Part(part["PartNumber"], part["Size"], part["ETag"])
                for page in pages
                for part in page.get("Parts", ())
            ]

    def finish_parts(self, key: str, upload_id: str, parts: list[Part]) -> None:
        named = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        try:
            # Some stores answer 500 to what Amazon's calls NoSuchUpload.
            if not parts or parts != [part for part in self.parts(key, upload_id) if part in parts]:
                raise Missing
            with self._asking():
                self._patient.complete_multipart_upload(
                    **self._at(key), UploadId=upload_id, MultipartUpload={"Parts": named}
                )
        except Missing:
            # Finished already, perhaps.
            self.stat(key)

    def abandon_parts(self, key: str, upload_id: str) -> None:
        with suppress(Missing), self._asking():
            self._quick.abort_multipart_upload(**self._at(key), UploadId=upload_id)

    def forget_unfinished(self, *, before: datetime) -> None:
        with self._asking():
            pages = self._quick.get_paginator("list_multipart_uploads").paginate(Bucket=self._name)
            begun = [upload for page in pages for upload in page.get("Uploads", ())]
        for upload in begun:
            if upload["Initiated"] < before:
                self.abandon_parts(upload["Key"], upload["UploadId"])

    def stat(self, key: str) -> Stat:
        with self._asking():
            told = self._quick.head_object(**self._at(key), ChecksumMode="ENABLED")
            counted = base64.b64decode(told.get("ChecksumSHA256", ""), validate=False)
            return Stat(
                int(told["ContentLength"]),
                str(told.get("ContentType", "")),
                # Of a file that came in parts it is a checksum of theirs.
                counted.hex() if len(counted) == 32 and told.get("ChecksumType") != "COMPOSITE" else None,
            )

    def fetch(self, key: str, to: Path, *, most: int) -> None:
        with self._asking():
            told = self._quick.get_object(**self._at(key))
            body, left = told["Body"], most
        try:
            with closing(body), to.open("wb") as file:
                while chunk := self._read(body, min(_BUFFER, left + 1)):
                    if (left := left - len(chunk)) < 0:
                        raise TooLarge
                    file.write(chunk)
        except BaseException:
            to.unlink(missing_ok=True)
            raise

    def put(self, key: str, source: Path, *, content_type: str, filename: str = "") -> None:
        with source.open("rb") as file, self._asking():
            self._patient.put_object(
                **self._at(key), Body=file, ContentType=content_type, **_headers(key, filename)
            )

    def move(self, source: str, key: str, *, content_type: str, filename: str = "") -> None:
        try:
            with self._asking():
                self._patient.copy_object(
                    **self._at(key),
                    CopySource=self._at(source),
                    MetadataDirective="REPLACE",
                    ContentType=content_type,
                    **_headers(key, filename),
                )
        except Missing:
            # Moved already, perhaps.
            self.stat(key)
        self.delete([source])

    def delete(self, keys: Iterable[str]) -> None:
        named = [{"Key": key} for key in keys if KEY.fullmatch(key)]
        for begin in range(0, len(named), _BATCH):
            with self._asking():
                told = self._quick.delete_objects(
                    Bucket=self._name, Delete={"Objects": named[begin : begin + _BATCH], "Quiet": True}
                )
            if any(error.get("Code") != "NoSuchKey" for error in told.get("Errors", ())):
                raise StorageAway(told["Errors"][0].get("Code"))

    def keys(self, prefix: str, *, after: str = "") -> Iterator[tuple[str, datetime]]:
        pages = iter(
            self._quick.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Prefix=prefix, **({"StartAfter": after} if after else {})
            )
        )
        while True:
            with self._asking():
                page = next(pages, None)
            if page is None:
                return
            for found in page.get("Contents", ()):
                if KEY.fullmatch(found["Key"]):
                    yield found["Key"], found["LastModified"]

    def public_address(self, key: str) -> str:
        return f"{settings.MEDIA_URL}{key}"

    def signed_address(self, key: str, *, lasts: timedelta, filename: str = "") -> str:
        asked = self._at(key) | {
            "ResponseContentDisposition": disposition(key, filename),
            "ResponseCacheControl": "private, no-store",
        }
        return self._signed("get_object", asked, lasts)

    def _at(self, key: str) -> dict[str, Any]:
        if not KEY.fullmatch(key):
            raise Missing
        return {"Bucket": self._name, "Key": key}

    def _signed(self, what: str, asked: dict[str, Any], lasts: timedelta) -> str:
        with self._signing():
            return str(self._quick.generate_presigned_url(what, asked, ExpiresIn=_seconds(lasts)))

    def _read(self, body: Any, most: int) -> bytes:
        with self._asking():
            return bytes(body.read(most))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        self._breaker.ask()
        try:
            yield
        except ClientError as error:
            raise self._meant(error) from error
        except ParamValidationError:
            raise
        except _NO_ANSWER as error:
            self._breaker.failed(type(error).__name__)
            raise StorageAway from error
        else:
            self._breaker.answered()

    @contextmanager
    def _signing(self) -> Iterator[None]:
        # Nobody is asked, but for credentials where the machine has to be.
        if self._session.get_credentials() is None:
            raise StorageAway("There are no credentials for it.")
        try:
            yield
        except ParamValidationError:
            raise
        except BotoCoreError as error:
            raise StorageAway from error

    def _meant(self, error: ClientError) -> Missing | StorageAway:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in _MISSING:
            self._breaker.answered()
            return Missing()
        # Also what only an operator can put right: no such bucket, no right to it.
        self._breaker.failed(f"{status} {code}")
        return StorageAway(code)


def _seconds(lasts: timedelta) -> int:
    return int(lasts.total_seconds())


def _headers(key: str, filename: str) -> dict[str, str]:
    is_public = key.startswith(("public/", "open-data/"))
    return {
        "CacheControl": "public, max-age=31536000, immutable" if is_public else "private, no-store",
        "ContentDisposition": disposition(key, filename),
    }
