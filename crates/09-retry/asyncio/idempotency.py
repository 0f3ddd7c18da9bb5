"""If the response to a charge is lost, a retry charges again, unless all attempts carry one key."""

# also compared with: lost=0
# also compared with: lost=4

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable

LOST = int(os.environ.get("KNOB_LOST", 1))


class Lost(Exception):
    """There was no response. The client cannot know if the work was done."""


# ANCHOR: idempotency
async def without_a_key(name: str, bank: "Bank") -> None:
    await retry(name, lambda: bank.charge(None))


async def key_per_attempt(name: str, bank: "Bank") -> None:
    await retry(name, lambda: bank.charge(uuid.uuid4()))


async def key_per_purchase(name: str, bank: "Bank") -> None:
    purchase = uuid.uuid4()
    await retry(name, lambda: bank.charge(purchase))


async def retry(name: str, operation: Callable[[], Awaitable[None]]) -> None:
    for _ in range(4):
        try:
            return await operation()
        except Lost:
            print(f"{name} no response: retrying")
        await asyncio.sleep(0.1)
    await operation()
# ANCHOR_END: idempotency


class Bank:
    """Makes every charge, but loses its first responses."""

    def __init__(self, responses_to_lose: int) -> None:
        self.responses_to_lose = responses_to_lose
        self.known_keys: set[uuid.UUID] = set()
        self.charged = 0

    async def charge(self, key: uuid.UUID | None) -> None:
        if key is None or key not in self.known_keys:
            await asyncio.sleep(0.02)
            self.record(key)
        if self.responses_to_lose:
            self.responses_to_lose -= 1
            raise Lost

    def record(self, key: uuid.UUID | None) -> None:
        """Records the key together with the charge: a cancelled call must leave no key alone."""
        if key is None:
            self.charged += 1
        elif key not in self.known_keys:
            self.known_keys.add(key)
            self.charged += 1


async def customer(name: str, buy) -> None:
    bank = Bank(LOST)
    await buy(name, bank)
    print(f"{name} charges made: {bank.charged}")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(customer("without a key", without_a_key))
        group.create_task(customer("key per attempt", key_per_attempt))
        group.create_task(customer("key per purchase", key_per_purchase))


asyncio.run(main())
