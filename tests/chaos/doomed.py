"""`python -m tests.chaos.doomed POINT N -- APPLICATION …`: a uvicorn that dies at a point (`points.py`)."""

import importlib
import sys

import uvicorn


def main(point: str, n: str, dashes: str, name: str, *arguments: str) -> None:
    """Serve, until the point has been reached n times."""
    module, _, attribute = name.partition(":")
    # This sets Django up, which the points ask for.
    served = importlib.import_module(module)
    from tests.chaos.points import Doom, arm

    # In its place: uvicorn takes the application from there by its name.
    setattr(served, attribute, arm(Doom(point, int(n)), getattr(served, attribute)))
    uvicorn.main([name, *arguments], prog_name="uvicorn")


if __name__ == "__main__":
    main(*sys.argv[1:])
