//! A stream that was moved into a function cannot be read a second time: E0382
// ANCHOR: second_pass
pub async fn two_passes(numbers: Range) {
    print(numbers).await;
    print(numbers).await;
}
// ANCHOR_END: second_pass

pub struct Range;

async fn print(_numbers: Range) {}
