//! sync3 · 10 minutes · end a deadlock of robots
//!
//! A robot locks two shelves, and carries a parcel from one to the other. Run the program: the
//! report names three robots that never finish. Change `robot`, so that all of them finish.
//! Robot 4 uses other shelves, and must not wait for them.
//!
//! Section: `cargo run -p sync-primitives -- lock_order`. Code: crates/06-sync-primitives/src/lock_order.rs.
//! Page: docs/src/06-sync-primitives.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    sync::{Mutex, MutexGuard},
    time::sleep,
};

/// The number of parcels on a shelf.
type Shelf = Mutex<u32>;

/// Locks a shelf and drives to it, one after the other. It must not change.
async fn reach(shelf: &Shelf) -> MutexGuard<'_, u32> {
    let locked = shelf.lock().await;
    sleep(10.ms()).await;
    locked
}

/// Moves one parcel. The robot needs both shelves, and it must not change.
async fn carry(from: &mut u32, to: &mut u32) {
    sleep(30.ms()).step("carry").await;
    *from -= 1;
    *to += 1;
    say!("has carried a parcel");
}

// TODO: end the deadlock.
async fn robot(shelves: &[Shelf], from: usize, to: usize) {
    let mut source = reach(&shelves[from]).await;
    let mut target = reach(&shelves[to]).await;
    carry(&mut source, &mut target).await;
}

async fn run() -> [u32; 4] {
    let shelves = [5; 4].map(Shelf::new);
    join!(
        robot(&shelves, 0, 1).lane("robot 1"),
        robot(&shelves, 1, 0).lane("robot 2"),
        robot(&shelves, 0, 1).lane("robot 3"),
        robot(&shelves, 2, 3).lane("robot 4"),
    );
    shelves.map(Shelf::into_inner)
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Lane, Millis, exercise};

    use super::{Shelf, robot, run};

    const TWO_ORDERS: &str = "Two robots hold one shelf each, and each waits for the \
                              shelf of the other. All robots must lock two shelves in \
                              the same order, in whatever direction they carry.";

    #[test]
    fn all_robots_finish_and_only_robots_at_the_same_shelves_wait() {
        let run = exercise::observe_or(run(), TWO_ORDERS);
        let carried = run.lines().len();
        run.require(
            carried == 4,
            format!("{carried} parcels are carried"),
            "each of the four robots carries one",
            "A robot ends without its parcel. It may wait for its shelves, as long as no \
             robots wait for each other.",
        );
        run.never_more_than(
            "carry",
            2,
            "Robots carry at the same shelf at the same time: a robot holds both locks \
             until it has carried.",
        );
        run.require(
            run.lines()[0].at >= 50.ms(),
            "a robot has carried a parcel before 50 ms",
            "a robot needs 10 ms to each shelf, and 30 ms to carry",
            "A robot drives to both shelves at the same time. On several threads, two \
             such robots may still lock them in opposite orders.",
        );
        run.prints_at(
            50.ms(),
            "robot 4 has carried a parcel",
            "Robot 4 waits, although no other robot uses its shelves: one lock for all \
             is too much.",
        );
        run.returns(
            [4, 6, 4, 6],
            "A parcel was carried in the wrong direction: the order of the locks is not \
             the direction of the parcel.",
        );
        run.takes_at_most(150.ms(), "A robot waits although its shelves are free.");
    }

    #[test]
    fn robots_at_other_shelves_finish_too() {
        let robots = async {
            let shelves = [5; 3].map(Shelf::new);
            tokio::join!(
                robot(&shelves, 0, 2).lane("robot 1"),
                robot(&shelves, 2, 0).lane("robot 2"),
                robot(&shelves, 1, 2).lane("robot 3"),
                robot(&shelves, 2, 1).lane("robot 4"),
            );
            shelves.map(Shelf::into_inner)
        };
        let run = exercise::observe_or(robots, TWO_ORDERS);
        run.returns([5; 3], "As many parcels come to each shelf as leave it.");
    }
}
