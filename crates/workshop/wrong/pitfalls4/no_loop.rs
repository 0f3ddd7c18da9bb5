//! Without the loop the task ends by itself.
//! message: The task of an open widget has ended

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
    fn open(city: &'static str, widgets: &Tally) -> Arc<Self> {
        let (tasks, _in_memory) = (Mutex::default(), widgets.track());
        let widget = Arc::new(Self { city, tasks, _in_memory });
        let weak = Arc::downgrade(&widget);
        let refreshing = async move {
            sleep(20.ms()).await;
            if let Some(widget) = weak.upgrade() {
                widget.refresh();
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
