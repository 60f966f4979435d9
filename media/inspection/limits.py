"""What one inspection may cost, as it is told to the process that does it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bytes of memory and of each file written, seconds of processor and of the clock; pixels and frames of an image."""

    memory: int = 512 << 20
    output: int = 16 << 20
    processor_seconds: int = 10
    clock_seconds: int = 15
    pixels: int = 40_000_000
    frames: int = 200


LIMITS = Limits()
