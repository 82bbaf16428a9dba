//! A program that is talked to line by line, for as long as it is needed.

use std::fmt::Debug;
use std::time::Duration;

use super::Fault;

/// What a program said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line on its standard output, without its end.
    Said(String),
    /// It has closed its output; what it had said on standard error.
    Ended(String),
    /// Nothing, for as long as was waited.
    Silent,
}

/// A program that runs, and ends when this is dropped: its input is closed then.
pub trait Session: Debug {
    /// Writes a line to its input.
    fn say(&mut self, line: &str) -> Result<(), Fault>;
    /// Waits for a line, so long at most.
    fn hear(&mut self, limit: Duration) -> Line;
    /// Closes its input and waits until it has ended, so long at most; then it is killed. Whether it ended well by itself.
    fn end(&mut self, limit: Duration) -> bool;
}
