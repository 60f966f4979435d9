from enum import StrEnum


class Why(StrEnum):
    """Why nothing was fetched."""

    ADDRESS = "ADDRESS"
    """It is no plain address of the web."""
    UNKNOWN = "UNKNOWN"
    """Its host has no address."""
    PRIVATE = "PRIVATE"
    """Its host is not, or not only, on the public internet."""
    UNREACHABLE = "UNREACHABLE"
    """Nobody answers there, or what answers breaks off, or does not speak HTTP."""
    TLS = "TLS"
    """Its host cannot prove its name."""
    REDIRECT = "REDIRECT"
    """It leads elsewhere too often, or out of TLS, or to nowhere."""
    STATUS = "STATUS"
    """Its host answers that it has nothing there."""
    TYPE = "TYPE"
    """It is no picture."""
    ENCODED = "ENCODED"
    """It is compressed for its way, which nobody asked for."""
    EMPTY = "EMPTY"
    """It has no bytes."""
    TOO_LARGE = "TOO_LARGE"
    """It has more bytes than may be."""
    TOO_SLOW = "TOO_SLOW"
    """It takes longer than may be."""


class Refused(Exception):
    """Nothing was fetched."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__(why)
