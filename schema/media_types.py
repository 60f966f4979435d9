"""Which of the two media types of GraphQL over HTTP an answer has (RFC 9110, 12.5.1; GraphQL over HTTP, 4 and 6)."""

from functools import lru_cache

#: The older one: whatever becomes of a request that is well formed, its status is 200.
JSON = "application/json"
#: The newer one: a request that is not run is a 4xx.
RESPONSE_JSON = "application/graphql-response+json"

_BOTH = (JSON, RESPONSE_JSON)


@lru_cache(maxsize=256)
def answered_in(accept: str) -> str | None:
    """The media type that an `Accept` likes best of ours; None when it likes neither. Without one it is JSON's."""
    if not accept.strip():
        return JSON
    liked = {kind: (0.0, -1) for kind in _BOTH}
    for each in accept.split(","):
        name, *parameters = (part.strip().lower() for part in each.split(";"))
        quality = _quality(parameters)
        for kind in _BOTH:
            closeness = {"*/*": 0, "application/*": 1, kind: 2}.get(name, -1)
            # The nearest of its ranges speaks for a type: `*/*, application/json;q=0` likes anything but JSON.
            if closeness > liked[kind][1] and not _has_other_charset(parameters):
                liked[kind] = quality, closeness
    # Who names both, equally liked, knows the newer one; who names neither need not.
    named = any(closeness == 2 for _, closeness in liked.values())
    order = (RESPONSE_JSON, JSON) if named else _BOTH
    best = max(order, key=lambda kind: liked[kind])
    return best if liked[best][0] > 0 else None


def _quality(parameters: list[str]) -> float:
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _has_other_charset(parameters: list[str]) -> bool:
    said = (each.partition("=") for each in parameters)
    return any(name.strip() == "charset" and value.strip().strip('"') != "utf-8" for name, _, value in said)
