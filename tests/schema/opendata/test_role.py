"""Who reads for the world may read the views and nothing else, whatever is asked on that connection."""

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from backend.core.models import Stream
from config.security import open_data_can_be_read
from schema.opendata import role
from schema.opendata.models import VIEWS
from schema.opendata.role import DATABASE
from tests.cast import make_cast
from tests.schema.opendata.asking import ask, codes

DENIED = ("42501",)
#: What must not be, and PostgreSQL's codes for it: 42501 is what may not be, 25006 what is not written by who only reads.
PROBES = {
    "SELECT * FROM accounts_user": DENIED,
    "SELECT email FROM accounts_user LIMIT 1": DENIED,
    "SELECT count(*) FROM accounts_session": DENIED,
    "SELECT * FROM projects_project": DENIED,
    "SELECT owner_id FROM projects_project": DENIED,
    "SELECT source FROM projects_project": DENIED,
    "SELECT * FROM boards_claim": DENIED,
    "SELECT * FROM statistics_counted": DENIED,
    "SELECT * FROM statistics_giventime": DENIED,
    "SELECT * FROM core_recordedevent": DENIED,
    "SELECT * FROM procrastinate_jobs": DENIED,
    "SELECT * FROM django_session": DENIED,
    "SELECT (SELECT email FROM accounts_user LIMIT 1) FROM opendata_project": DENIED,
    "SELECT p.slug FROM opendata_project p JOIN accounts_user u ON true": DENIED,
    "TABLE social_nothing": ("42P01",),
    "SELECT owner_id FROM opendata_project": ("42703",),
    "INSERT INTO communities_community (slug, name, kind) VALUES ('x', 'x', 'LOCAL')": (*DENIED, "25006"),
    "UPDATE opendata_community SET name = 'x'": (*DENIED, "25006"),
    "DELETE FROM opendata_community": (*DENIED, "25006"),
    "TRUNCATE communities_community": (*DENIED, "25006"),
    "CREATE TABLE mine (id int)": (*DENIED, "25006"),
    "CREATE VIEW mine AS SELECT * FROM opendata_tag": (*DENIED, "25006"),
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'": (*DENIED, "25006"),
    "ALTER VIEW opendata_project SET (security_barrier = false)": (*DENIED, "25006"),
    "ALTER VIEW opendata_project RENAME TO mine": (*DENIED, "25006"),
    "GRANT SELECT ON accounts_user TO PUBLIC": (*DENIED, "25006"),
    "CREATE ROLE mine": (*DENIED, "25006"),
    "SELECT pg_read_file('/etc/passwd')": DENIED,
    "SELECT pg_ls_dir('/')": DENIED,
    "SELECT lo_import('/etc/passwd')": (*DENIED, "25006"),
    "COPY (SELECT 1) TO PROGRAM 'id'": DENIED,
    "COPY opendata_tag TO '/tmp/mine'": DENIED,
    "SELECT passwd FROM pg_shadow": DENIED,
    "SELECT rolpassword FROM pg_authid": DENIED,
    "SELECT pg_sleep(60)": ("57014",),
    "SELECT pg_reload_conf()": DENIED,
    "ALTER SYSTEM SET log_statement = 'all'": (*DENIED, "25006"),
    "SELECT * FROM pg_statistic": DENIED,
    "DO $$ BEGIN LOCK TABLE communities_community IN ACCESS EXCLUSIVE MODE; END $$": (*DENIED, "25006"),
    # A question whose error would tell what stands in rows that it may not see: a draft's slug is no number.
    "SELECT 1 FROM opendata_project WHERE slug::numeric > 0": (),
}


@pytest.fixture(scope="module")
def reader(django_db_setup, django_db_blocker):
    from tests.cast import project
    from tests.schema.opendata.conftest import committed

    with committed(django_db_blocker):
        cast = make_cast()
        type(cast.project).objects.update(slug="7")
        project(cast.ana, "A draft", slug="a-draft", status="DRAFT")
        yield connections[DATABASE]


@pytest.mark.parametrize("probe", PROBES)
def test_nothing_but_the_views_is_there(reader, probe: str):
    with reader.cursor() as cursor:
        if probe == "SELECT pg_sleep(60)":
            cursor.execute("SET statement_timeout = 50")
        if not PROBES[probe]:
            cursor.execute(probe)
            assert cursor.fetchall() == [(1,)]
            return
        with pytest.raises(DatabaseError) as refused:
            cursor.execute(probe)
        assert refused.value.__cause__.sqlstate in PROBES[probe], refused.value


