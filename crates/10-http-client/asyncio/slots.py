"""Two limits, one for all requests and one for each host: the host's slot is acquired first."""

# also compared with: all=10 per-host=2
# also compared with: all=3 per-host=3
# also compared with: all=1

import asyncio
import os
from collections import defaultdict
from contextlib import asynccontextmanager

ALL = int(os.environ.get("KNOB_ALL", 2))
PER_HOST = int(os.environ.get("KNOB_PER_HOST", 1))


# ANCHOR: slots
class Slots:
    def __init__(self, all: int, per_host: int) -> None:
        self.all = asyncio.Semaphore(all)
        self.hosts = defaultdict(lambda: asyncio.Semaphore(per_host))

    @asynccontextmanager
    async def slot(self, host: str):
        async with self.hosts[host], self.all:
            yield
# ANCHOR_END: slots

    @asynccontextmanager
    async def slot_all_first(self, host: str):
        async with self.all, self.hosts[host]:
            yield


async def send(name: str, slot, host: str) -> None:
    async with slot(host):
        await asyncio.sleep(0.06 if host == "slow" else 0.02)
        print(f"{name} answered")


async def send_all(first: str) -> None:
    slots = Slots(ALL, PER_HOST)
    slot = slots.slot if first == "host first" else slots.slot_all_first
    async with asyncio.TaskGroup() as group:
        for n, host in enumerate(["slow"] * 3 + ["quick"] * 3, start=1):
            group.create_task(send(f"{first} {host}-{n}", slot, host))


async def main() -> None:
    await send_all("all first")
    await send_all("host first")


asyncio.run(main())
