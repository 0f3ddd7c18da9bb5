//! pitfalls4 · 15 minutes · a widget whose task holds it is never closed
//!
//! A dashboard shows the weather of a city in a widget. While it is open, a task of the widget
//! refreshes it every 20 ms. The user closes it by dropping the last reference. Run the program:
//! both widgets are refreshed forever, and their memory is never freed. Change `Widget`:
//!
//! - An open widget is refreshed every 20 ms.
//! - When the last reference is dropped, the widget is freed immediately, it is not refreshed again,
//!   and its task ends.
//!
//! Section: `cargo run -p pitfalls -- leak`. Code: crates/17-pitfalls/src/leak.rs.
//! Page: docs/src/17-pitfalls.md.

use std::sync::{Arc, Mutex};

use async_kit::{
    Lane, Millis,
    exercise::{self, Counted, Tally},
    say,
};
use tokio::{task::JoinSet, time::sleep};

/// It is counted as long as it is in memory.
struct Widget {
    city: &'static str,
    /// Its tasks are aborted when it is dropped.
    tasks: Mutex<JoinSet<()>>,
    _in_memory: Counted,
}

impl Widget {
    // TODO: let the last reference of the user close the widget.
    fn open(city: &'static str, widgets: &Tally) -> Arc<Self> {
        let (tasks, _in_memory) = (Mutex::default(), widgets.track());
        let widget = Arc::new(Self { city, tasks, _in_memory });
        let refreshed = Arc::clone(&widget);
        let refreshing = async move {
            loop {
                sleep(20.ms()).await;
                refreshed.refresh();
            }
        };
        widget.tasks.lock().unwrap().spawn(refreshing.lane(city));
        widget
    }

    fn refresh(&self) {
        say!("shows the weather of {}", self.city);
    }
}

/// Opens two widgets, one after the other, and returns how many are left in memory. Given code: do
/// not change it.
async fn run(widgets: Tally) -> usize {
    for city in ["Oslo", "Rome"] {
        let widget = Widget::open(city, &widgets);
        sleep(50.ms()).await;
        drop(widget);
        say!("closes {city}: {} widgets are in memory", widgets.alive());
    }
    sleep(60.ms()).await;
    widgets.alive()
}

fn main() {
    exercise::show(run(Tally::default()));
}

#[cfg(test)]
mod tests {
    use async_kit::{
        Millis,
        exercise::{self, Tally},
    };
    use tokio::runtime::Handle;

    use super::run;

    #[test]
    fn check_1_a_widget_is_freed_when_its_user_drops_it() {
        let run = exercise::observe(run(Tally::default()));
        let likely = match run.output() {
            0 => {
                "The task holds a strong reference while it sleeps. It needs one only as \
                 long as `refresh` runs."
            }
            _ => {
                "A task of the widget owns the widget, and the widget owns the task: \
                 neither is dropped. A reference that does not keep its value alive \
                 breaks this cycle."
            }
        };
        run.prints_at(50.ms(), "closes Oslo: 0 widgets are in memory", likely);
        run.prints_at(100.ms(), "closes Rome: 0 widgets are in memory", likely);
    }

    #[test]
    fn check_3_an_open_widget_is_refreshed_and_a_closed_one_is_not() {
        let run = exercise::observe(run(Tally::default()));
        let lines = run.lines().iter().filter(|line| line.text.starts_with("shows"));
        let times: Vec<_> = lines.map(|line| line.at.as_millis()).collect();
        let likely = if times.len() < 4 {
            "The task of an open widget has ended, or it was never started."
        } else if times[0] == 0 {
            "The first tick of an `interval` is immediate; the first refresh is after 20 \
             ms."
        } else {
            "A closed widget is refreshed, because its task still holds it."
        };
        let happened = format!("the widgets are refreshed at {times:?} ms");
        run.require(
            times == [20, 40, 70, 90],
            happened,
            "at 20, 40, 70 and 90 ms",
            likely,
        );
    }

    #[test]
    fn check_2_a_closed_widget_leaves_no_task() {
        let run = exercise::observe(async {
            run(Tally::default()).await;
            Handle::current().metrics().num_alive_tasks()
        });
        // One task runs this test.
        let left = run.output() - 1;
        run.require(
            left == 0,
            format!("{left} tasks still run"),
            "no task runs for a closed widget",
            "The task of a closed widget wakes up every 20 ms for nothing. Let it end when \
             the widget is gone.",
        );
    }
}
