"""keytui: get, hold and understand an OpenAI API key, from a terminal."""

__version__ = "0.1.0"
