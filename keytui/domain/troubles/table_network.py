"""Troubles on the route to the API: names, connections, certificates, proxies, wrong addresses, environment."""

from __future__ import annotations

from keytui.domain.troubles.exit import Exit
from keytui.domain.troubles.row import Row, codes, statuses

_NETWORK = Exit.NETWORK

ROWS: tuple[Row, ...] = (
    # The environment, before anything is sent.
    Row(
        "certificate-file-missing",
        "The certificates named in SSL_CERT_FILE, SSL_CERT_DIR or the Network pane cannot be read.",
        "Correct the variable or the file's name, or take it away to use the system's certificates.",
        number=18,
        exit=_NETWORK,
        codes=codes("bad_certificate_file"),
        cause=r"NO_CERTIFICATE_OR_CRL_FOUND|NO_START_LINE|\[X509\]|load_verify_locations",
    ),
    Row(
        "proxy-address",
        "The address of the proxy ({proxy}) cannot be used.",
        "Write it as http://host:port, https://host:port, socks5://host:port or socks5h://host:port; socks4 is not "
        "supported.",
        number=19,
        exit=_NETWORK,
        codes=codes("bad_proxy_address"),
        cause=r"Proxy protocol must be|Unknown scheme for proxy|Invalid port|InvalidURL.{0,80}proxy",
    ),
    Row(
        "socks-missing",
        "The proxy is a SOCKS proxy, and the support for it is not installed.",
        "Install it with: pip install socksio",
        number=19,
        exit=_NETWORK,
        cause=r"socksio.{0,40}(?:not installed|No module)|Using SOCKS proxy",
    ),
    Row(
        "base-url-malformed",
        "The base URL is not an address that can be asked.",
        "Write it whole, such as https://api.openai.com/v1 or http://127.0.0.1:4000/v1.",
        number=21,
        exit=_NETWORK,
        codes=codes("bad_base_url"),
        cause=r"UnsupportedProtocol|InvalidURL",
    ),
    # The proxy, when there is one.
    Row(
        "proxy-sign-in",
        "The proxy {proxy} asks for a user name and a password, or refused those it got.",
        "Put them into the address (http://user:password@host:port) or into the Network pane; sudo and ssh often drop "
        "HTTPS_PROXY.",
        number=19,
        exit=_NETWORK,
        codes=codes("proxy_sign_in"),
        cause=r"ProxyError: 40[17]\b|Proxy Authentication Required|username/password"
        r"|auth(?:entication)? method.{0,40}(?:rejected"
        r"|accept)"
        r"|Invalid username|NO.ACCEPTABLE.METHODS",
        statuses=statuses(407),
        sure=True,
    ),
    Row(
        "proxy-sign-in",
        "The proxy {proxy} asks for a user name and a password, or refused those it got.",
        "Put them into the address (http://user:password@host:port) or into the Network pane; sudo and ssh often drop "
        "HTTPS_PROXY.",
        number=19,
        exit=_NETWORK,
        # tinyproxy answers a wrong password with 401 and a page, as if it were the server.
        statuses=statuses(401),
        sure=True,
        content=r"html",
        proxied=True,
    ),
    Row(
        "proxy-is-not-socks",
        "The proxy {proxy} does not answer as a SOCKS proxy.",
        "Most company proxies are HTTP proxies: write its address with http:// in front.",
        number=19,
        exit=_NETWORK,
        codes=codes("proxy_not_socks"),
        cause=r"SOCKS handshake was not answered|SOCKSError|Malformed reply|AssertionError",
        proxied=True,
    ),
    Row(
        "proxy-refused",
        "The proxy {proxy} refused to pass the request on.",
        "Its rules may forbid {host}, or it cannot reach it: ask whoever runs the proxy, or add the host to NO_PROXY "
        "if it can "
        "be reached directly.",
        number=19,
        exit=_NETWORK,
        codes=codes("proxy_refused"),
        cause=r"ProxyError|SOCKS.{0,60}(?:failed|refused|unreachable)",
        proxied=True,
    ),
    Row(
        "proxy-refused",
        "The proxy {proxy} refused to pass the request on.",
        "Its rules may forbid {host}, or it cannot reach it: ask whoever runs the proxy, or add the host to NO_PROXY "
        "if it can "
        "be reached directly.",
        number=19,
        exit=_NETWORK,
        message=r"tinyproxy|squid|proxy (?:error|server)|access denied by",
        content=r"html",
        proxied=True,
        only_statuses=statuses(400, 403, 404, 500, 502, 503, 504),
    ),
    Row(
        "proxy-unreachable",
        "The proxy {proxy} cannot be reached.",
        "Check its address and port. If none is needed here, unset HTTPS_PROXY and ALL_PROXY, or choose “Use none” in "
        "the Network pane.",
        number=19,
        exit=_NETWORK,
        codes=codes("connect_timeout", "connection_refused", "name_unknown", "unreachable"),
        cause=r"ConnectError(?!.*(?:CERTIFICATE|SSL|TLS))|ConnectTimeout|ConnectionRefused|gaierror"
        r"|\[Errno -[235]\]",
        proxied=True,
        answering=False,
    ),
    # Certificates.
    Row(
        "certificate-expired",
        "The certificate of {host} has expired, or this machine's clock is wrong.",
        "Check the date and time of this machine first; then tell whoever runs the server.",
        number=18,
        exit=_NETWORK,
        codes=codes("certificate_expired"),
        cause=r"certificate has expired|certificate is not yet valid",
    ),
    Row(
        "certificate-name",
        "The certificate belongs to another host than {host}.",
        "Check the base URL; on a guest network, sign in there first.",
        number=18,
        exit=_NETWORK,
        codes=codes("certificate_name"),
        cause=r"Hostname mismatch|IP address mismatch|doesn't match|not valid for",
    ),
    Row(
        "certificate-untrusted",
        "The certificate of {host} is signed by an authority that this machine does not trust{issuer}.",
        "A company's proxy often re-signs traffic: get its CA file and name it in the Network pane or in SSL_CERT_FILE "
        "(REQUESTS_CA_BUNDLE is not read). Do not turn verification off.",
        number=18,
        exit=_NETWORK,
        codes=codes("certificate_untrusted"),
        cause=r"CERTIFICATE_VERIFY_FAILED|self[- ]signed certificate|unable to get local issuer",
    ),
    Row(
        "tls-failed",
        "{host} and this machine could not agree on an encrypted connection.",
        "If it is a local server, its base URL probably begins with http:// and not https://.",
        number=18,
        exit=_NETWORK,
        codes=codes("tls_failed"),
        cause=r"WRONG_VERSION_NUMBER|SSLError|SSL:|TLSV1|handshake|SSLZeroReturn|\bSSL\b",
    ),
    # Names and connections.
    Row(
        "name-unknown",
        "The name {host} is not known to the network.",
        "Check the spelling of the base URL and that this machine is online; behind a company's proxy, enter it in the "
        "Network pane (e) or set HTTPS_PROXY.",
        number=19,
        exit=_NETWORK,
        codes=codes("name_unknown"),
        cause=r"gaierror|\[Errno -[235]\]|Name or service not known|nodename nor servname|Temporary failure in name"
        r"|No address associated|getaddrinfo failed",
    ),
    Row(
        "connection-refused",
        "Nothing listens at {host}.",
        "Check host and port of the base URL, and that the server is running; a company's firewall may ask for a proxy "
        "(HTTPS_PROXY; sudo and ssh often drop it).",
        number=19,
        exit=_NETWORK,
        codes=codes("connection_refused"),
        cause=r"ConnectionRefused|Connection refused|actively refused|All connection attempts failed",
    ),
    Row(
        "connect-timeout",
        "{host} did not answer the attempt to connect in time.",
        "Check that this machine is online; a firewall may ask for a proxy: enter it in the Network pane (e) or set "
        "HTTPS_PROXY.",
        number=19,
        exit=_NETWORK,
        retry=True,
        codes=codes("connect_timeout"),
        cause=r"ConnectTimeout|timed out.{0,30}connect",
    ),
    Row(
        "unreachable",
        "There is no way from this machine to {host}.",
        "Check that this machine is online, and whether it needs a proxy: enter that in the Network pane (e) or set "
        "HTTPS_PROXY.",
        number=19,
        exit=_NETWORK,
        codes=codes("unreachable"),
        cause=r"Network is unreachable|No route to host|Host is unreachable|Network unreachable",
    ),
    Row(
        "answer-timeout",
        "{host} took the request but did not answer in time.",
        "Ask again with a smaller question or a faster model. It may have been charged all the same.",
        number=19,
        exit=_NETWORK,
        codes=codes("answer_timeout"),
        cause=r"ReadTimeout|WriteTimeout|PoolTimeout|APITimeoutError|TimeoutError",
        statuses=statuses(408),
    ),
    Row(
        "proxy-closed",
        "The proxy {proxy} closed the connection before any answer came.",
        "It may ask for a sign-in or forbid {host}: the probe in the Network pane checks each part of the way.",
        number=19,
        exit=_NETWORK,
        retry=True,
        cause=r"ConnectionReset|Connection reset|ReadError|WriteError|RemoteProtocolError|disconnected without"
        r"|EndOfStream|BrokenPipe|peer closed",
        proxied=True,
        answering=False,
    ),
    Row(
        "connection-reset",
        "The connection was closed before any answer came.",
        "keytui asks again. If it goes on, a firewall or proxy on the way may be closing it.",
        number=19,
        exit=_NETWORK,
        retry=True,
        codes=codes("connection_reset"),
        cause=r"ConnectionReset|Connection reset|ReadError|WriteError|RemoteProtocolError|disconnected without"
        r"|EndOfStream|BrokenPipe|peer closed",
    ),
    Row(
        "connection-failed",
        "No connection to {host} came about.",
        "Check the base URL and the network; “keytui doctor” checks each part of the way.",
        number=19,
        exit=_NETWORK,
        cause=r"ConnectError|NetworkError|APIConnectionError|OSError",
    ),
    # Something answered, but no API.
    Row(
        "redirected",
        "{host} says that its API is at another address{location}.",
        "Set that address as the base URL, if you trust it: keytui sends a key nowhere else by itself.",
        number=21,
        exit=_NETWORK,
        codes=codes("redirected"),
        sure=True,
        statuses=statuses(300, 301, 302, 303, 307, 308),
    ),
    Row(
        "web-page",
        "A web page answered in place of an API.",
        "The base URL probably lacks /v1 or names the wrong host ({base_url} is asked now). On a guest network, sign "
        "in there "
        "first. Do not send an OpenAI key to an address you do not know.",
        number=21,
        exit=_NETWORK,
        codes=codes("web_page"),
        message=r"<!doctype html|<html|<head|<body",
    ),
    Row(
        "garbled-answer",
        "What {host} sent is no answer of an API that keytui understands.",
        "Check the base URL; a proxy or a gateway on the way may have changed or cut the answer.",
        exit=_NETWORK,
        codes=codes("garbled"),
        cause=r"JSONDecodeError|UnicodeDecodeError|AttributeError|ValidationError|DecodingError|TypeError|KeyError"
        r"|ValueError|IndexError",
    ),
    Row(
        "wrong-base-url",
        "There is no API at {base_url}.",
        "Most base URLs end in /v1, without /chat/completions and without a slash at the end: check it.",
        number=21,
        exit=_NETWORK,
        codes=codes("not_an_api"),
        statuses=statuses(404, 405, 410),
    ),
    Row(
        "forbidden",
        "{host} refuses this.",
        "The key may lack the permission, or a firewall or proxy on the way forbids it; the server's own words are "
        "below.",
        exit=Exit.AUTHENTICATION,
        statuses=statuses(403),
    ),
    Row(
        "bad-request",
        "{host} did not accept the request.",
        "The server's own words are below; “keytui doctor” checks the rest.",
        statuses=statuses(400, 409, 415, 422),
    ),
)
