"""How a command ends that cannot be done: a sentence with the next step, and an exit status."""

from __future__ import annotations

from collections.abc import Callable

from keytui.cli.asking import NotAsked
from keytui.cli.saying import say
from keytui.domain.keys import StoreUnreadable, VaultTrouble
from keytui.domain.troubles import Exit


class Stopped(Exception):
    """The command ends here; the text is one sentence with the next step."""

    def __init__(self, text: str, status: Exit = Exit.FAILED) -> None:
        super().__init__(text)
        self.status = status


def ended(work: Callable[[], int], *, not_asked: Exit = Exit.USAGE, told: Callable[[str], None] = say) -> int:
    """The exit status of a command's work; what stops it is told.

    ``not_asked`` is the status where nobody can be asked: usage, unless all that is asked for opens a vault.
    """
    try:
        return work()
    except Stopped as stopped:
        told(str(stopped))
        return stopped.status
    except NotAsked as error:
        told(str(error))
        return not_asked
    except (VaultTrouble, StoreUnreadable) as error:
        told(str(error))
        return Exit.VAULT
