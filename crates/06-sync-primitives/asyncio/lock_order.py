"""Two locks taken in two orders end in a deadlock, and one order for all cannot."""

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

    async def hold(self, who: str) -> None:
        await self.lock.acquire()
        print(f"{who} holds account {self.n}")
        await asyncio.sleep(0.05)


async def transfer(who: str, payer: Account, payee: Account, in_order: bool) -> None:
    both = [payer, payee]
    if in_order:
        both.sort(key=lambda account: account.n)
    held = []
    try:
        for account in both:
            await account.hold(who)
            held.append(account)
        payer.balance -= 10
        payee.balance += 10
        print(f"{who} has moved 10")
    finally:
        for account in held:
            account.lock.release()


async def both_ways(in_order: bool) -> None:
    a, b = Account(0), Account(1)
    async with asyncio.TaskGroup() as group:
        group.create_task(transfer("there", a, b, in_order))
        group.create_task(transfer("back", b, a, in_order))


async def main() -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await both_ways(in_order=False)
    except TimeoutError:
        print("each holds what the other wants, and neither will ever go on")
    await both_ways(in_order=True)
# ANCHOR_END: lock_order


asyncio.run(main())
