"""The metering proxy: passes other programs' requests on with the real key, and books them."""

from keytui.domain.metering import Handshake
from keytui.servers.metering.proxy import MeteringProxy
from keytui.servers.metering.settings import Ports, ProxySettings
from keytui.servers.quiet import CannotListen

__all__ = ["CannotListen", "Handshake", "MeteringProxy", "Ports", "ProxySettings"]
