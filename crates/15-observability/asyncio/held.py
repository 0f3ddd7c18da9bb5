"""A context variable belongs to its task, so an await never passes it to another task."""

import asyncio
import logging
from contextvars import ContextVar

log = logging.getLogger("held")
SPANS: ContextVar[tuple[str, ...]] = ContextVar("spans", default=())


# ANCHOR: held
async def order(order_id: int) -> None:
    SPANS.set((*SPANS.get(), f"order{{id={order_id}}}"))
    log.info("ordered")
    await asyncio.sleep(0.01)
    log.info("paid")
# ANCHOR_END: held


async def both(prefix: str) -> None:
    orders = [asyncio.create_task(order(n), name=f"{prefix}-{n}") for n in (7, 8)]
    for task in orders:
        await task


class Print(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        name, spans = asyncio.current_task().get_name(), ":".join(SPANS.get())
        print(f"{name} {record.levelname} {spans}: {record.getMessage()}")


async def main() -> None:
    print("with a guard held across an await:")
    await both("wrong")
    print("with `.instrument`:")
    await both("right")


logging.basicConfig(level=logging.INFO, handlers=[Print()])
asyncio.run(main())
