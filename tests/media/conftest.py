from tests.media.stores import (  # noqa: F401  # Fixtures.
    either_store,
    folder_here,
    folder_server,
    folder_server_of_development,
    folder_store,
    media_kept,
    s3_server,
    s3_store,
)
