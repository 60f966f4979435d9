"""Where bytes are: a folder, or any S3 where MEDIA_BUCKET names a bucket; `port` says what each promises."""

from functools import cache
from pathlib import Path
from threading import Lock

from django.conf import settings

from media.storage.folder import Folder
from media.storage.port import Store

_making = Lock()


def store() -> Store:
    """The store of this process."""
    if not settings.MEDIA_BUCKET:
        return folder()
    with _making:
        return _bucket(settings.MEDIA_BUCKET, settings.MEDIA_ENDPOINT, settings.MEDIA_REGION)


def folder() -> Folder:
    """The folder, where files are in one."""
    return Folder(Path(settings.MEDIA_FOLDER))


@cache
def _bucket(name: str, endpoint: str, region: str) -> Store:
    # Not at the top: boto3 takes time and memory, and most houses have a folder.
    from media.storage.s3 import Bucket  # noqa: PLC0415

    return Bucket(name, endpoint=endpoint, region=region)
