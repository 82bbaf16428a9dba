//! `man`

use clap::CommandFactory;

use super::Status;
use crate::args::Arguments;
use crate::fault::Fault;
use crate::output::Output;

pub(super) fn run(output: &mut Output) -> Result<Status, Fault> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
    output.say(&String::from_utf8_lossy(&page))?;
    Ok(Status::Fine)
}
