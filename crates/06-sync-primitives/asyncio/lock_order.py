"""Two tasks may deadlock if they take two locks in opposite orders, but never in the same order."""

# also compared with: patience=1000ms

import asyncio
import os

PATIENCE = float(os.environ.get("KNOB_PATIENCE", 0.3))


# ANCHOR: lock_order
class Account:
    def __init__(self, n: int) -> None:
        self.n = n
        self.balance = 100
        self.lock = asyncio.Lock()

    async def hold(self, name: str) -> None:
        await self.lock.acquire()
        print(f"{name} holds account {self.n}")
        await asyncio.sleep(0.05)


async def transfer(name: str, payer: Account, payee: Account, in_order: bool) -> None:
    both = [payer, payee]
    if in_order:
        both.sort(key=lambda account: account.n)
    held = []
    try:
        for account in both:
            await account.hold(name)
            held.append(account)
        payer.balance -= 10
        payee.balance += 10
        print(f"{name} has moved 10")
    finally:
        for account in held:
            account.lock.release()


async def two_transfers(in_order: bool) -> None:
    a, b = Account(0), Account(1)
    async with asyncio.TaskGroup() as group:
        group.create_task(transfer("0-to-1", a, b, in_order))
        group.create_task(transfer("1-to-0", b, a, in_order))


async def main() -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await two_transfers(in_order=False)
    except TimeoutError:
        print("deadlock: each transfer waits for the lock that the other holds")
    await two_transfers(in_order=True)
# ANCHOR_END: lock_order


asyncio.run(main())
