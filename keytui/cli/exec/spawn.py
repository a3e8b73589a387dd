"""Running a program where one cannot become it (Windows): started, waited for, with its own signals and exit status."""

from __future__ import annotations

import signal
import subprocess
import sys

NOT_EXECUTABLE, NOT_FOUND = 126, 127


def spawn(command: list[str], environment: dict[str, str]) -> int:
    """The exit status of a program that ran on this console; 126 or 127 when it could not be started."""
    # The console sends ctrl+c to both; the program decides what it means.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(command, env=environment).returncode
    except FileNotFoundError:
        sys.stderr.write(f"keytui exec: there is no program “{command[0]}”; check its name, or give its path.\n")
        return NOT_FOUND
    except OSError as error:
        sys.stderr.write(f"keytui exec: “{command[0]}” cannot be run ({error.strerror}).\n")
        return NOT_EXECUTABLE
    finally:
        signal.signal(signal.SIGINT, before)
