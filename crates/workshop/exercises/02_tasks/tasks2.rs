//! tasks2 · 10 minutes · let three tasks read one local value
//!
//! A nursery loads its price list once, and then writes three offers concurrently. The program does not
//! compile: each task borrows the price list, and a task may outlive the function that spawned it. Let
//! all three tasks read the same list. It must be freed after the last offer.
//!
//! Section: `cargo run -p tasks -- join`. Code: crates/02-tasks/src/join.rs.
//! Page: docs/src/02-tasks.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

// TODO: let the three tasks share the price list.
async fn offers() -> Vec<u32> {
    let prices = PriceList::load().await;
    let mut tasks = Vec::new();
    for plant in ["rose", "oak", "fern"] {
        tasks.push(tokio::spawn(async { offer(plant, &prices).await }));
    }
    let mut offers = Vec::new();
    for task in tasks {
        offers.push(task.await.expect("an offer does not panic"));
    }
    offers
}

// What follows does not change.

async fn offer(plant: &'static str, prices: &PriceList) -> u32 {
    let write = async {
        sleep(60.ms()).step("offer").await;
        prices.0.iter().find(|(name, _)| *name == plant).map_or(0, |(_, price)| *price)
    };
    write.lane(plant).await
}

struct PriceList(Vec<(&'static str, u32)>);

impl PriceList {
    async fn load() -> Self {
        sleep(20.ms()).await;
        say!("the price list is loaded");
        Self(vec![("fern", 7), ("oak", 120), ("rose", 15)])
    }
}

impl Drop for PriceList {
    fn drop(&mut self) {
        say!("the price list is freed");
    }
}

fn main() {
    exercise::show(offers());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::offers;

    #[test]
    fn three_offers_are_written_concurrently_from_one_price_list() {
        let run = exercise::observe(offers());
        let count = |text: &str| run.lines().iter().filter(|it| it.text == text).count();
        let (loaded, freed) =
            (count("the price list is loaded"), count("the price list is freed"));
        let own_list = "Each task has a list of its own. Share one between the tasks.";
        let leaked = "A leaked value is `'static`, and its memory is never freed.";
        run.require(
            loaded == 1,
            format!("the price list was loaded {loaded} times"),
            "it is loaded once",
            own_list,
        )
        .concurrently("offer", 3, "One offer is written after the other.")
        .require(
            freed == 1,
            format!("the price list was freed {freed} times"),
            "it is freed once, after the last offer",
            if freed == 0 { leaked } else { own_list },
        )
        .takes(80.ms(), "The list takes 20 ms, and the offers 60 ms.")
        .returns(vec![15, 120, 7], "Return the offers in the order of the plants.");
    }
}
