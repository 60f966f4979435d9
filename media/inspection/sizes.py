"""How large the renditions of an image are."""

# Longest side, in pixels.
_FITS = {"MEDIUM": 480, "LARGE": 1600}
_SQUARE = 96


def sizes(width: int, height: int) -> dict[str, tuple[int, int]]:
    """Width and height of each rendition: MEDIUM and LARGE whole, SMALL a square cut from LARGE; none is enlarged."""
    whole = {name: _fitted(width, height, most) for name, most in _FITS.items()}
    side = min(_SQUARE, *whole["LARGE"])
    return {"SMALL": (side, side)} | whole


def _fitted(width: int, height: int, most: int) -> tuple[int, int]:
    longest = max(width, height)
    if longest <= most:
        return width, height
    # Halves go up, in whole numbers, so that two processes never differ by a pixel.
    return tuple(max(1, (2 * side * most + longest) // (2 * longest)) for side in (width, height))  # type: ignore[return-value]
