"""Nothing here is a person's: it says of files what is in them, and in them is what everybody may see."""

from schema.datasets.models import Version

HOLDINGS = ()

NOT_PERSONAL = {Version: ("id", "day", "taken_at", "licence", "keys", "package")}
