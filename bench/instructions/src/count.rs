//! What is counted.

use std::hint::black_box;

/// Does `work` on what `prepare` makes, twice. Only the second time counts: what a process does only once, such as filling
/// a cache or finding out what the processor can do, is over by then.
pub(crate) fn count<I, O>(prepare: impl Fn() -> I, work: impl Fn(I) -> O) {
    drop(black_box(work(prepare())));
    let input = black_box(prepare());
    counted(|| work(input));
}

/// What callgrind finds by its name. To let go of the result is part of the work.
#[inline(never)]
fn counted<O>(work: impl FnOnce() -> O) {
    drop(black_box(work()));
}
