from backend.boards.claims import expire_claims
from backend.core.queue import every

every("* * * * * */15", expire_claims)
