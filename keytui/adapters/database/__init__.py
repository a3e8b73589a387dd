"""The one SQLite file of keytui: opened, brought to the newest format, and explained when it cannot be used.

Connections are in autocommit mode: one statement is one transaction unless ``transaction`` holds several together.
"""

from keytui.adapters.database.connections import Database
from keytui.adapters.database.opening import connect, transaction
from keytui.adapters.database.trouble import DatabaseTrouble, explain

__all__ = ["Database", "DatabaseTrouble", "connect", "explain", "transaction"]
