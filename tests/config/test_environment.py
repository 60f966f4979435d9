"""What a server must be told before it starts, and how it says what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import Environment, read_environment

ROOT = Path(__file__).resolve().parents[2]
SAFE = {
    "SECRET_KEY": "Zq7!vN3m-x9Kd2Lw8Tr5Yb1Hc6Jf4Gs0Pa-Qe_Ui.Oz+Xy=Wv~Mn",
    "DATABASE_URL": "postgresql://acequia:r7Vq-0dTz@db.example.org/acequia",
    "REDIS_URL": "redis://redis.example.org:6379/0",
    "ALLOWED_HOSTS": "acequia.example.org",
    "ALLOWED_ORIGINS": "https://acequia.example.org",
    "SITE_URL": "https://acequia.example.org",
    "EMAIL_URL": "smtp+tls://acequia:secret@mail.example.org",
    "MAIL_FROM": "Acequia <no-reply@acequia.example.org>",
    "MEDIA_URL": "https://media.example.org/media/",
}


def start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, with the safe variables changed or left out."""
    variables = {name: value for name, value in {**SAFE, **changes}.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings as s; print('DEVELOPMENT', s.DEVELOPMENT, s.DEBUG)"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_safe_production_starts_and_is_no_development():
    started = start()
    assert (started.returncode, started.stdout) == (0, "DEVELOPMENT False False\n"), started.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "django-insecure-" + "k3J9xQ2mZ7" * 5),
        ("DATABASE_URL", None),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
        ("DATABASE_URL", "mysql://root@localhost/x"),
        ("REDIS_URL", None),
        ("REDIS_URL", "http://127.0.0.1"),
        ("ALLOWED_HOSTS", None),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_ORIGINS", None),
        ("ALLOWED_ORIGINS", "http://acequia.example.org"),
        ("SITE_URL", None),
        ("SITE_URL", "http://acequia.example.org"),
        ("SECRET_KEY", "only-for-tests-and-the-same-every-time-so-that-they-repeat"),
        ("DEBUG", "1"),
        ("ALLOWED_HOSTS", ".example.org"),
        ("ALLOWED_HOSTS", "acequia.example.org,*"),
        ("ALLOWED_HOSTS", "*.example.org"),
        ("ALLOWED_HOSTS", "https://acequia.example.org"),
        ("ALLOWED_HOSTS", "acequia.example.org/x"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "null"),
        ("ALLOWED_ORIGINS", "https://*.example.org"),
        ("ALLOWED_ORIGINS", "https://acequia.example.org/"),
        ("ALLOWED_ORIGINS", "https://ACEQUIA.example.org"),
        ("ALLOWED_ORIGINS", "https://me:word@acequia.example.org"),
        ("ALLOWED_ORIGINS", "https://acequia.example.org,http://127.0.0.1:3000"),
        ("ALLOWED_ORIGINS", "https://["),
        ("SITE_URL", "https://"),
        ("SITE_URL", "https://me:word@acequia.example.org"),
        ("DATABASE_URL", "postgresql://acequia:password@db.example.org/acequia"),
        ("DATABASE_URL", "postgresql://acequia:acequia@db.example.org/acequia"),
        ("DATABASE_URL", "postgresql://acequia:@db.example.org/acequia"),
        ("DATABASE_URL", "postgresql://acequia@db.example.org:port/acequia"),
        ("REDIS_URL", "redis://:redis@redis.example.org"),
        ("REDIS_URL", "redis://["),
        ("MEDIA_BUCKET", "Not A Bucket"),
        ("MEDIA_URL", None),
        ("MEDIA_URL", "/media/"),
        ("MEDIA_URL", "http://media.example.org/media/"),
        ("MEDIA_URL", "https://media.example.org/files/"),
        ("MEDIA_URL", "https://media.example.org/media/?x=1"),
        ("MEDIA_URL", "https://me:word@media.example.org/media/"),
        ("MEDIA_URL", "https://acequia.example.org/media/"),
        ("MEDIA_URL", "https://ACEQUIA.example.org:8443/media/"),
        ("MEDIA_URL", "https://[/media/"),
        ("MEDIA_FOLDER", "var/media"),
        ("MEDIA_REGION", "eu west"),
        ("SECURITY_CONTACT", "ask around"),
        ("SECURITY_CONTACT", "mailto:nobody"),
        ("GRAPHIQL", "perhaps"),
        ("PROXY_REQUEST_IDS", "perhaps"),
        ("LOG_LEVEL", "DEBUG"),
        ("EMAIL_URL", None),
        ("EMAIL_URL", "console://"),
        ("EMAIL_URL", "file:///var/mail"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "smtp://mail.example.org:many"),
        ("EMAIL_URL", "smtp://mail.example.org?tls=0"),
        ("MAIL_FROM", None),
        ("MAIL_FROM", "Acequia"),
        ("MAIL_FROM", "Acequia <no-reply@example.org>\nBcc: all@example.org"),
        ("LOG_LEVEL", "LOUD"),
        ("DATABASE_POOL", "-1"),
        ("DATABASE_POOL", "many"),
        ("STATEMENT_SECONDS", "-1"),
        ("DEVELOPMENT", "perhaps"),
    ],
)
def test_a_missing_or_unsafe_setting_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
):
    for each in Environment.model_fields:
        monkeypatch.delenv(each, raising=False)
    for each, safe in {**SAFE, name: value}.items():
        if safe is not None:
            monkeypatch.setenv(each, safe)

    with pytest.raises(SystemExit) as refusal:
        read_environment()

    assert str(refusal.value).startswith(f"{name}: ")
    assert SAFE["SECRET_KEY"] not in str(refusal.value) and "r7Vq-0dTz" not in str(refusal.value)
    assert "me:word@" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_HOSTS", "acequia.example.org, www.acequia.example.org,127.0.0.1,[::1],localhost"),
        ("ALLOWED_ORIGINS", "https://acequia.example.org, https://app.example.org:8443,https://127.0.0.1"),
        ("DATABASE_URL", "postgresql:///acequia?host=/run/postgresql"),
        ("DATABASE_URL", "postgresql://acequia@127.0.0.1/acequia"),
        ("REDIS_URL", "unix:///run/redis.sock"),
        ("REDIS_URL", "rediss://default:r7Vq-0dTz@redis.example.org:6380/0"),
        ("MEDIA_BUCKET", "acequia-media"),
        ("MEDIA_URL", "https://media.example.org/media"),
        ("MEDIA_URL", "https://acequia-media.example.net:8443/x/media/"),
        ("MEDIA_FOLDER", "/srv/acequia"),
        ("MEDIA_REGION", "eu-south-2"),
        ("SECURITY_CONTACT", "mailto:security@example.org"),
        ("SECURITY_CONTACT", "https://example.org/security"),
        ("GRAPHIQL", "1"),
        ("LOG_LEVEL", "WARNING"),
    ],
)
def test_what_is_safe_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    for each in Environment.model_fields:
        monkeypatch.delenv(each, raising=False)
    for each, safe in {**SAFE, name: value}.items():
        monkeypatch.setenv(each, safe)
    assert str(getattr(read_environment(), name)) in (value, "True")


