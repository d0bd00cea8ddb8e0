"""A command as workers are given: `python -m tests.made.errand FILE …` writes its number into the file, and more.

`die` kills itself at its first try, `wait` waits until the file FILE.go is there, `fail` ends with exit code 2, `stop`
with 3 as what is stopped on request does.
"""

import os
import signal
import sys
import time
from pathlib import Path

from galaxy_core.scale.task import end_with_parent

if __name__ == "__main__":
    end_with_parent()
    file, words = Path(sys.argv[1]), sys.argv[2:]
    with file.open("a") as out:
        out.write(f"{os.getpid()}\n")
    if "die" in words and len(file.read_text().splitlines()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    while "wait" in words and not file.with_suffix(".go").exists():
        time.sleep(0.02)
    print(f"cores {os.environ.get('GALAXY_CORES')}")
    sys.exit(2 if "fail" in words else 3 if "stop" in words else 0)
