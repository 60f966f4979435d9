from backend.core.queue import every
from schema.opendata.months import tell_months

# A month that is over is told within the hour.
every("17 * * * *", tell_months)
