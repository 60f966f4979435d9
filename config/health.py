import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """200 while this process answers at all."""
    return JsonResponse({"process": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 while the database and Redis answer too; 503 names the one that does not.

    Where files are kept is not asked: only who uploads needs it, and no server must leave the others for that.
    """
    parts = {"database": _database(), "redis": _redis()}
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "away"
    return "ok"


def _redis() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return "away"
    return "ok"
