from oauth2_provider.models import clear_expired

from backend.core.queue import every

# Once a night: codes, and tokens of programs that have run out. A refresh token that was used stays for as long as it could
# be used, so that its second use is found out.
every("17 4 * * *", clear_expired)
