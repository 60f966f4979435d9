from backend.accounts.exports import expire_exports
from backend.accounts.leaving import free_handles
from backend.core.queue import every

every("* * * * *", expire_exports)
every("0 * * * *", free_handles)