def test_a_server_that_is_told_that_it_is_a_developers_machine_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
):
    for each, value in {**SAFE, "DEVELOPMENT": "1"}.items():
        monkeypatch.setenv(each, value)
    with pytest.raises(SystemExit) as refusal:
        read_environment()
    assert str(refusal.value).startswith("DEVELOPMENT: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"MEDIA_ENDPOINT": "https://s3.example.net"},
        {"MEDIA_BUCKET": "acequia-media", "MEDIA_ENDPOINT": "http://s3.example.net"},
        {"MEDIA_BUCKET": "acequia-media", "MEDIA_ENDPOINT": "https://me:word@s3.example.net"},
        {"ALLOWED_HOSTS": "acequia.example.org,media.example.org"},
        {"ALLOWED_ORIGINS": "https://acequia.example.org,https://media.example.org:8443"},
        {"SITE_URL": "https://media.example.org/site"},
    ],
)
def test_files_are_not_served_where_pages_are_nor_without_tls(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
):
    for each in Environment.model_fields:
        monkeypatch.delenv(each, raising=False)
    for each, value in {**SAFE, **changes}.items():
        monkeypatch.setenv(each, value)
    with pytest.raises(SystemExit) as refusal:
        read_environment()
    assert str(refusal.value).startswith("MEDIA_") and "\n" not in str(refusal.value)


def test_a_bucket_may_be_served_at_any_path_and_by_any_host_but_ours(monkeypatch: pytest.MonkeyPatch):
    bucket = {"MEDIA_BUCKET": "acequia-media", "MEDIA_ENDPOINT": "https://s3.example.net"}
    for each in Environment.model_fields:
        monkeypatch.delenv(each, raising=False)
    for each, value in {**SAFE, **bucket, "MEDIA_URL": "https://cdn.example.net"}.items():
        monkeypatch.setenv(each, value)
    environment = read_environment()
    assert (environment.media_url, environment.media_host) == ("https://cdn.example.net/", "cdn.example.net")


def test_on_a_developers_machine_files_are_at_the_site_and_need_no_variable(monkeypatch: pytest.MonkeyPatch):
    for each in Environment.model_fields:
        monkeypatch.delenv(each, raising=False)
    for each in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.setenv(each, SAFE[each])
    monkeypatch.setenv("DEVELOPMENT", "1")
    monkeypatch.setenv("SITE_URL", "http://127.0.0.1:8001/")
    assert read_environment().media_url == "http://127.0.0.1:8001/media/"


def test_only_a_servers_own_files_have_a_host_that_it_answers_to():
    ask = "import config.settings as s; print(s.ALLOWED_HOSTS, s.MEDIA_HOST, s.MEDIA_URL, s.MEDIA_FOLDER)"

    def told(**changes: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", ask],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **SAFE, **changes},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.strip()

    assert told() == (
        "['acequia.example.org', 'media.example.org'] media.example.org https://media.example.org/media/ "
        f"{ROOT / 'var' / 'media'}"
    )
    assert told(MEDIA_BUCKET="acequia-media", MEDIA_FOLDER="/srv/x") == (
        "['acequia.example.org']  https://media.example.org/media/ /srv/x"
    )


def test_a_server_that_is_told_wrong_ends_with_a_sentence_and_no_traceback():
    refused = start(SECRET_KEY="short")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "SECRET_KEY: must be 50 random characters or more\n"


def test_every_wrong_variable_is_named_at_once():
    refused = start(SECRET_KEY=None, REDIS_URL=None)
    assert [line.split(":")[0] for line in refused.stderr.splitlines()] == ["SECRET_KEY", "REDIS_URL"]
