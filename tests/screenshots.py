"""Makes every picture in screenshots/ from the practice service: ``python -m tests.screenshots [NAME…]``.

Pictures are never made by hand, so they cannot show what is not there, and the keys in them open nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "screenshots"
SIZES = {"": (110, 32), "-80x24": (80, 24)}

Scene = Callable[["Stage"], Awaitable[None]]


class Stage:
    """The app in front of the camera, with the few moves that scenes need."""

    def __init__(self, app: object, pilot: object) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text as a person would, all at once."""
        await self.press(*("space" if character == " " else character for character in text))

    async def until(self, seen: Callable[[], object], seconds: float = 20.0) -> None:
        """Let the app run until something holds."""
        end = asyncio.get_running_loop().time() + seconds
        while not seen():
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError("the scene did not come together")
            await self.pilot.pause(0.05)

    def text(self) -> str:
        """What the screen says."""
        return re.sub(r"<[^>]+>", "", self.app.export_screenshot()).replace("&#160;", " ")


def without_fonts(svg: str) -> str:
    """The picture without the fonts that it would fetch from elsewhere: whoever looks at it contacts nobody."""
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    return svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


async def take(name: str, scene: Scene, size: tuple[int, int], theme: str) -> None:
    """One picture."""
    from keytui.cli.backstage import Backstage
    from keytui.tui.app import KeytuiApp

    with tempfile.TemporaryDirectory() as home:
        os.environ["KEYTUI_HOME"] = home
        services = Backstage(practice=True, offline=False)
        app = KeytuiApp(services)
        app.theme = theme
        try:
            async with app.run_test(size=size) as pilot:
                stage = Stage(app, pilot)
                await stage.until(lambda: app.screen.key is not None)
                await scene(stage)
                await pilot.pause(0.2)
                (FOLDER / f"{name}.svg").write_text(without_fonts(app.export_screenshot(title="keytui")))
        finally:
            services.end()


def main(wanted: list[str]) -> int:
    """Make all pictures, or those that are named."""
    from tests.scenes import SCENES

    FOLDER.mkdir(exist_ok=True)
    for name, (scene, theme) in SCENES.items():
        for suffix, size in SIZES.items():
            if not wanted or name in wanted or name + suffix in wanted:
                asyncio.run(take(name + suffix, scene, size, theme))
                print(f"screenshots/{name}{suffix}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
