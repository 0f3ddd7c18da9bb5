//! The task needs only the name of the city, not the widget.

use std::sync::{Arc, Mutex};

use async_kit::{
    Lane, Millis,
    exercise::{self, Counted, Tally},
    say,
};
use tokio::{task::JoinSet, time::sleep};

/// It is counted as long as it is in memory.
struct Widget {
    /// Its tasks are aborted when it is dropped.
    tasks: Mutex<JoinSet<()>>,
    _in_memory: Counted,
}

impl Widget {
    fn open(city: &'static str, widgets: &Tally) -> Arc<Self> {
        let (tasks, _in_memory) = (Mutex::default(), widgets.track());
        let widget = Arc::new(Self { tasks, _in_memory });
        let refreshing = async move {
            loop {
                sleep(20.ms()).await;
                Self::refresh(city);
            }
        };
        widget.tasks.lock().unwrap().spawn(refreshing.lane(city));
        widget
    }

    fn refresh(city: &str) {
        say!("shows the weather of {city}");
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
