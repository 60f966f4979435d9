"""`python -m tests.bench.datasets`: see the package."""

import argparse
import os
import sys
import time
from pathlib import Path

from config.local.processes import Stopped, stopped_by_signals
from config.local.services import postgres
from tests.bench.cpu import seconds_elsewhere
from tests.bench.datasets.data import loaded
from tests.bench.datasets.picture import draw
from tests.bench.datasets.publishing import publish, read_back
from tests.bench.datasets.report import median, print_table, write_json
from tests.bench.folders import RESULTS, own_folder
from tests.bench.loading import environment


def main(arguments: list[str]) -> int:
    """0 when everything was measured."""
    options = _options(arguments)
    RESULTS.mkdir(exist_ok=True)
    try:
        with stopped_by_signals(), own_folder(options.folder) as folder, postgres(folder) as url:
            target = loaded(url, options.rows, environment(url))
            media = folder / "media"
            publisher = environment(target) | {"MEDIA_FOLDER": str(media)}
            begin, others = time.monotonic(), seconds_elsewhere()
            rounds = []
            for number in range(1, options.rounds + 1):
                rounds.append(publish(publisher))
                print(
                    f"Round {number}: {rounds[-1].seconds:.1f} s, {rounds[-1].megabytes:.0f} MB", flush=True
                )
            elsewhere = (seconds_elsewhere() - others) / (time.monotonic() - begin) / (os.cpu_count() or 1)
            tables = read_back(target, media)
    except Stopped as stopped:
        return 128 + stopped.number
    print_table(median(rounds), tables, elsewhere)
    settings = {"rows": options.rows, "elsewhere": elsewhere}
    write_json(RESULTS / "datasets.json", rounds, tables, settings)
    draw(RESULTS / "datasets.png", median(rounds), tables)
    print(f"Written: {RESULTS / 'datasets.json'} and {RESULTS / 'datasets.png'}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.datasets", description="Measures what publishing open data costs."
    )
    parser.add_argument("--rows", type=float, default=1.0, help="times 400,000 rows (1)")
    parser.add_argument("--rounds", type=int, default=3, help="times that all is published (3)")
    parser.add_argument("--folder", type=Path, default=None, help="where the cluster is")
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.rows <= 0:
        parser.error("rounds are 1 or more, rows more than 0")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
