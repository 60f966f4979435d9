"""The house's settings, with pokes that carry the event itself: `DJANGO_SETTINGS_MODULE=tests.chaos.control_settings`."""

from config.settings import *  # noqa: F403

EVENT_SINK = "tests.chaos.control.tell"
