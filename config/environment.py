import re
from email.utils import parseaddr
from typing import Any, Literal, Self
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.mail import mail_settings

#: How keys begin that somebody else knows; the last is that of our own tests.
UNSAFE_KEYS = ("changeme", "secret", "development", "django-insecure", "only-for-tests")
#: Passwords that are tried first (besides the name of whoever has it).
UNSAFE_PASSWORDS = ("acequia", "admin", "changeme", "password", "postgres", "redis", "secret", "")
#: RFC 1123: letters, digits and hyphens between dots; or an address in brackets.
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*|\[[0-9a-f:]+\]"
)
#: Amazon's rules for names of buckets.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class Environment(BaseSettings):
    """Everything the house reads from its environment, typed, once.

    Raises `SystemExit` with one plain sentence a problem, each naming its variable, when a value is missing,
    malformed or unsafe outside development.
    """

    model_config = SettingsConfigDict(env_prefix="", case_sensitive=True, extra="ignore")

    #: 1 on a developer's machine: GraphiQL, the demo and loud errors. Never on a server.
    DEVELOPMENT: bool = False
    #: Nothing reads it; whoever sets it on a server expects what must not be there.
    DEBUG: bool = False
    #: Signs cursors and the admin's cookies; 50 characters or more, kept from everyone.
    SECRET_KEY: SecretStr
    #: Those before it, separated by spaces, for as long as what they sealed and signed is to be read.
    SECRET_KEY_FALLBACKS: SecretStr = SecretStr("")
    #: postgresql://user:password@host/name
    DATABASE_URL: str
    #: The same database for a role that may read the views of open data and nothing else; empty: the user of DATABASE_URL
    #: becomes such a role.
    OPENDATA_DATABASE_URL: str = ""
    #: How open data is given away: CC0-1.0, or CC-BY-4.0, which asks for the house to be named.
    OPEN_DATA_LICENCE: Literal["CC0-1.0", "CC-BY-4.0"] = "CC0-1.0"
    #: redis://host:6379/0, rediss://… or unix:///path
    REDIS_URL: str
    #: The host names that the server answers to, separated by commas.
    ALLOWED_HOSTS: str = ""
    #: Origins (scheme://host[:port]) whose pages may open a socket or send a cookie, separated by commas.
    ALLOWED_ORIGINS: str = ""
    #: Where people read the site; the start of every link that leaves in a notification.
    SITE_URL: str = "http://127.0.0.1:8000"
    #: smtp+tls://user:password@host:587 (STARTTLS), smtp+ssl://…:465, smtp://…:25; console:// or file:///folder in
    #: development.
    EMAIL_URL: str = ""
    #: Whom letters come from, as `Acequia <no-reply@example.org>`.
    MAIL_FROM: str = ""
    #: Where public files are served: a host name of its own, so that no page and no cookie is of the same origin as what
    #: somebody uploaded. Where files are in a folder it ends with /media/, and the proxy sends it to the servers too.
    MEDIA_URL: str = ""
    #: Where files are kept: a folder that all servers and workers see; empty: var/media of the checkout.
    MEDIA_FOLDER: str = ""
    #: Or the S3 bucket that they are in; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are its own. Empty: a folder.
    MEDIA_BUCKET: str = ""
    #: Where the S3 answers that is not Amazon's; browsers send files there too.
    MEDIA_ENDPOINT: str = ""
    #: What it calls its region.
    MEDIA_REGION: str = Field(default="", pattern=r"^[a-z0-9-]{0,40}$")
    #: Connections that one process may hold open to PostgreSQL; 0: one for each of its threads, for as long as they live.
    DATABASE_POOL: int = Field(default=6, ge=0, le=100)
    #: After so many seconds PostgreSQL ends a statement; 0: never. `manage.py` sets 0: a migration may take its time.
    STATEMENT_SECONDS: int = Field(default=5, ge=0, le=3600)
    #: A manifest of the operations that clients may ask for by their hash (`manage.py persist_operations`); empty: none.
    PERSISTED_OPERATIONS: str = ""
    #: 1: no others are answered.
    PERSISTED_ONLY: bool = False
    #: How much and how often one may ask and do: 1 is what schema/limits.py and meters.py say, 2 twice that, 0 no limit.
    RATE_LIMITS: float = Field(default=1, ge=0, le=1000)
    #: Proxies in front of the servers, each of which adds to `X-Forwarded-For`; 0: whoever connects is the client.
    TRUSTED_PROXIES: int = Field(default=0, ge=0, le=10)
    #: Sockets and event streams that one network may hold open at a process; 0: as many as it likes.
    SOCKETS_OF_ONE_NETWORK: int = Field(default=200, ge=0)
    #: 1 shows GraphiQL to browsers on a server too; in development it is there anyway.
    GRAPHIQL: bool = False
    #: 1 where the proxy gives each request an `X-Request-Id` of its own, and takes away what a client has sent.
    PROXY_REQUEST_IDS: bool = False
    #: Where to report a hole: mailto:… or https://…, told at /.well-known/security.txt (RFC 9116); empty: nowhere.
    SECURITY_CONTACT: str = Field(default="", pattern=r"^(|mailto:[^\s@]+@[^\s@]+|https://\S+)$")
    #: DEBUG, INFO, WARNING or ERROR; from WARNING on there is no line for each request.
    LOG_LEVEL: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @model_validator(mode="after")
    def _is_safe_outside_development(self) -> Self:
        if self.DEVELOPMENT:
            # A server that somebody has told that it is none: everything below would be let through.
            if self.SITE_URL.startswith("https://"):
                raise ValueError("DEVELOPMENT: is for a developer's machine, and SITE_URL is a server's")
            return self
        if self.DEBUG:
            raise ValueError("DEBUG: must not be set; there is none, and errors are in the log")
        if self.LOG_LEVEL == "DEBUG":
            raise ValueError(
                "LOG_LEVEL: must not be DEBUG on a server; libraries would write down what people send"
            )
        key = self.SECRET_KEY.get_secret_value()
        if len(key) < 50 or len(set(key)) < 10 or key.lower().startswith(UNSAFE_KEYS):
            raise ValueError("SECRET_KEY: must be 50 random characters or more")
        if not self.hosts or not all(map(_HOST.fullmatch, self.hosts)):
            raise ValueError("ALLOWED_HOSTS: must name the hosts of this site, each in full, and not be *")
        if not _is_secure_address(self.SITE_URL):
            raise ValueError("SITE_URL: must start with https://, and be no more than host and path")
        if not self.origins or not all(map(_is_origin, self.origins)):
            raise ValueError(
                "ALLOWED_ORIGINS: must name origins that start with https://, and end with host or port"
            )
        # Without mail nobody can show that an address is theirs, so nobody could come back.
        if not self.EMAIL_URL.startswith("smtp"):
            raise ValueError("EMAIL_URL: must start with smtp+tls://, smtp+ssl:// or smtp://")
        if not self.MAIL_FROM:
            raise ValueError("MAIL_FROM: must be an address, as Acequia <no-reply@example.org>")
        return self

    @model_validator(mode="after")
    def _speaks_postgresql(self) -> Self:
        # PostgreSQL is the only dialect: constraints, locks and generated columns are the rules of this house.
        if not self.DATABASE_URL.startswith(("postgresql://", "postgres://")):
            raise ValueError("DATABASE_URL: must start with postgresql://")
        if not self.REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("REDIS_URL: must start with redis://, rediss:// or unix://")
        theirs = self.OPENDATA_DATABASE_URL
        if theirs and (
            not theirs.startswith(("postgresql://", "postgres://")) or not _names_somebody(theirs)
        ):
            raise ValueError("OPENDATA_DATABASE_URL: must start with postgresql:// and name a user")
        for name in ("DATABASE_URL", "REDIS_URL", "OPENDATA_DATABASE_URL"):
            url = _split(getattr(self, name))
            if url is None:
                raise ValueError(f"{name}: must be a URL that can be read")
            if not self.DEVELOPMENT and _has_weak_password(url):
                raise ValueError(f"{name}: its password must not be one that is tried first")
        return self

    @model_validator(mode="after")
    def _keeps_files_apart(self) -> Self:
        if self.MEDIA_BUCKET and not _BUCKET.fullmatch(self.MEDIA_BUCKET):
            raise ValueError("MEDIA_BUCKET: must be the name of a bucket")
        if self.MEDIA_ENDPOINT and not self.MEDIA_BUCKET:
            raise ValueError("MEDIA_BUCKET: must name a bucket where MEDIA_ENDPOINT is set")
        if self.MEDIA_FOLDER and not self.MEDIA_FOLDER.startswith("/"):
            raise ValueError("MEDIA_FOLDER: must be a whole path, from / on")
        for name, url in (("MEDIA_URL", self.media_url), ("MEDIA_ENDPOINT", self.MEDIA_ENDPOINT)):
            if url and not (_is_address(url) if self.DEVELOPMENT else _is_secure_address(url)):
                raise ValueError(f"{name}: must start with https://, and be no more than host and path")
        if not self.MEDIA_BUCKET and not self.media_url.endswith("/media/"):
            raise ValueError("MEDIA_URL: must end with /media/ where files are in a folder")
        if self.DEVELOPMENT:
            return self
        # What somebody uploaded is theirs: a browser must never take it for a page of ours.
        pages = {_host(url) for url in (self.SITE_URL, *self.origins)} | set(self.hosts)
        if self.media_host in pages:
            raise ValueError(
                "MEDIA_URL: must have a host name that is not of SITE_URL, ALLOWED_HOSTS or ALLOWED_ORIGINS"
            )
        return self

    @model_validator(mode="after")
    def _has_the_list_that_it_keeps_to(self) -> Self:
        if self.PERSISTED_ONLY and not self.PERSISTED_OPERATIONS:
            raise ValueError("PERSISTED_OPERATIONS: must name a list where PERSISTED_ONLY is set")
        return self

    @model_validator(mode="after")
    def _can_send_letters(self) -> Self:
        try:
            _ = self.mail
        except ValueError as error:
            raise ValueError(f"EMAIL_URL: {error}") from None
        if not self.MAIL_FROM.isprintable() or (self.MAIL_FROM and "@" not in parseaddr(self.MAIL_FROM)[1]):
            raise ValueError("MAIL_FROM: must be an address, as Acequia <no-reply@example.org>")
        return self

    @property
    def mail(self) -> dict[str, Any]:
        """What Django's mail backends are told; in development, unless EMAIL_URL says otherwise, letters are printed."""
        return mail_settings(self.EMAIL_URL or "console://") | {
            "DEFAULT_FROM_EMAIL": self.MAIL_FROM or "Acequia <acequia@localhost>"
        }

    @property
    def media_url(self) -> str:
        """MEDIA_URL with a slash at its end; in development, where none is named, a folder of the site."""
        url = self.MEDIA_URL or (f"{self.SITE_URL.rstrip('/')}/media" if self.DEVELOPMENT else "")
        return f"{url.rstrip('/')}/"

    @property
    def media_host(self) -> str:
        """The host name of MEDIA_URL."""
        return _host(self.media_url)

    @property
    def hosts(self) -> list[str]:
        """The host names of ALLOWED_HOSTS; in development those of this machine."""
        return _words(self.ALLOWED_HOSTS) or (["127.0.0.1", "localhost", "[::1]"] if self.DEVELOPMENT else [])

    @property
    def origins(self) -> list[str]:
        """The origins of ALLOWED_ORIGINS."""
        return _words(self.ALLOWED_ORIGINS)


