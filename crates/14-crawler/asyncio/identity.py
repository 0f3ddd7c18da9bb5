"""A crawler that compares addresses as text fetches a page once for each spelling."""

import asyncio
import re
from string import hexdigits
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

PAGE = "http://python.org/docs/"
PORTS = {"http": 80, "https": 443}
LINKS = [
    "a.html",
    "./a.html#top",
    "../docs/a.html?",
    "HTTP://Python.ORG:80/docs/a.html",
    "/docs/%7Eada",
    "/docs/~ada",
    "/docs/%%37eada",
    "/",
    "//python.org.evil.com/",
    "http://python.org@evil.com/",
    "https://python.org/docs/",
    "mailto:ada@python.org",
]


# ANCHOR: classify
def origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


def normalise_escapes(path: str) -> str:
    def normalise(escape: re.Match[str]) -> str:
        char = chr(int(escape[1], 16))
        plain = char.isascii() and (char.isalnum() or char in "-._~")
        # After another %, as in %%37e, a digit would make a new escape.
        digit = char in hexdigits and "%" in path[max(0, escape.start() - 2) : escape.start()]
        return char if plain and not digit else escape[0].upper()

    return re.sub("%([0-9A-Fa-f]{2})", normalise, path)


def join(page: str, link: str) -> str | None:
    parts = urlsplit(urldefrag(urljoin(page, link)).url)
    scheme, host, port = origin(parts.geturl())
    if scheme not in PORTS or not host:
        return None
    host = host if port == PORTS[scheme] else f"{host}:{port}"
    path, query = normalise_escapes(parts.path) or "/", normalise_escapes(parts.query)
    return urlunsplit((scheme, host, path, query, ""))


def classify(page: str, link: str) -> str:
    address = join(page, link)
    if address is None:
        return "not a web page"
    return address if origin(address) == origin(page) else f"off site, {address}"
# ANCHOR_END: classify


async def main() -> None:
    for link in LINKS:
        print(f"{link}: {classify(PAGE, link)}")


asyncio.run(main())
