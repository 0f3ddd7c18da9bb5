"""Within its time to live a name is looked up once, even if three tasks ask at the same time."""

# also compared with: ttl=0ms
# also compared with: ttl=100ms
# also compared with: ttl=1s

import asyncio
import os
from collections import defaultdict
from contextvars import ContextVar

TTL = float(os.environ.get("KNOB_TTL", 0.2))
NAME = ContextVar("NAME")


# ANCHOR: names
class NameCache:
    def __init__(self, ttl: float, lookup) -> None:
        self.ttl = ttl
        self.lookup = lookup
        self.entries: dict[str, tuple[float, list[str]]] = {}
        self.locks = defaultdict(asyncio.Lock)

    async def resolve(self, name: str) -> list[str]:
        clock = asyncio.get_running_loop().time
        async with self.locks[name]:
            if name in self.entries:
                at, addresses = self.entries[name]
                if clock() - at < self.ttl:
                    return addresses
            addresses = await self.lookup(name)
            self.entries[name] = clock(), addresses
            return addresses
# ANCHOR_END: names


async def lookup(name: str) -> list[str]:
    print(f"{NAME.get()} looks up {name}")
    await asyncio.sleep(0.03)
    return ["192.0.2.7"]


async def caller(n: int, cache: NameCache, delay: float) -> None:
    NAME.set(f"caller-{n}")
    await asyncio.sleep(delay)
    addresses = await cache.resolve("shop.example")
    print(f"caller-{n} connects to {addresses[0]}")


async def main() -> None:
    cache = NameCache(TTL, lookup)
    async with asyncio.TaskGroup() as group:
        for n, delay in enumerate([0, 0, 0, 0.11, 0.26], start=1):
            group.create_task(caller(n, cache, delay))


asyncio.run(main())
