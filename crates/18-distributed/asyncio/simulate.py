"""If messages and effects have keys, a network that loses and repeats packets doubles no effect."""

# also compared with: workers=100 lost=20 twice=0 cut=0ms keyed=0
# also compared with: workers=50 lost=0 twice=30
# also compared with: workers=1000 lost=20 twice=20 cut=600ms keyed=0
# also compared with: workers=10 lost=20 twice=20 cut=500ms
# also compared with: workers=300 lost=30 cut=600ms

import asyncio
import collections
import heapq
import itertools
import os

WORKERS = int(os.environ.get("KNOB_WORKERS", 1_000))
LOST = int(os.environ.get("KNOB_LOST", 10))
TWICE = int(os.environ.get("KNOB_TWICE", 5))
CUT = round(1000 * float(os.environ.get("KNOB_CUT", 0.3)))
KEYED = int(os.environ.get("KNOB_KEYED", 1))
PUBLISHERS = 10
PAYMENTS = WORKERS
TIMEOUT = 0.1
ACK_WAIT = 0.202


# ANCHOR: simulate
async def publish(link, payments) -> None:
    while True:
        try:
            # A timeout does not say whether a payment is stored. It can be published again.
            return await call(link, broker.publish, payments)
        except TimeoutError:
            continue


async def work(link) -> None:
    while True:
        try:
            payment = await receive(link)
            await asyncio.sleep(0.02)
            book(payment)
            # If the acknowledgement is lost, the payment is delivered again.
            await call(link, broker.acknowledge, payment)
        except TimeoutError:
            continue


def book(payment: int) -> None:
    deliveries[payment] += 1
    if booked[payment] == 0 or not KEYED:
        booked[payment] += 1
# ANCHOR_END: simulate


async def receive(link) -> int:
    while True:
        payment = await call(link, broker.receive, limit=6 * TIMEOUT)
        if payment is not None:
            return payment


async def call(link, handle, *request, limit=TIMEOUT):
    """Sends a request, and waits for the first answer to it."""
    answer = asyncio.get_running_loop().create_future()

    async def handled() -> None:
        result = await handle(*request)
        link.send(lambda: answer.done() or answer.set_result(result), may_repeat=False)

    def arrive() -> None:
        task = asyncio.create_task(handled())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    link.send(arrive, may_repeat=True)
    async with asyncio.timeout(limit):
        return await answer


# ANCHOR: wire
class Wire:
    """The connection of one client. Its faults follow a rule and not chance."""

    def __init__(self, client: int, cut=(0, 0)) -> None:
        self.client = client
        self.lost = 37 * client % 100
        self.twice = (61 * client + 50) % 100
        self.cut = cut

    def fate(self) -> list[int]:
        """Returns after how many milliseconds the copies of the next packet arrive."""
        self.lost, is_lost = (self.lost + LOST) % 100, self.lost + LOST >= 100
        self.twice, is_twice = (self.twice + TWICE) % 100, self.twice + TWICE >= 100
        if is_lost or self.cut[0] <= now() < self.cut[1]:
            return []
        return [4, 6] if is_twice else [4]
# ANCHOR_END: wire

    def send(self, arrive, may_repeat: bool) -> None:
        copies = self.fate()
        if not copies:
            faults["lost"] += 1
        elif len(copies) == 2 and may_repeat:
            faults["twice"] += 1
        for after in copies if may_repeat else copies[:1]:
            packet = (now() + after, self.client, next(numbers), arrive)
            heapq.heappush(in_transit, packet)
            asyncio.get_running_loop().call_later(after / 1000, arrive_all)


def arrive_all() -> None:
    """Packets that arrive at the same time arrive in the order of their clients."""
    while in_transit and in_transit[0][0] <= now():
        *_, arrive = heapq.heappop(in_transit)
        arrive()


def now() -> int:
    return round(asyncio.get_running_loop().time() * 1000)


class Broker:
    """Keeps each payment until it is acknowledged, and delivers it again after `ACK_WAIT`."""

    def __init__(self) -> None:
        # The position of each payment, in the order in which they were stored.
        self.stored, self.unfinished = {}, set()
        self.ready = []
        self.waiters = collections.deque()

    async def publish(self, payments) -> None:
        for payment in payments:
            if payment not in self.stored:
                self.stored[payment] = len(self.stored)
                self.unfinished.add(payment)
                self.add(payment)

    def add(self, payment: int) -> None:
        if payment not in self.unfinished:
            return
        while self.waiters:
            waiter = self.waiters.popleft()
            if not waiter.done():
                return waiter.set_result(self.deliver(payment))
        heapq.heappush(self.ready, (self.stored[payment], payment))

    def deliver(self, payment: int) -> int:
        asyncio.get_running_loop().call_later(ACK_WAIT, self.add, payment)
        return payment

    async def receive(self) -> int | None:
        while self.ready:
            _, payment = heapq.heappop(self.ready)
            if payment in self.unfinished:
                return self.deliver(payment)
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self.waiters.append(waiter)
        give_up = lambda: waiter.done() or waiter.set_result(None)
        expiry = loop.call_later(5 * TIMEOUT, give_up)
        try:
            return await waiter
        finally:
            expiry.cancel()

    async def acknowledge(self, payment: int) -> None:
        self.unfinished.discard(payment)


async def group(clients, cut=(0, 0)) -> None:
    async with asyncio.TaskGroup() as workers:
        for client in clients:
            workers.create_task(work(Wire(PUBLISHERS + client, cut)))


async def main() -> None:
    # Packets arrive at odd milliseconds, and the counts below are of even ones.
    await asyncio.sleep(0.001)
    publishers = []
    for n in range(PUBLISHERS):
        mine = range(PAYMENTS * n // PUBLISHERS, PAYMENTS * (n + 1) // PUBLISHERS)
        publishers.append(asyncio.create_task(publish(Wire(n), mine)))
    cut_off, killed = WORKERS - 2 * (WORKERS // 10), WORKERS - WORKERS // 10
    groups = [
        asyncio.create_task(group(range(cut_off))),
        asyncio.create_task(group(range(cut_off, killed), (20, 20 + CUT))),
        asyncio.create_task(group(range(killed, WORKERS))),
    ]
    asyncio.get_running_loop().call_later(0.023, groups[2].cancel)
    await asyncio.sleep(0.099)
    while True:
        lost, twice = faults["lost"], faults["twice"]
        print(f"{len(booked)} of {PAYMENTS} booked, {lost} packets lost, {twice} repeated")
        if all(publisher.done() for publisher in publishers) and not broker.unfinished:
            break
        await asyncio.sleep(0.1)
    redelivered = sum(n > 1 for n in deliveries.values())
    print(f"{redelivered} payments were done more than once")
    missing, doubled = PAYMENTS - len(booked), sum(n > 1 for n in booked.values())
    print(f"{missing} payments are missing, {doubled} are booked more than once")
    for one in groups:
        one.cancel()


broker = Broker()
deliveries, booked, faults = collections.Counter(), collections.Counter(), collections.Counter()
in_transit, numbers, tasks = [], itertools.count(), set()
asyncio.run(main())
