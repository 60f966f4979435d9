"""EMAIL_URL, read into the settings that Django's mail backends know (the twelve-factor app: backing services by URL)."""

from typing import Any
from urllib.parse import unquote, urlsplit

#: Seconds until a mail server that does not answer counts as away; the letter is tried again.
PATIENCE = 10
#: The port that is meant when none is named, and what Django is told of TLS, by scheme (RFC 8314 §3).
_SMTP: dict[str, tuple[int, dict[str, bool]]] = {
    "smtp": (25, {}),
    "smtp+tls": (587, {"EMAIL_USE_TLS": True}),
    "smtp+ssl": (465, {"EMAIL_USE_SSL": True}),
}


def mail_settings(url: str) -> dict[str, Any]:
    """The settings of `smtp://`, `smtp+tls://` (STARTTLS) or `smtp+ssl://user:password@host:port`, `console://`, or
    `file:///folder`. Raises `ValueError` for anything else.
    """
    parts = urlsplit(url)
    backend = "django.core.mail.backends"
    if parts.query or parts.fragment:
        raise ValueError("it has no options")
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{backend}.console.EmailBackend"}
    if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1:
        return {"EMAIL_BACKEND": f"{backend}.filebased.EmailBackend", "EMAIL_FILE_PATH": unquote(parts.path)}
    if parts.scheme not in _SMTP or not parts.hostname:
        raise ValueError(
            "must be smtp://, smtp+tls:// or smtp+ssl://user:password@host, console://, or file:///folder"
        )
    port, tls = _SMTP[parts.scheme]
    return {
        "EMAIL_BACKEND": f"{backend}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_TIMEOUT": PATIENCE,
        **tls,
    }
