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

from tests.scenes import SCENES
from tests.support.stage import Stage, on_stage

FOLDER = Path(__file__).parent.parent / "screenshots"
SIZES = {"": (110, 32), "-80x24": (80, 24)}

Scene = Callable[[Stage], Awaitable[None]]


def without_fonts(svg: str) -> str:
    """The picture without the fonts that it would fetch from elsewhere: whoever looks at it contacts nobody."""
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    return svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


async def take(name: str, scene: Scene, size: tuple[int, int], theme: str) -> None:
    """One picture, from an app that starts with nothing."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["KEYTUI_HOME"] = home
        async with on_stage(size=size) as stage:
            stage.app.theme = theme
            await stage.ready()
            await scene(stage)
            await stage.pilot.pause(0.2)
            picture = without_fonts(stage.app.export_screenshot(title="keytui"))
            (FOLDER / f"{name}.svg").write_text(picture)


def main(wanted: list[str]) -> int:
    """Make all pictures, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    for name, (scene, theme) in SCENES.items():
        for suffix, size in SIZES.items():
            if not wanted or name in wanted or name + suffix in wanted:
                asyncio.run(take(name + suffix, scene, size, theme))
                print(f"screenshots/{name}{suffix}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
