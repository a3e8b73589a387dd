"""The practice service: an organisation on the loopback that speaks the platform's protocol, and is not it.

Importing it imports Starlette and Uvicorn: do it where the service is started, never before the first frame.
"""

from keytui.servers.practice.service import Handshake, PracticeService

__all__ = ["Handshake", "PracticeService"]
