"""The views `opendata_*`, and the role that may read them and nothing else.

What they hold is what `visible_to(None)` shows, which a test holds row by row. Of that they leave out whoever did, wrote or
owns something; texts of any length, because those name people, and whoever has copied a file cannot be made to forget; and
counters that count what is not public too (comments, updates of a project).

A view stands on the columns that it names: a migration that changes the type of one drops the view and makes it anew.
They are read with the rights of whoever owns them, who owns the tables (`security_invoker` is off), and nothing that
a reader adds to a question is asked before they have chosen their rows (`security_barrier`; PostgreSQL, 39.5).
"""

from django.db import migrations

from schema.opendata import role

_PUBLIC = "('LIVE', 'FUNDED', 'UNFUNDED', 'FULFILLED')"

VIEWS = {
    "opendata_community": """
        SELECT id, slug, name, kind, place, summary, created_at, follower_count, project_count
        FROM communities_community
    """,
    "opendata_project": f"""
        SELECT id, community_id, slug, title, summary, category, tags, status, locale, location, launched_at, follower_count,
            (
                SELECT count(*)::integer FROM boards_board board JOIN boards_task task ON task.board_id = board.id
                WHERE board.project_id = project.id AND task.state = 'OPEN'
            ) AS tasks_open,
            (
                SELECT count(*)::integer FROM boards_board board JOIN boards_task task ON task.board_id = board.id
                WHERE board.project_id = project.id AND task.state = 'DONE'
            ) AS tasks_done,
            (
                SELECT sum(block.minutes)::bigint FROM statistics_giventime block
                WHERE block.project_id = project.id
            ) AS minutes_given
        FROM projects_project project
        WHERE status IN {_PUBLIC} AND launched_at IS NOT NULL
    """,
    "opendata_update": f"""
        SELECT news.id, news.project_id, news.title, news.published_at
        FROM updates_update news JOIN projects_project project ON project.id = news.project_id
        WHERE project.status IN {_PUBLIC} AND news.published_at IS NOT NULL AND news.audience = 'EVERYONE'
    """,
    "opendata_task": f"""
        SELECT task.id, board.project_id, task.number, task.title, task.skills, task.labels, task.estimate_minutes,
            task.slots, task.open_slots, task.state, task.created_at, task.due_at
        FROM boards_task task
        JOIN boards_board board ON board.id = task.board_id
        JOIN projects_project project ON project.id = board.project_id
        WHERE project.status IN {_PUBLIC}
    """,
    "opendata_contribution": f"""
        SELECT block.id, block.project_id, block.month_id AS month, block.people, block.minutes, block.tasks_done
        FROM statistics_giventime block JOIN projects_project project ON project.id = block.project_id
        WHERE project.status IN {_PUBLIC}
    """,
    "opendata_tag": f"""
        SELECT tag AS name, count(DISTINCT project.id)::integer AS project_count
        FROM projects_project project, unnest(project.tags) tag
        WHERE project.status IN {_PUBLIC}
        GROUP BY tag
    """,
    "opendata_month": """
        SELECT told.month, told.projects_launched, told.updates_published,
            (SELECT sum(block.tasks_done)::integer FROM statistics_giventime block WHERE block.month_id = told.month)
                AS tasks_done,
            (SELECT sum(block.minutes)::bigint FROM statistics_giventime block WHERE block.month_id = told.month)
                AS minutes_given
        FROM statistics_month told
    """,
}


def grant(apps, schema_editor):
    role.grant(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [("opendata", "0001_what_is_told")]

    operations = [
        *(
            migrations.RunSQL(f"CREATE VIEW {name} WITH (security_barrier) AS {select}", f"DROP VIEW {name}")
            for name, select in VIEWS.items()
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
