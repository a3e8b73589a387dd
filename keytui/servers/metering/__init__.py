"""The metering proxy: passes other programs' requests on with the real key, and books them."""

from keytui.domain.metering import Handshake
from keytui.servers.metering.proxy import MeteringProxy
from keytui.servers.metering.serving import CannotListen
from keytui.servers.metering.settings import Ports, ProxySettings

__all__ = ["CannotListen", "Handshake", "MeteringProxy", "Ports", "ProxySettings"]
