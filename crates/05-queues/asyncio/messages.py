"""A stop lets the system handle every message that it has accepted, and report each of them."""

# also compared with: consumers=8
# also compared with: producers=2 consumers=3 messages=15 capacity=50 stop-after=5s
# also compared with: producers=4 consumers=1 messages=4 capacity=2 stop-after=77ms

import asyncio
import dataclasses
import json
import os
from collections.abc import Iterator

STOP_AFTER = float(os.environ.get("KNOB_STOP_AFTER", 0.1))


@dataclasses.dataclass
class Plan:
    name: str
    producers: int
    consumers: int
    messages: int
    capacity: int


FINISHED = Plan("finished", producers=2, consumers=3, messages=15, capacity=50)
STOPPED = Plan(
    "stopped",
    producers=int(os.environ.get("KNOB_PRODUCERS", 5)),
    consumers=int(os.environ.get("KNOB_CONSUMERS", 2)),
    messages=int(os.environ.get("KNOB_MESSAGES", 15)),
    capacity=int(os.environ.get("KNOB_CAPACITY", 4)),
)


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


def messages(producer: int, count: int) -> Iterator[tuple[Message, float]]:
    roll = dice(producer + 1)
    for n in range(count):
        pause, work = 2 * roll(5, 25), 2 * roll(5, 14) + 0.001
        content = "" if (producer, n) == (2, 1) else f"news {n}"
        yield Message(f"P{producer}-M{n}", producer, content, now(), work), pause


# ANCHOR: messages
class System:
    def __init__(self, name: str, consumers: int, capacity: int) -> None:
        self.queue = asyncio.Queue(capacity)
        self.sent, self.completed, self.failed, self.dead = 0, [], [], []
        self.slowest = 0.0
        self.name = name
        self.producers = []
        self.consumers = [
            asyncio.create_task(self.consume(f"{name}/consumer-{n}")) for n in range(consumers)
        ]

    def produce(self, n: int, messages: Iterator[tuple[Message, float]]) -> None:
        send = self.send_all(f"{self.name}/producer-{n}", messages)
        self.producers.append(asyncio.create_task(send))

    async def send_all(self, lane: str, messages: Iterator[tuple[Message, float]]) -> None:
        for message, pause in messages:
            await self.queue.put(message)
            self.sent += 1
            print(f"{lane} has sent {message.id}")
            await asyncio.sleep(pause)

    async def consume(self, lane: str) -> None:
        while True:
            message = await self.queue.get()
            print(f"{lane} handles {message.id}")
            try:
                await handle(message)
                print(f"{lane} has completed {message.id}")
                self.completed.append(message.id)
            except ValueError as error:
                print(f"{lane} has failed: {error}")
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


async def simulate(plan: Plan, stop_after: float | None) -> None:
    system = System(plan.name, plan.consumers, plan.capacity)
    for n in range(plan.producers):
        system.produce(n, messages(n, plan.messages))
    _, pending = await asyncio.wait(system.producers, timeout=stop_after)
    if pending:
        print(f"stops with {system.queue.qsize()} messages in the queue")
    await system.stop()
    failed, dead = json.dumps(system.failed), json.dumps(system.dead)
    print(
        f"{plan.name}: sent {system.sent}, completed {len(system.completed)}, failed {failed}, "
        f"dead letters {dead}, slowest {round(system.slowest * 1000)} ms"
    )
# ANCHOR_END: messages


async def main() -> None:
    await simulate(FINISHED, None)
    await simulate(STOPPED, STOP_AFTER)


asyncio.run(main())
