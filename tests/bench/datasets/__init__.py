"""`make bench-datasets`: what publishing all open data as files costs.

1. A database with 400,000 rows that are published (the tables of the read benchmark, in other numbers), loaded once.
2. `manage.py publish_datasets --again` into a folder, some times over, each a process as the worker starts one: its seconds
   by the clock and of processor, the most memory that it held (as the kernel counts it), and PostgreSQL's processor.
3. The files of the last round are read back by readers that are not ours, who must count as many rows as there are.
4. It prints, says what of the promises was not kept, and writes `bench/datasets.json` and `bench/datasets.png`.

Promised: 60 s and 200 MB.
"""
