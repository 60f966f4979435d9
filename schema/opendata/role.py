"""Who reads for the world: a role of PostgreSQL that may read the views `opendata_*` and nothing else.

A role is the cluster's, and what it may is each database's. So it is named after the user of `DATABASE_URL`, who makes it
and alone may become it: houses of one user share it, each with grants of its own, those of others have others. Without
`OPENDATA_DATABASE_URL` nobody can log in as it: the connection `opendata` is opened by the house's own user, who becomes
this role before the first statement (`role` among the connection's options, to which RESET ROLE too goes back). With it,
the role is whoever logs in by that address, and PostgreSQL itself knows no way back.

Where the user of `DATABASE_URL` may not make roles, the tables are made all the same and this door stays shut
(UNAVAILABLE), until somebody who may has made one: README, "Open data".
"""

import logging
from typing import Any

import psycopg
from django.conf import settings
from django.db import ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

log = logging.getLogger("acequia.opendata")

#: The connection to read through, as Django names it.
DATABASE = "opendata"


def grant(connection: BaseDatabaseWrapper) -> bool:
    """Make the role where it is not there, and let it read every view `opendata_*` of this database; again is fine.

    False where whoever is connected may not make it.
    """
    name = _name()
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        if not _is_there(cursor) and not _made(connection, cursor):
            log.warning(
                "Open data stays shut: %s is no role, and may not be made here.", settings.OPENDATA_ROLE
            )
            return False
        cursor.execute("SELECT current_schema(), rolsuper FROM pg_roles WHERE rolname = current_user")
        schema, is_superuser = cursor.fetchone()
        if not settings.OPENDATA_DATABASE_URL and not is_superuser and not _may_become(connection, cursor):
            log.warning("Open data stays shut: this user may not become %s.", settings.OPENDATA_ROLE)
            return False
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = to_regnamespace(%s)"
            r" AND relname LIKE 'opendata\_%%'",
            [schema],
        )
        views = [sql.Identifier(schema, view) for (view,) in cursor.fetchall()]
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), name))
        if views:
            cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(sql.SQL(", ").join(views), name))
    return True


def _name() -> sql.Identifier:
    role: str = settings.OPENDATA_ROLE
    return sql.Identifier(role)


def _is_there(cursor: Any) -> bool:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.OPENDATA_ROLE])
    return cursor.fetchone() is not None


def _made(connection: BaseDatabaseWrapper, cursor: Any) -> bool:
    if settings.OPENDATA_DATABASE_URL:
        # Who logs in is made by whoever gives them a password.
        return False
    name = _name()
    try:
        with transaction.atomic(connection.alias):
            cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(name))
    except ProgrammingError as error:
        if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            return False
        # Another database's migration was quicker.
        if not isinstance(error.__cause__, psycopg.errors.DuplicateObject):
            raise
    return True


def _may_become(connection: BaseDatabaseWrapper, cursor: Any) -> bool:
    """Whether this user may act as the role, or has been let just now."""
    cursor.execute("SELECT pg_has_role(%s, 'MEMBER')", [settings.OPENDATA_ROLE])
    (is_member,) = cursor.fetchone()
    try:
        with transaction.atomic(connection.alias):
            # From PostgreSQL 16 on, whoever makes a role governs it, and may not yet become it.
            cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(_name()))
    except ProgrammingError:
        return bool(is_member)
    return True
