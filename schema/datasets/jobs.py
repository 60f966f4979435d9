import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from backend.core.queue import every

#: The lane of `manage.py work` for these jobs: they take seconds to minutes, and nobody waits for them.
DATASETS = "datasets"
#: Seconds after which a publication is given up; the next one begins anew.
_MOST = 3 * 3600


def publish_datasets() -> None:
    """Publish the version of this day, in a process of its own that gives way to all others.

    So it takes no turns from the letters and notifications of this worker, and leaves no memory in it. Raises
    `CalledProcessError`, `TimeoutExpired`.
    """
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "publish_datasets"]
    # Nothing in it comes from outside.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:  # noqa: S603
        os.setpriority(os.PRIO_PROCESS, process.pid, 10)
        try:
            code = process.wait(_MOST)
        except BaseException:
            process.kill()
            raise
    if code:
        raise subprocess.CalledProcessError(code, command)


# At night where most who use it are; and once more, in case the first time found no store or no database.
every("17 2,5 * * *", publish_datasets, lane=DATASETS)
