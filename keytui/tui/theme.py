"""keytui's own looks: dark, light, and one in the terminal's own colours."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="keytui-dark",
    primary="#6fc3a6",
    secondary="#8fb4d9",
    accent="#6fc3a6",
    warning="#e3b566",
    error="#ef8080",
    success="#6fc3a6",
    foreground="#dde1e8",
    background="#14171c",
    surface="#191d23",
    panel="#21262e",
    boost="#21262e",
    dark=True,
    variables={
        "dim": "#98a1b0",
        # Textual's own are the foreground at 60 and 38 %, too little on a panel.
        "text-muted": "#98a1b0",
        "text-disabled": "#98a1b0",
        "line": "#343b46",
        "track": "#3a424e",
        "block-cursor-background": "#6fc3a6",
        "block-cursor-foreground": "#10140f",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#2b323c",
        "block-cursor-blurred-foreground": "#dde1e8",
        "block-cursor-blurred-text-style": "none",
        "input-selection-background": "#203a31",
        "screen-selection-background": "#203a31",
        "footer-key-foreground": "#6fc3a6",
        "border": "#6fc3a6",
        "border-blurred": "#343b46",
        "scrollbar": "#3a424e",
        "scrollbar-hover": "#525c6a",
        "scrollbar-active": "#6fc3a6",
        "scrollbar-background": "#14171c",
        "scrollbar-background-hover": "#14171c",
        "scrollbar-background-active": "#14171c",
        "scrollbar-corner-color": "#14171c",
    },
)

LIGHT = Theme(
    name="keytui-light",
    primary="#0b6b50",
    secondary="#2c5d93",
    accent="#0b6b50",
    warning="#855600",
    error="#b3261e",
    success="#0b6b50",
    foreground="#20252c",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e9e6df",
    boost="#e9e6df",
    dark=False,
    variables={
        "dim": "#596170",
        "text-muted": "#596170",
        "text-disabled": "#596170",
        "line": "#cfcbc1",
        "track": "#cfcbc1",
        "block-cursor-background": "#0b6b50",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e4e0d7",
        "block-cursor-blurred-foreground": "#20252c",
        "block-cursor-blurred-text-style": "none",
        "input-selection-background": "#cbeadd",
        "screen-selection-background": "#cbeadd",
        "footer-key-foreground": "#0b6b50",
        "border": "#0b6b50",
        "border-blurred": "#cfcbc1",
        "scrollbar": "#cfcbc1",
        "scrollbar-hover": "#aaa598",
        "scrollbar-active": "#0b6b50",
        "scrollbar-background": "#fbfaf7",
        "scrollbar-background-hover": "#fbfaf7",
        "scrollbar-background-active": "#fbfaf7",
        "scrollbar-corner-color": "#fbfaf7",
    },
)

TERMINAL = Theme(
    name="keytui-terminal",
    ansi=True,
    primary="ansi_green",
    secondary="ansi_cyan",
    accent="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        # The terminal's palette has no grey that is readable everywhere: dim text is the default colour, dimmed.
        "dim": "ansi_default",
        "line": "ansi_bright_black",
        "track": "ansi_bright_black",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_bright_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_green",
        "block-cursor-blurred-foreground": "ansi_default",
        "block-cursor-blurred-background": "ansi_bright_black",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
    },
)

THEMES = (DARK, LIGHT, TERMINAL)


def filled_in(theme: Theme) -> dict[str, str]:
    """What a look of Textual's own lacks of the variables that are ours; dim text is as clear there as any other."""
    near = DARK if theme.dark else LIGHT
    return {
        "dim": theme.foreground or near.foreground or "",
        "line": near.variables["line"],
        "track": near.variables["track"],
    }