def test_there_are_more_than_thirty_probes():
    assert len(PROBES) > 30


def test_the_control_sees_what_the_role_must_not(reader):
    """Asked by the house itself, half of them answer: so it is the role that refuses, and not the question."""
    answered = 0
    for probe in [each for each in PROBES if each.startswith("SELECT")]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 50")
                cursor.execute(probe)
                answered += 1
        except DatabaseError:
            pass
    assert answered > 15


@pytest.mark.parametrize("attempt", ["RESET ROLE", "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL"])
def test_there_is_no_way_back(reader, attempt: str):
    with reader.cursor() as cursor:
        cursor.execute(attempt)
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.OPENDATA_ROLE,)


def test_it_may_read_the_views_and_execute_nothing_of_ours(reader):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'v', 'm', 'p', 'f', 'S')"
            " AND CASE WHEN relkind = 'S' THEN has_sequence_privilege(%s, oid, 'USAGE,SELECT,UPDATE')"
            " ELSE has_table_privilege(%s, oid, 'SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER')"
            " OR has_any_column_privilege(%s, oid, 'SELECT,INSERT,UPDATE,REFERENCES') END",
            [settings.OPENDATA_ROLE] * 3,
        )
        assert {name for (name,) in cursor.fetchall()} == {view._meta.db_table for view in VIEWS}
        # A function of ours that ran with its owner's rights would be a way in.
        cursor.execute(
            "SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = %s",
            [settings.OPENDATA_ROLE],
        )
        assert cursor.fetchone() == (False,) * 5
        cursor.execute(
            "SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", [settings.OPENDATA_ROLE]
        )
        assert cursor.fetchone() == (0,)


def test_sql_in_an_argument_is_a_word(reader):
    for word in ("'; RESET ROLE; --", "x' OR '1'='1", "$$; SELECT pg_sleep(9); $$", "\\'; DROP VIEW x"):
        asked = "query($word: String!) { projects(search: $word) { edges { node { slug } } } }"
        assert ask(asked, word=word)["data"] == {"projects": {"edges": []}}
    assert Stream.objects.model is not None


def test_again_is_fine(reader):
    assert open_data_can_be_read([DATABASE]) == open_data_can_be_read(["default"]) == []
    assert role.grant(connection) is True
    call_command("grant_open_data")


def test_whoever_logs_in_as_the_role_finds_no_way_to_the_house(reader, monkeypatch):
    """With OPENDATA_DATABASE_URL the role is one that somebody has made, and PostgreSQL itself knows no way back."""
    monkeypatch.setattr(settings, "OPENDATA_ROLE", "reads_for_the_world")
    monkeypatch.setattr(settings, "OPENDATA_DATABASE_URL", "postgresql://reads_for_the_world@/acequia")
    assert role.grant(connection) is False
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE reads_for_the_world LOGIN")
    try:
        assert role.grant(connection) is True
        mine = connection.get_connection_params()
        where = {name: mine[name] for name in ("host", "port", "dbname") if mine.get(name)}
        with psycopg.connect(user="reads_for_the_world", autocommit=True, **where) as theirs:
            assert theirs.execute("SELECT slug FROM opendata_project").fetchall() == [("7",)]
            for attempt in (
                "SELECT email FROM accounts_user",
                "SET ROLE acequia",
                "SET SESSION AUTHORIZATION acequia",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    theirs.execute(attempt)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP OWNED BY reads_for_the_world; DROP ROLE reads_for_the_world")


def test_where_the_role_is_not_the_door_is_shut(reader, monkeypatch, caplog):
    """Whoever may make no role has a house all the same, and this door says that it is shut."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE plain NOLOGIN")
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL ROLE plain")
            monkeypatch.setattr(settings, "OPENDATA_ROLE", "nobody_made_this")
            assert role.grant(connection) is False
        assert "nobody_made_this is no role" in caplog.text
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP ROLE plain")
    reader.close()
    reader.close_pool()
    options = reader.settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "options", options["options"].replace("role=acequia", "role=missing"))
    monkeypatch.setitem(options, "pool", {**options["pool"], "timeout": 0.5})
    assert codes("{ tags { edges { node { name } } } }") == ["UNAVAILABLE"]
    (warning,) = open_data_can_be_read([DATABASE])
    assert (warning.id, warning.hint) == ("acequia.W005", "manage.py grant_open_data")
    reader.close()
    reader.close_pool()


def test_it_is_never_read_by_the_houses_own_connection(reader, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert "errors" not in ask("{ projects { totalCount edges { node { slug community { slug } } } } }")
