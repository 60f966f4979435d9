"""Everything that the open-data door tells, as files of a day: `manage.py publish_datasets`.

A version is of one moment of the database: a transaction that only reads writes each view as JSON Lines and as CSV, and
DuckDB makes Parquet of the first. The files go into the store of media under names of their own, and one row, `Version`,
makes them the version of that day for every server at once. Before that row nobody knows of them; without one they are
swept.
"""
