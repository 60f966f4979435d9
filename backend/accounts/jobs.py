from backend.accounts import letters  # noqa: F401  # The job that sends them.
from backend.accounts.addresses import remove_unverified
from backend.accounts.exports import expire_exports
from backend.accounts.leaving import free_handles
from backend.accounts.sessions import prune_sessions
from backend.core.queue import every

every("*/10 * * * *", prune_sessions)
every("17 * * * *", remove_unverified)
every("* * * * *", expire_exports)
every("0 * * * *", free_handles)
