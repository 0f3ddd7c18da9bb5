//! `drop` aborts the task by its handle, and the task has a weak reference.

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
    task: tokio::task::AbortHandle,
    _in_memory: Counted,
}

impl Widget {
    fn open(city: &'static str, widgets: &Tally) -> Arc<Self> {
        Arc::new_cyclic(|weak: &std::sync::Weak<Self>| {
            let weak = weak.clone();
            let refreshing = async move {
                loop {
                    sleep(20.ms()).await;
                    weak.upgrade().inspect(|widget| widget.refresh());
                }
            };
            let task = tokio::spawn(refreshing.lane(city)).abort_handle();
            Self { city, task, _in_memory: widgets.track() }
        })
    }

    fn refresh(&self) {
        say!("shows the weather of {}", self.city);
    }
}

impl Drop for Widget {
    fn drop(&mut self) {
        self.task.abort();
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
