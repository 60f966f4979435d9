"""The short form of the benchmark: a few documents are decided on, and what is made of the figures; nothing is timed."""

import json
import os
import subprocess
import sys

from config.local.places import CHECKOUT
from tests.bench.guard.report import misses, share, summary
from tests.schema.hostile import written


def test_each_document_has_its_time_and_the_worst_have_names():
    command = [sys.executable, "-m", "tests.bench.guard.deciding", "acequia", "30", "1", "1"]
    ended = subprocess.run(
        command, cwd=CHECKOUT, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert len(found["milliseconds"]) == len(written()) + 30
    # Of two that are alike the second is remembered.
    assert sum(each > 0 for each in found["milliseconds"]) > len(written())
    assert len(found["worst"]) == 10
    assert found["worst"][0]["milliseconds"] == round(max(found["milliseconds"]), 2)


def test_what_was_promised_and_not_kept_is_said():
    kept = summary({"milliseconds": [1.0] * 990 + [9.0] * 10, "grown_megabytes": 3.0})
    assert (kept["p50_ms"], kept["p99_ms"], kept["most_ms"]) == (1.0, 9.0, 9.0)
    assert misses(kept, None) == misses(kept, {"p99_ratio": 2.0, "failed": 0}) == []
    broken = summary({"milliseconds": [1.0] * 980 + [11.0] * 19 + [26.0], "grown_megabytes": 21.0})
    assert misses(broken, {"p99_ratio": 2.5, "failed": 1}) == [
        "99 of 100 documents took up to 11.0 ms, promised 10",
        "a document took 26.0 ms, promised 25",
        "the process grew by 21 MB, promised 20",
        "honest p99 is 2.50 times the quiet one, promised 2",
        "1 honest requests failed",
    ]


def test_a_share_of_few_is_one_of_them():
    assert [share([3.0, 1.0, 2.0], part) for part in (0.0, 0.5, 0.99)] == [1.0, 2.0, 3.0]
