"""The one settings module. What differs between machines is in `environment.py`; code asks settings, never where it is."""

from pathlib import Path
from typing import Any

import dj_database_url

from config.environment import read_environment
from config.logs import logging_settings

env = read_environment()
BASE_DIR = Path(__file__).resolve().parent.parent

#: GraphiQL, the demo, and passwords in a README are for a developer's machine only.
DEVELOPMENT = env.DEVELOPMENT
DEBUG = False  # Never: its error pages show code and settings. Errors are in the log, with a request id.
SECRET_KEY = env.SECRET_KEY.get_secret_value()
SECRET_KEY_FALLBACKS = env.SECRET_KEY_FALLBACKS.get_secret_value().split()
#: The host that has files and nothing else, where our own servers answer for it.
MEDIA_HOST = "" if env.DEVELOPMENT or env.MEDIA_BUCKET else env.media_host
ALLOWED_HOSTS = [*env.hosts, *filter(None, [MEDIA_HOST])]
ALLOWED_ORIGINS = env.origins
CSRF_TRUSTED_ORIGINS = env.origins
SITE_URL = env.SITE_URL.rstrip("/")
MEDIA_URL = env.media_url
MEDIA_FOLDER = env.MEDIA_FOLDER or str(BASE_DIR / "var" / "media")
MEDIA_BUCKET = env.MEDIA_BUCKET
MEDIA_ENDPOINT = env.MEDIA_ENDPOINT
MEDIA_REGION = env.MEDIA_REGION
PERSISTED_OPERATIONS = env.PERSISTED_OPERATIONS
PERSISTED_ONLY = env.PERSISTED_ONLY
RATE_LIMITS = env.RATE_LIMITS
TRUSTED_PROXIES = env.TRUSTED_PROXIES
SOCKETS_OF_ONE_NETWORK = env.SOCKETS_OF_ONE_NETWORK
#: The page for trying things out; its files are ours, and its policy lets it load no other.
GRAPHIQL = env.GRAPHIQL or env.DEVELOPMENT
PROXY_REQUEST_IDS = env.PROXY_REQUEST_IDS
SECURITY_CONTACT = env.SECURITY_CONTACT
#: See `schema.cookies`. A browser takes the prefix only over TLS.
TOKEN_COOKIE = "acequia_session" if env.DEVELOPMENT else "__Host-acequia_session"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "pgtrigger",
    "channels",
    "procrastinate.contrib.django",
    "backend.core",
    "backend.accounts",
    "oauth2_provider",
    "backend.applications",
    "backend.communities",
    "backend.projects",
    "backend.boards",
    "backend.imports",
    "media",
    "social.follows",
    "social.comments",
    "social.updates",
    "social.notifications",
    "social.demo",
    "schema",
    "schema.opendata",
    "schema.datasets",
    "realtime",
    "config",
]

#: graphene-django's own would add what it knows of SQL to answers, where DEBUG is on.
GRAPHENE: dict[str, Any] = {"MIDDLEWARE": []}

