from backend.core.queue import every
from media.checks import MEDIA
from media.cleaning import delete_lapsed, empty_trash, give_up_lost, sweep_orphans
from media.remote.images import place_arrived
from media.uploads import expire_uploads

# Those that ask the store are in its lane, for it may not answer.
every("* * * * *", expire_uploads)
every("* * * * *", delete_lapsed)
every("* * * * *", place_arrived)
every("* * * * * */20", empty_trash, lane=MEDIA)
every("*/10 * * * *", give_up_lost)
every("23 3 * * *", sweep_orphans, lane=MEDIA)
