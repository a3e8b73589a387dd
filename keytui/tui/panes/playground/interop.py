"""Ways in and out of the playground: files, the user's editor, exports, imports, the request as a program."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any

from textual.app import SuspendNotSupported, SystemCommand

from keytui.domain.branches import ROOT
from keytui.domain.chatgpt_export import NotAnExport, read_export
from keytui.domain.conversations import ConversationStore, StoredMessage
from keytui.domain.export import FORMATS, exported, file_name
from keytui.domain.keys import OPENAI_BASE_URL, StoreUnreadable
from keytui.domain.view_as import view_as
from keytui.tui.background import in_background
from keytui.tui.dialogs.line import LineDialog
from keytui.tui.panes.playground.conversing import ConversationPane
from keytui.tui.panes.playground.files import Unreadable, as_draft, edited, editor, read_file
from keytui.tui.widgets.composer import Composer

Act = Callable[[ConversationPane], Coroutine[Any, Any, None]]


async def take_file(pane: ConversationPane, name: str) -> None:
    """Put a file's text into the draft, where the cursor is."""
    try:
        text = await in_background(read_file, name)
    except Unreadable as why:
        pane.tell(str(why))
        return
    pane.query_one(Composer).insert(as_draft(name, text))


async def ask_for_file(pane: ConversationPane) -> None:
    """Ask which file is to become text in the draft."""
    note = "Its text goes into the draft where the cursor is. In the draft, “/file PATH” does the same."
    name = await pane.app.push_screen_wait(LineDialog("Put a file into the draft", note=note))
    if name and name.strip():
        await take_file(pane, name.strip())


async def edit_elsewhere(pane: ConversationPane) -> None:
    """Edit the draft in the user's own editor."""
    composer, command = pane.query_one(Composer), editor()
    try:
        with pane.app.suspend():
            text = edited(composer.text, command)
    except SuspendNotSupported:
        pane.tell("An editor cannot be opened from here; the draft is as it was.")
    except Unreadable as why:
        pane.tell(str(why))
    else:
        if text != composer.text:
            composer.load_text(text)
            composer.move_cursor(composer.document.end)


async def export(pane: ConversationPane, ending: str) -> None:
    """Write the conversation to a file that the user names."""
    await pane.whole.wait()
    thread = pane.thread
    if thread.untouched:
        pane.notify("There is nothing in this conversation yet.", timeout=4)
        return
    note = f"{FORMATS[ending]}. The file is for you alone, and nothing that exists is overwritten."
    name = await pane.app.push_screen_wait(
        LineDialog("Export this conversation to", file_name(thread, ending), note=note)
    )
    if not name or not name.strip():
        return
    try:
        path = await pane.services.export(name.strip(), exported(thread, ending))
    except FileExistsError:
        pane.tell(f"{name.strip()} is there already, and was left as it is. Choose another name.")
    except OSError as error:
        pane.tell(f"{name.strip()} cannot be written: {error.strerror or error}.")
    else:
        pane.notify(f"Written to {path}", markup=False, timeout=8)


async def import_chatgpt(pane: ConversationPane) -> None:
    """Take in the conversations of ChatGPT's export."""
    note = "conversations.json from the archive that ChatGPT mails (Settings, Data controls, Export)."
    name = await pane.app.push_screen_wait(LineDialog("Import from ChatGPT", note=note))
    if not name or not name.strip():
        return
    try:
        text = await in_background(_whole_text, name.strip())
        store = await pane.services.conversations()
        pane.notify("Reading the export; you can go on meanwhile.", timeout=4)
        conversations, messages = await in_background(_take_in, store, text)
    except (Unreadable, NotAnExport, StoreUnreadable) as why:
        pane.tell(str(why))
    else:
        pane.notify(f"{conversations:,} conversations with {messages:,} messages are here now; ctrl+o finds them.")


def _whole_text(name: str) -> str:
    """An export's text: unlike a draft it may be long."""
    try:
        with open(name, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise Unreadable(f"{name} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is no text. Unpack the archive first.") from None


def _take_in(store: ConversationStore, text: str) -> tuple[int, int]:
    """Keep every conversation of an export; how many conversations and messages that were."""
    conversations = messages = 0
    for thread in read_export(text):
        store.save(thread.head)
        for message in thread.messages:
            store.append(thread.head.id, message)
        conversations, messages = conversations + 1, messages + len(thread.messages)
    return conversations, messages


async def show_as(pane: ConversationPane) -> None:
    """Show the next request as Python, curl and Node."""
    from keytui.tui.dialogs.view_as import ViewAsScreen

    await pane.whole.wait()
    thread = pane.thread
    if pane.draft.strip():
        thread = thread.with_message(StoredMessage("draft", "user", pane.draft, pane.services.now(), parent=ROOT))
    name, base_url = (pane.key.name, pane.key.base_url) if pane.key else ("NAME", OPENAI_BASE_URL)
    question = thread.question(pane.model)
    await pane.app.push_screen_wait(ViewAsScreen(view_as(question, key_name=name, base_url=base_url)))


def commands(pane: ConversationPane) -> Iterable[SystemCommand]:
    """What the palette offers of all this."""

    def command(title: str, what: str, act: Act) -> SystemCommand:
        return SystemCommand(title, what, lambda: run(pane, act))

    yield command("Edit the draft in your editor", "As VISUAL or EDITOR names it (f5)", edit_elsewhere)
    yield command("Put a file into the draft", "Its text, where the cursor is", ask_for_file)
    yield command("View the request as a program", "Python, curl and Node, the key by environment only", show_as)
    for ending, what in FORMATS.items():
        name, _, use = what.partition(", ")
        yield command(f"Export as {name}", f"{use[:1].upper()}{use[1:]}", partial(export, ending=ending))
    yield command("Import from ChatGPT", "The conversations.json of its export", import_chatgpt)


def run(pane: ConversationPane, act: Act) -> None:
    """Do it in a worker: most of it waits for the user."""
    pane.run_worker(act(pane), group="interop", exclusive=True, description="a way in or out")
