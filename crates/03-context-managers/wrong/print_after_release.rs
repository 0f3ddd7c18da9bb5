//! A released printer cannot print: E0382
// ANCHOR: print_after_release
pub async fn job(mut printer: Printer) {
    printer.print().await;
    printer.release().await; //~ `printer` moved due to this method call
    printer.print().await; //~ value borrowed here after move
}
// ANCHOR_END: print_after_release

pub struct Printer;

impl Printer {
    async fn print(&mut self) {}

    async fn release(self) {}
}
