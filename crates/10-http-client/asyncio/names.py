"""A name is looked up once in its time to live, also if three ask at once."""

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
class Names:
    def __init__(self, ttl: float, lookup) -> None:
        self.ttl = ttl
        self.lookup = lookup
        self.known: dict[str, tuple[float, list[str]]] = {}
        self.locks = defaultdict(asyncio.Lock)

    async def resolve(self, name: str) -> list[str]:
        clock = asyncio.get_running_loop().time
        async with self.locks[name]:
            if name in self.known:
                at, addresses = self.known[name]
                if clock() - at < self.ttl:
                    return addresses
            addresses = await self.lookup(name)
            self.known[name] = clock(), addresses
            return addresses
# ANCHOR_END: names


async def lookup(name: str) -> list[str]:
    print(f"{NAME.get()} looks up {name}")
    await asyncio.sleep(0.03)
    return ["192.0.2.7"]


async def caller(n: int, names: Names, after: float) -> None:
    NAME.set(f"caller-{n}")
    await asyncio.sleep(after)
    addresses = await names.resolve("shop.example")
    print(f"caller-{n} connects to {addresses[0]}")


async def main() -> None:
    names = Names(TTL, lookup)
    async with asyncio.TaskGroup() as group:
        for n, after in enumerate([0, 0, 0, 0.11, 0.26], start=1):
            group.create_task(caller(n, names, after))


asyncio.run(main())
