"""Where bytes are: a folder, or any S3 (MEDIA_BUCKET); see `port` for what each promises."""

from media.storage.port import Store


def store() -> Store:
    """The store of this process."""
    raise NotImplementedError
