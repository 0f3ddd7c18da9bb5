"""A charge whose answer was lost is made twice, unless all its attempts carry one key."""

# also compared with: lost=0
# also compared with: lost=4

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable

LOST = int(os.environ.get("KNOB_LOST", 1))


class Lost(Exception):
    """Whether the work was done, nobody knows."""


# ANCHOR: idempotency
async def no_key(name: str, bank: "Bank") -> None:
    await retry(name, lambda: bank.charge(None))


async def a_key_each(name: str, bank: "Bank") -> None:
    await retry(name, lambda: bank.charge(uuid.uuid4()))


async def one_key(name: str, bank: "Bank") -> None:
    purchase = uuid.uuid4()
    await retry(name, lambda: bank.charge(purchase))


async def retry(name: str, operation: Callable[[], Awaitable[None]]) -> None:
    for _ in range(4):
        try:
            return await operation()
        except Lost:
            print(f"{name} no answer, so again")
        await asyncio.sleep(0.1)
    await operation()
# ANCHOR_END: idempotency


class Bank:
    """Does what it is asked, and loses its first answers."""

    def __init__(self, to_lose: int) -> None:
        self.to_lose = to_lose
        self.known: set[uuid.UUID] = set()
        self.charged = 0

    async def charge(self, key: uuid.UUID | None) -> None:
        if key is None or key not in self.known:
            await asyncio.sleep(0.02)
            self.note(key)
        if self.to_lose:
            self.to_lose -= 1
            raise Lost

    def note(self, key: uuid.UUID | None) -> None:
        """The key with the charge: a call cancelled before both must leave neither."""
        if key is None:
            self.charged += 1
        elif key not in self.known:
            self.known.add(key)
            self.charged += 1


async def customer(name: str, buy) -> None:
    bank = Bank(LOST)
    await buy(name, bank)
    print(f"{name} charges made: {bank.charged}")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(customer("no key", no_key))
        group.create_task(customer("a key each", a_key_each))
        group.create_task(customer("one key", one_key))


asyncio.run(main())
