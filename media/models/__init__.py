"""What is known of files: what was announced, what came of it, where it stands, and what is still to be removed."""

from media.models.arrivals import RemoteArrival
from media.models.files import STANDS_NOWHERE_FOR, Media, MediaState, Variant, VariantName
from media.models.places import MOST_ATTACHED, MOST_IN_A_GALLERY, Placement, PlacementKind
from media.models.purposes import Purpose
from media.models.standing import Place, stands
from media.models.trash import Trash
from media.models.uploads import Upload, UploadState, upload_state
from media.models.usage import MOST_OF_A_PERSON, MOST_OF_A_PROJECT, Usage

__all__ = [
    "MOST_ATTACHED",
    "MOST_IN_A_GALLERY",
    "MOST_OF_A_PERSON",
    "MOST_OF_A_PROJECT",
    "STANDS_NOWHERE_FOR",
    "Media",
    "MediaState",
    "Place",
    "Placement",
    "PlacementKind",
    "Purpose",
    "RemoteArrival",
    "Trash",
    "Upload",
    "UploadState",
    "Usage",
    "Variant",
    "VariantName",
    "stands",
    "upload_state",
]
