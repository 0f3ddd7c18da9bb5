//! All robots lock the target first, which is again two orders.
//! message: All robots must lock two shelves in the same order

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

async fn robot(shelves: &[Shelf], from: usize, to: usize) {
    let mut target = reach(&shelves[to]).await;
    let mut source = reach(&shelves[from]).await;
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
