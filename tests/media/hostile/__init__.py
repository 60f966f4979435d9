"""Files that must never be served: each with the type that it is declared as, and the reason that it is refused for."""

from tests.media.files import Sent
from tests.media.hostile.archives import ARCHIVES
from tests.media.hostile.documents import DOCUMENTS
from tests.media.hostile.images import IMAGES
from tests.media.hostile.strangers import STRANGERS

HOSTILE: tuple[Sent, ...] = (*STRANGERS, *IMAGES, *DOCUMENTS, *ARCHIVES)
