"""The house's settings, with the oracle behind its door: `DJANGO_SETTINGS_MODULE=tests.oracle.settings`."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.oracle.urls"
# The planner stands at the front door.
MIDDLEWARE = [each for each in MIDDLEWARE if each != "config.door.graphql_first"]  # noqa: F405
