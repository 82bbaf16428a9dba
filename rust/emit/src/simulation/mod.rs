//! A simulated year as artefacts: a document for programs, and a picture.

mod document;
mod picture;

use podman_btrfs_core::clock::date_after;
use podman_btrfs_core::simulate::Simulation;

pub use document::document;

use crate::{Artefact, EmitError};

/// Name of the picture, which the report shows.
pub(crate) const PICTURE: &str = "simulation.svg";

/// `simulation.json` and `simulation.svg`; nothing where no size of anything is known.
pub fn simulation(simulation: &Simulation) -> Result<Vec<Artefact>, EmitError> {
    if !simulation.tells() {
        return Ok(Vec::new());
    }
    Ok(vec![
        Artefact {
            path: "simulation.json".into(),
            text: document(simulation)?,
        },
        Artefact {
            path: PICTURE.into(),
            text: picture::draw(simulation),
        },
    ])
}

/// The last day of each month of the simulation: its number from 0, and the month, `2027-01`.
#[must_use]
pub fn months(simulation: &Simulation) -> Vec<(u32, String)> {
    let span = simulation.span;
    let mut months: Vec<(u32, String)> = Vec::new();
    for day in 0..span.days {
        let date = date_after(span.begin, day).to_string();
        let month = date.get(..7).unwrap_or(&date).to_owned();
        match months.last_mut() {
            Some(last) if last.1 == month => last.0 = day,
            _ => months.push((day, month)),
        }
    }
    months
}

/// A number of bytes as a person reads it: `1.5 TiB`, `200 GiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    for (unit, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20)] {
        if bytes >> shift >= 1 {
            let tenths = (u128::from(bytes) * 10) >> shift;
            return match (tenths / 10, tenths % 10) {
                (whole, tenth) if whole < 100 && tenth > 0 => format!("{whole}.{tenth} {unit}"),
                (whole, _) => format!("{whole} {unit}"),
            };
        }
    }
    format!("{bytes} B")
}
