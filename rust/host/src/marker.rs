//! Who a volume is, kept in itself: an extended attribute of its subvolume or directory that only root reads and writes.
//!
//! It goes with the data wherever that is renamed or moved to, and into every snapshot. So what lies at a planned place can be told
//! from what only has its name, and nothing is deleted that cannot be shown to be ours.

use std::fmt;
use std::path::Path;

use crate::system::{Fault, System};

/// The version of the form, its first word.
const VERSION: &str = "1";

/// What a marker says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marker {
    /// Chosen at its birth, and no other volume's: 32 hexadecimal digits.
    pub id: String,
    /// The copy of a workload and the volume, as `shop/pgdata`, under the names of its birth.
    pub volume: String,
}

impl Marker {
    /// One for a volume that is born now.
    ///
    /// # Errors
    /// When the kernel gives no identity.
    pub fn born(volume: &str, system: &dyn System) -> Result<Self, Fault> {
        /// A fresh one at each reading (`random(4)`).
        const SOURCE: &str = "/proc/sys/kernel/random/uuid";
        let text = system.read(Path::new(SOURCE))?;
        let id: String = text
            .iter()
            .flat_map(|text| text.chars())
            .filter(char::is_ascii_hexdigit)
            .collect();
        if !is_id(&id) {
            return Err(Fault::Unexpected(format!("{SOURCE} holds no identity")));
        }
        Ok(Self {
            id,
            volume: volume.to_owned(),
        })
    }

    /// Reads the marker of what is at a path.
    ///
    /// # Errors
    /// When it cannot be read, or is of a form that is not known here.
    pub fn of(path: &Path, system: &dyn System) -> Result<Option<Self>, Fault> {
        let Some(text) = system.marker(path)? else {
            return Ok(None);
        };
        Self::parse(&text).map(Some).ok_or_else(|| {
            Fault::Unexpected(format!(
                "{} carries the marker `{}`, which this version does not understand",
                path.display(),
                text.escape_debug()
            ))
        })
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set(&self, path: &Path, system: &dyn System) -> Result<(), Fault> {
        system.set_marker(path, &self.to_string())
    }

    /// Reads its form; `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (version, id, volume) = (words.next()?, words.next()?, words.next()?);
        let is_whole = words.next().is_none() && version == VERSION && is_id(id);
        let (copy, name) = volume.split_once('/')?;
        (is_whole && !copy.is_empty() && !name.is_empty()).then(|| Self {
            id: id.to_owned(),
            volume: volume.to_owned(),
        })
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{VERSION} {} {}", self.id, self.volume)
    }
}

/// Whether it is an identity as this program makes them: 32 hexadecimal digits.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text = "1 00112233445566778899aabbccddeeff shop@2/pgdata";
        assert_eq!(Marker::parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn another_form_is_not_guessed_at() {
        let id = "00112233445566778899aabbccddeeff";
        for text in [
            String::new(),
            format!("2 {id} shop/pgdata"),
            format!("1 {id} shop"),
            format!("1 {id} shop/pgdata more"),
            format!("1 {} shop/pgdata", &id[1..]),
            format!("1 {id} /pgdata"),
        ] {
            assert_eq!(Marker::parse(&text), None, "{text}");
        }
    }
}