def read_environment() -> Environment:
    """The environment of this process, or `SystemExit` with one sentence for each variable that is wrong."""
    try:
        return Environment()  # pydantic fills the fields from the environment
    except ValidationError as error:
        raise SystemExit("\n".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    # The values stay out of the sentence: they are secrets as often as not.
    return [
        f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}".removeprefix(": ").replace(
            "Value error, ", ""
        )
        for problem in error.errors(include_input=False, include_url=False)
    ]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def _names_somebody(url: str) -> bool:
    parts = _split(url)
    return bool(parts and parts.username)


def _host(url: str) -> str:
    parts = _split(url)
    return (parts and parts.hostname) or ""


def _is_secure_address(url: str) -> bool:
    return url.startswith("https://") and _is_address(url)


def _is_address(url: str) -> bool:
    parts = _split(url)
    return bool(
        parts
        and parts.scheme in ("http", "https")
        and parts.hostname
        and not (parts.username or parts.query or parts.fragment)
    )


def _is_origin(origin: str) -> bool:
    parts = _split(origin)
    # As a browser spells it, to the letter: it is compared as a whole.
    return bool(
        parts
        and _is_secure_address(origin)
        and _HOST.fullmatch(parts.netloc.partition(":")[0])
        and not parts.path
    )


def _has_weak_password(url: SplitResult) -> bool:
    if url.password is None:
        return False
    return unquote(url.password).lower() in (*UNSAFE_PASSWORDS, (url.username or "").lower())
