"""How keys are read from the places that keytui never writes: the environment, a ``.env`` file, a command's output.

Plain functions without the domain's types and without heavy imports, because ``keytui exec`` starts with them.
Secrets are plain strings here: hand them straight to ``Secret`` or to the environment of the program to start.
"""

import os
import sys
import time

COMMAND_SECONDS = 60.0
"""How long a command may take to print a key: it may ask for a passphrase or a fingerprint."""

LARGEST = 1024 * 1024
"""Bytes of a ``.env`` file or of a command's output that are looked at."""


class Unreadable(Exception):
    """A key could not be read from there; the text is one sentence with the next step, and holds no secret."""


def dotenv_values(text: str) -> dict[str, str]:
    """The variables of a ``.env`` text: ``NAME=value``, optionally exported and quoted, ``#`` for comments.

    Nothing is expanded or executed; of a name that occurs twice, the last one counts, as in a shell.
    """
    values = {}
    for line in text.lstrip("\ufeff").splitlines():
        line = line.strip()
        if line.startswith("export "):
            line = line[7:].lstrip()
        name, equals, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name.replace("_", "a").isalnum() or name.startswith("#"):
            continue
        if value[:1] in ("'", '"') and (end := value.find(value[0], 1)) > 0:
            value = value[1:end]
        elif value.startswith("#"):
            value = ""
        else:
            value = value.partition(" #")[0].rstrip()
        values[name] = value
    return values


def from_environment(name: str, environ: dict[str, str]) -> str:
    """The value of a variable. Raises ``Unreadable`` when it is not set, or empty."""
    value = environ.get(name, "").strip()
    if not value:
        raise Unreadable(f"The variable {name} is not set here: export it in this shell, or choose another key.")
    return value


def dotenv_file(path: str) -> dict[str, str]:
    """The variables of a ``.env`` file. Raises ``Unreadable``."""
    try:
        with open(path, "rb") as file:
            return dotenv_values(file.read(LARGEST).decode("utf-8", "replace"))
    except OSError as error:
        raise Unreadable(
            f"{path} cannot be read ({error.strerror}): go to its folder, or choose another key."
        ) from None


def from_dotenv(path: str, name: str) -> str:
    """The value of a variable in a ``.env`` file. Raises ``Unreadable``."""
    value = dotenv_file(path).get(name, "").strip()
    if not value:
        raise Unreadable(f"{path} has no {name}: add it there, or choose another key.")
    return value


def from_command(command: str, *, terminal: bool, seconds: float = COMMAND_SECONDS) -> str:
    """The first line that a command prints, such as ``pass show openai``; it is run without a shell.

    ``terminal`` lets it ask the user there; without, its input is empty and its words are dropped. Raises
    ``Unreadable`` when it cannot be started, fails, says nothing, or takes longer than ``seconds``.
    """
    import shlex

    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise Unreadable("The command that prints the key is not complete: correct it with “keytui keys import”.")
    status, output = _run(words, terminal, seconds)
    if status is None:
        raise Unreadable(f"“{words[0]}” took longer than {seconds:.0f} seconds to print the key: run it once by hand.")
    if status == 127:
        raise Unreadable(f"“{words[0]}” cannot be started: install it, or correct the command.")
    if status != 0:
        raise Unreadable(f"“{words[0]}” failed (status {status}) instead of printing the key: run it once by hand.")
    lines = output.decode("utf-8", "replace").strip().splitlines()
    if not lines:
        raise Unreadable(f"“{words[0]}” printed nothing: run it once by hand.")
    return lines[0].strip()


if sys.platform == "win32":  # pragma: no cover

    def _run(words: list[str], terminal: bool, seconds: float) -> tuple[int | None, bytes]:
        """Exit status (None: out of time; 127: not started) and output."""
        import subprocess

        quiet = None if terminal else subprocess.DEVNULL
        try:
            done = subprocess.run(words, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet, timeout=seconds)
        except subprocess.TimeoutExpired:
            return None, b""
        except OSError:
            return 127, b""
        return done.returncode, done.stdout[:LARGEST]
else:

    def _run(words: list[str], terminal: bool, seconds: float) -> tuple[int | None, bytes]:
        """Exit status (None: out of time; 127: not started) and output."""
        # Not by subprocess: importing it costs as much as starting Python.
        import select
        import signal

        reading, writing = os.pipe()
        actions: list[tuple[int, int, int] | tuple[int, int, str, int, int]] = [(os.POSIX_SPAWN_DUP2, writing, 1)]
        if not terminal:
            actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
            actions.append((os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0))
        try:
            process = os.posix_spawnp(
                words[0], words, os.environ, file_actions=actions, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ]
            )
        except OSError:
            os.close(reading)
            return 127, b""
        finally:
            os.close(writing)
        output, end, open_ = b"", time.monotonic() + seconds, True
        try:
            while open_ and (left := end - time.monotonic()) > 0:
                if select.select([reading], [], [], left)[0]:
                    piece = os.read(reading, 65536)
                    open_ = bool(piece)
                    output = (output + piece)[:LARGEST]
            if open_:
                return None, b""
            _, status = os.waitpid(process, 0)
            process = 0
            return os.waitstatus_to_exitcode(status), output
        finally:
            os.close(reading)
            if process:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
