"""The program configures once, at its start, which levels each logger shows."""

import asyncio
import logging


# ANCHOR: levels
def configure(shop_db: str | None = None) -> None:
    logging.basicConfig(level=logging.INFO, force=True)
    if shop_db:
        logging.getLogger("shop.db").setLevel(shop_db)
# ANCHOR_END: levels


def shown(name: str) -> str:
    logger = logging.getLogger(name)
    for level in "DEBUG", "INFO", "WARNING":
        if logger.isEnabledFor(logging.getLevelName(level)):
            return f"from {level} up"
    return "only ERROR"


def report(configuration: str) -> None:
    print(f"{configuration}: shop {shown('shop')}, shop::db {shown('shop.db')}")


async def main() -> None:
    report("no configuration")
    logging.basicConfig()
    report("the default")
    configure()
    report("INFO by default")
    configure(shop_db="DEBUG")
    report("INFO by default and shop::db=debug")


asyncio.run(main())
