import pytest

from config.mail import PATIENCE, mail_settings

BACKENDS = "django.core.mail.backends"


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://me%40example.org:p%2Fw@mail.example.org", 25, {}),
        ("smtp+tls://me%40example.org:p%2Fw@mail.example.org", 587, {"EMAIL_USE_TLS": True}),
        ("smtp+ssl://me%40example.org:p%2Fw@mail.example.org", 465, {"EMAIL_USE_SSL": True}),
        ("smtp+tls://me%40example.org:p%2Fw@mail.example.org:2525", 2525, {"EMAIL_USE_TLS": True}),
    ],
)
def test_a_mail_server_by_its_url(url: str, port: int, tls: dict[str, bool]):
    assert mail_settings(url) == {
        "EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example.org",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "me@example.org",
        "EMAIL_HOST_PASSWORD": "p/w",
        "EMAIL_TIMEOUT": PATIENCE,
        **tls,
    }


def test_a_console_and_a_folder():
    assert mail_settings("console://") == {"EMAIL_BACKEND": f"{BACKENDS}.console.EmailBackend"}
    assert mail_settings("file:///var/a%20folder") == {
        "EMAIL_BACKEND": f"{BACKENDS}.filebased.EmailBackend",
        "EMAIL_FILE_PATH": "/var/a folder",
    }


@pytest.mark.parametrize(
    "url",
    [
        *("", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://:25", "file://", "file:///"),
        *(
            "file://host/folder",
            "smtps://mail.example.org",
            "smtp://mail.example.org:x",
            "smtp://mail.example.org:99999",
        ),
        *("smtp+tls://mail.example.org?timeout=1", "smtp://mail.example.org#x", "smtp://[::1"),
    ],
)
def test_anything_else_is_refused(url: str):
    with pytest.raises(ValueError):
        mail_settings(url)
