"""Runs the real command as `python -m flows` does, and writes what it took: python lanceur.py MESURE ARGUMENTS…

The peak of this process is read from the kernel, because the usual counter begins with that of the process that started
it; that of its children (the reader of workbooks) is the largest of theirs.
"""

import json
import re
import resource
import runpy
import sys
from pathlib import Path


def mesurer() -> dict[str, float]:
    """Peak memory in bytes and processor time in seconds, children included."""
    propre = int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])
    moi, enfants = (resource.getrusage(qui) for qui in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "memoire": (propre + enfants.ru_maxrss) * 1024,
        "secondes": moi.ru_utime + moi.ru_stime + enfants.ru_utime + enfants.ru_stime,
    }


if __name__ == "__main__":
    mesure = Path(sys.argv.pop(1))
    sys.path.insert(0, str(Path.cwd()))
    try:
        runpy.run_module("flows", run_name="__main__", alter_sys=True)
    finally:
        mesure.write_text(json.dumps(mesurer()))