MIDDLEWARE = [
    "config.door.named",
    "django.middleware.security.SecurityMiddleware",
    "config.door.media_apart",
    "config.door.graphql_first",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES: dict[str, Any] = {"default": dict(dj_database_url.parse(env.DATABASE_URL))}
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    # Nothing a request does may hold a lock or a connection for long.
    "options": f"-c statement_timeout={env.STATEMENT_SECONDS}s -c lock_timeout={env.STATEMENT_SECONDS}s"
    f" -c idle_in_transaction_session_timeout={env.STATEMENT_SECONDS * 2}s"
    # The planner's statements are prepared once and run often: planning one anew costs as much as running it. They are
    # short, and compiling one to machine code costs a hundred times as much.
    " -c plan_cache_mode=force_generic_plan -c jit=off",
    # Django's None would forbid them; its own statements, bound by the client, are never prepared.
    "prepare_threshold": 5,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _escaped(word: str) -> str:
    """As one word among libpq's options."""
    return word.replace("\\", "\\\\").replace(" ", "\\ ")


#: What the world may know is read by a role that may read nothing else (`schema.opendata.role`).
OPENDATA_DATABASE_URL = env.OPENDATA_DATABASE_URL
_opendata: dict[str, Any] = dict(dj_database_url.parse(OPENDATA_DATABASE_URL or env.DATABASE_URL))
#: PostgreSQL keeps 63 characters of a name.
OPENDATA_ROLE: str = str(
    _opendata["USER"] if OPENDATA_DATABASE_URL else f"{_opendata['USER'][:54] or 'acequia'}_opendata"
)
DATABASES["opendata"] = {
    **_opendata,
    "OPTIONS": {
        **_opendata.get("OPTIONS", {}),
        "options": f"-c statement_timeout={env.STATEMENT_SECONDS}s -c lock_timeout={env.STATEMENT_SECONDS}s"
        f" -c idle_in_transaction_session_timeout={env.STATEMENT_SECONDS * 2}s"
        " -c default_transaction_read_only=on -c jit=off"
        + ("" if OPENDATA_DATABASE_URL else f" -c role={_escaped(OPENDATA_ROLE)}"),
    },
    "TEST": {"MIRROR": "default"},
}
#: What is said of every file of open data: an SPDX name.
OPEN_DATA_LICENCE = env.OPEN_DATA_LICENCE
for _alias, _database in DATABASES.items():
    if env.DATABASE_POOL:
        # Under ASGI each request runs in a thread of its own: without a pool each would open its own connection.
        _pool = {"min_size": 1, "max_size": env.DATABASE_POOL, "timeout": 10}
        if _alias == "opendata":
            # Few ask, and where its role is not there nobody need wait for long.
            _pool |= {"min_size": 0, "timeout": 2}
        _database["OPTIONS"]["pool"] = _pool
    else:
        # Under WSGI the threads stay, and each keeps its connection with what is prepared on it.
        _database["CONN_MAX_AGE"] = None

#: All statements of one operation together.
OPERATION_SECONDS = env.STATEMENT_SECONDS

REDIS_URL = env.REDIS_URL
CHANNEL_LAYERS = {
    "default": {
        # Not the core layer: it lost 63 % of a burst of 300 messages (ARCHITECTURE.md, decision 7).
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "acequia"},
    }
}
#: Called after each commit that recorded events, with [(stream, seq), …]: lower floors may not import realtime.
EVENT_SINK = "realtime.pokes.poke"
#: Called with the name of a presence (`schema.subscriptions.presence_stream`), for the same reason: who looks there now.
PRESENCE = "realtime.presence.present"
#: Who reads the event log: a `backend.core.readers.Reader` each, which says what it wants of it.
EVENT_READERS = {"notifications": "social.notifications.writer.reader"}
#: How a person or a task gets a file (`backend.core.files`), for the same reason.
FILES = "media.placements"
#: Where files stand: each answers the rows that say so, of the things that a viewer sees. Who sees a file follows from it.
MEDIA_PLACES = [
    "media.models.places.shown",
    "social.updates.models.shown_attachments",
    "social.comments.models.shown_attachments",
]
#: What an app has done by the clock is in its `jobs.py`.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

AUTH_USER_MODEL = "accounts.User"
#: What ends the keys of a person whose password is reset, each called with them in that transaction: `backend.accounts` may
#: not import what is above it.
KEYS_OF_PEOPLE = ["backend.accounts.keys.revoke_all", "backend.applications.actions.revoke_all"]
#: For the back office; an address is one person's only when they have shown that it is theirs.
AUTHENTICATION_BACKENDS = ["backend.accounts.backends.VerifiedBackend"]
# Django asks for names that are unique in every row; ours are among those that can log in.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
PASSWORD_HASHERS = ["backend.accounts.hashers.NormalisingArgon2"]
#: How programs of others are let in (OAuth 2.0); what is not here is off. All that the toolkit knows of RFC 9700 is on.
OAUTH2_PROVIDER_APPLICATION_MODEL = "applications.Application"
OAUTH2_PROVIDER: dict[str, Any] = {
    "OAUTH2_VALIDATOR_CLASS": "backend.applications.validator.Validator",
    "SCOPES_BACKEND_CLASS": "backend.applications.validator.Scopes",
    "ACCESS_TOKEN_GENERATOR": "backend.applications.validator.new_access_token",
    "REFRESH_TOKEN_GENERATOR": "backend.applications.validator.new_refresh_token",
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
    # A refresh token is good once, and its second use ends all that came of it.
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
    "ALLOW_URI_WILDCARDS": False,
    # Others by application: see `backend.applications.models.may_be_redirected_to`.
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            *(
                "IMPLICIT_GRANT",
                "PASSWORD_GRANT",
                "PKCE_METHOD",
                "ACCESS_TOKEN_TRANSPORT",
                "AUTHZ_RESPONSE_ISS",
            ),
            *(
                "TOKEN_STORAGE",
                "REFRESH_TOKEN",
                "REDIRECT_URI_SCHEME",
                "REDIRECT_URI_MATCHING",
                "PKCE_REQUIRED",
            ),
        )
    },
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "handle", "display_name")},
    },
    {"NAME": "backend.accounts.validators.MadeOfNamesValidator"},
]

# EMAIL_BACKEND and what goes with it.
globals().update(env.mail)
SERVER_EMAIL = env.mail["DEFAULT_FROM_EMAIL"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("ca", "Català"), ("fr", "Français")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = None if env.DEVELOPMENT else BASE_DIR / "var" / "static"
# From a checkout the files are served as they lie; a server runs collectstatic once.
WHITENOISE_USE_FINDERS = env.DEVELOPMENT
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not env.DEVELOPMENT
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = not env.DEVELOPMENT
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if env.DEVELOPMENT else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not env.DEVELOPMENT
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
X_FRAME_OPTIONS = "DENY"

LOGGING = logging_settings(is_development=env.DEVELOPMENT, level=env.LOG_LEVEL)
