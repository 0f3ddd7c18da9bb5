"""A stop lets the system handle every message that it has accepted, and report each of them."""

# also compared with: consumers=8
# also compared with: producers=2 consumers=3 messages=15 capacity=50 stop-after=5s
# also compared with: producers=4 consumers=1 messages=4 capacity=2 stop-after=77ms

import asyncio
import dataclasses
import json
import os

PRODUCERS = int(os.environ.get("KNOB_PRODUCERS", 5))
CONSUMERS = int(os.environ.get("KNOB_CONSUMERS", 2))
MESSAGES = int(os.environ.get("KNOB_MESSAGES", 15))
CAPACITY = int(os.environ.get("KNOB_CAPACITY", 4))
STOP_AFTER = float(os.environ.get("KNOB_STOP_AFTER", 0.2))


def dice(state: int):
    """Lehmer's generator: one line in any language, so both programs use the same numbers."""

    def roll(least: int, most: int) -> float:
        nonlocal state
        state = state * 48271 % 0x7FFF_FFFF
        return (least + state % (most - least + 1)) / 1000

    return roll


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclasses.dataclass
class Message:
    id: str
    producer: int
    content: str
    made: float
    work: float


# ANCHOR: messages
class System:
    def __init__(self) -> None:
        self.queue = asyncio.Queue(CAPACITY)
        self.sent, self.completed, self.failed, self.dead = 0, [], [], []
        self.slowest = 0.0
        self.consumers = [asyncio.create_task(self.consume()) for _ in range(CONSUMERS)]
        self.producers = [asyncio.create_task(self.produce(n)) for n in range(PRODUCERS)]

    async def produce(self, n: int) -> None:
        sent, roll = 0, dice(n + 1)
        try:
            for m in range(MESSAGES):
                pause, work = roll(10, 50), roll(10, 30)
                content = "" if (n, m) == (1, 2) else f"news {m}"
                message = Message(f"P{n}-M{m}", n, content, now(), work)
                await self.queue.put(message)
                sent += 1
                await asyncio.sleep(pause)
        finally:
            print(f"producer-{n} sent {sent} messages")
            self.sent += sent

    async def consume(self) -> None:
        while True:
            message = await self.queue.get()
            try:
                await handle(message)
                self.completed.append(message.id)
            except ValueError as error:
                self.failed.append(str(error))
            except Exception:
                # A bug in the handler. It must not end the consumer: no task would replace it.
                self.dead.append(message.id)
            finally:
                self.slowest = max(self.slowest, now() - message.made)
                self.queue.task_done()

    async def stop(self) -> None:
        for producer in self.producers:
            producer.cancel()
        for ended in await asyncio.gather(*self.producers, return_exceptions=True):
            # A cancelled producer was asked to stop, but a failed one must not be ignored.
            if isinstance(ended, Exception):
                raise ended
        await self.queue.join()
        for consumer in self.consumers:
            consumer.cancel()
        await asyncio.gather(*self.consumers, return_exceptions=True)


async def handle(message: Message) -> None:
    await asyncio.sleep(message.work)
    if not message.content:
        raise ValueError(f"message {message.id} of producer-{message.producer} is empty")
    assert message.content.startswith("news"), f"{message.id} does not start with news"


async def main() -> None:
    print(f"each of {PRODUCERS} producers has {MESSAGES} messages")
    print("it takes 10 to 30 ms to handle a message")
    system = System()
    _, pending = await asyncio.wait(system.producers, timeout=STOP_AFTER)
    if pending:
        print(f"stops with {system.queue.qsize()} messages in the queue")
    await system.stop()
    failed, dead = json.dumps(system.failed), json.dumps(system.dead)
    print(
        f"sent {system.sent}, completed {len(system.completed)}, failed {failed}, "
        f"dead letters {dead}, slowest {round(system.slowest * 1000)} ms"
    )
# ANCHOR_END: messages


asyncio.run(main())
