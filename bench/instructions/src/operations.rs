//! The operations, by what they belong to.

mod answers;
mod decide;
mod events;
mod mint;
mod parse;
mod verify;

/// A name, and what does it: everything that is needed is made there, and then the operation is counted.
pub(crate) type Operation = (&'static str, fn());

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = Operation> {
    let groups: [&[Operation]; 6] = [
        verify::OPERATIONS,
        mint::OPERATIONS,
        parse::OPERATIONS,
        decide::OPERATIONS,
        events::OPERATIONS,
        answers::OPERATIONS,
    ];
    groups.into_iter().flatten().copied()
}
