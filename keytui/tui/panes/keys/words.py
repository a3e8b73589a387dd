"""The longer texts of the keys pane."""

from __future__ import annotations

HELP = """\
# Keys

One row for each key that keytui knows. The characters of a key are never shown here, only its last four.

- **enter** makes the highlighted key the one in use, **v** checks it stage by stage.
- **a** adds a key you have, **i** imports one that is on this machine, **f2** walks you to a new one.
- **e** edits its name, model, cap, address and dates; **m** keeps it in another place.
- **r** rotates it: a new key takes over its name, the old one is kept until you revoke it.
- **s** shows its characters for ten seconds, **c** copies them; neither leaves a trace in keytui.
- **w** reviews all keys; **shift+w** also looks into other programs' and the shell's files.
- **o** opens the organisation with an admin key: all projects, their keys, limits and costs.
- **x** exports what is known of keys, without their characters.
- **d** forgets it here. It stays valid on the platform until you revoke it there.

A key is bound to one address and is never sent to another.
"""

EMPTY = "No keys yet.\n\nf2 walks you to one. If you have a key already, press a and paste it, or i to look for it."

LOCKED = "Some keys are in the encrypted file, which is locked. Press l to open it; it is asked for when it is needed."

COMMANDS = {
    "verify": ("Verify {}", "Check this key stage by stage"),
    "edit": ("Edit {}", "Name, model, cap, address, dates"),
    "rotate": ("Rotate {}", "Let a new key take over its name"),
    "move": ("Move {}", "Keep its characters in another place"),
    "reveal": ("Show {}", "Show its characters for ten seconds"),
    "copy": ("Copy {}", "Copy its characters"),
    "export": ("Export the keys", "Write what is known of them to a file, without characters"),
    "forget": ("Forget {}", "Delete this key here"),
}
"""Verb -> what the palette calls it, and what it does."""
