"""The folder behind our own servers: what it signs is taken to the byte, and nothing else leaves a trace."""

from datetime import timedelta

MINUTES = timedelta(minutes=5)
