//! What is known of the last drills, in one file beside the receipts: of each copy and source what was tried last, and, apart from it,
//! what was last proven.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Drill, Finding, Kind, Outcome};
use crate::system::{Fault, System, create_directories};

/// The version of the file's form.
pub const VERSION: u32 = 1;
/// The file's name, beside the receipts, whose names are numbers.
pub const FILE: &str = "drills.json";

/// By copy, by source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Drills {
    version: u32,
    /// By the copy's name, then by `host` or the target's name.
    pub copies: BTreeMap<String, BTreeMap<String, Known>>,
}

/// What is known of one copy from one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Known {
    /// The last drill.
    pub tried: Tried,
    /// The last that found nothing; absent: none did yet.
    pub proven: Option<Proven>,
}

/// The last drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tried {
    /// When it began, in seconds since 1970.
    pub when: u64,
    /// How many seconds it took.
    pub seconds: u64,
    /// The point's name; absent where there was none.
    pub point: Option<String>,
    /// When that was taken, in seconds since 1970.
    pub taken: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// A drill that found nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Proven {
    /// When it began, in seconds since 1970.
    pub when: u64,
    /// How many seconds it took.
    pub seconds: u64,
    /// The point's name.
    pub point: String,
    /// When that was taken, in seconds since 1970.
    pub taken: u64,
}

impl Tried {
    /// The kinds of what was found.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<Kind> {
        self.findings.iter().map(|finding| finding.kind).collect()
    }
}

impl Drills {
    /// Reads it; where there is none, nothing was ever drilled.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub fn read(system: &dyn System, path: &Path) -> Result<Self, Fault> {
        let Some(text) = system.read(path)? else {
            return Ok(Self {
                version: VERSION,
                copies: BTreeMap::new(),
            });
        };
        Self::parse(&text).map_err(|why| {
            Fault::Unexpected(format!(
                "{} is not understood: {why}; it only tells what was drilled and when: move it away, and drill again",
                path.display()
            ))
        })
    }

    /// Reads its text.
    ///
    /// # Errors
    /// Why it is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if version != VERSION {
            return Err(format!("it is of format {version}, and this is {VERSION}"));
        }
        let drills: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for (copy, sources) in &drills.copies {
            for (source, known) in sources {
                known.check().map_err(|why| {
                    format!(
                        "{} from {}: {why}",
                        copy.escape_debug(),
                        source.escape_debug()
                    )
                })?;
            }
        }
        Ok(drills)
    }

    /// Takes note of a drill.
    pub fn note(&mut self, drill: &Drill) {
        let sources = self.copies.entry(drill.copy.clone()).or_default();
        let before = sources
            .get(&drill.source)
            .and_then(|known| known.proven.clone());
        let now = match (&drill.point, drill.taken) {
            (Some(point), Some(taken)) if drill.outcome == Outcome::Proven => Some(Proven {
                when: drill.started,
                seconds: drill.seconds,
                point: point.clone(),
                taken,
            }),
            _ => None,
        };
        let known = Known {
            tried: Tried {
                when: drill.started,
                seconds: drill.seconds,
                point: drill.point.clone(),
                taken: drill.taken,
                outcome: drill.outcome,
                findings: drill.findings.clone(),
            },
            proven: now.or(before),
        };
        sources.insert(drill.source.clone(), known);
    }

    /// Writes it: at every moment either the old text is there or the new one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, system: &dyn System, path: &Path) -> Result<(), Fault> {
        if let Some(above) = path.parent() {
            create_directories(system, above)?;
        }
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Fault::Unexpected(format!("no JSON is made of it: {error}")))?;
        system.write(path, &(text + "\n"))
    }
}

impl Known {
    /// What nobody wrote who follows this form.
    fn check(&self) -> Result<(), String> {
        let is_clean = self.tried.findings.is_empty();
        let is_it = |proven: &Proven| proven.when == self.tried.when;
        match self.tried.outcome {
            Outcome::Planned => Err("what was only looked at is no drill".into()),
            Outcome::Proven if !is_clean => Err("it is proven, and something was found".into()),
            Outcome::Proven if !self.proven.as_ref().is_some_and(is_it) => {
                Err("the last one is proven, and what is proven is another one".into())
            }
            Outcome::Failed if is_clean => Err("it failed, and nothing was found".into()),
            Outcome::Proven | Outcome::Failed => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::FakeSystem;

    fn drill(started: u64, outcome: Outcome) -> Drill {
        let mut drill = Drill {
            point: Some("20261127T071304+0000".into()),
            taken: Some(7),
            outcome,
            ..Drill::begun("shop", "nas", started)
        };
        if outcome == Outcome::Failed {
            drill.found(Kind::TooOld, None, "old".into());
        }
        drill
    }

    #[test]
    fn what_was_proven_outlives_what_failed_later() {
        let system = FakeSystem::with_directories(&["/", "/r"]);
        let path = Path::new("/r/drills.json");
        let mut drills = Drills::read(&system, path).unwrap();
        drills.note(&drill(10, Outcome::Proven));
        drills.note(&drill(20, Outcome::Failed));
        drills.keep(&system, path).unwrap();
        let read = Drills::read(&system, path).unwrap();
        assert_eq!(read, drills);
        let known = &read.copies["shop"]["nas"];
        assert_eq!(
            (known.tried.when, known.proven.as_ref().unwrap().when),
            (20, 10)
        );
        assert_eq!(known.tried.kinds(), BTreeSet::from([Kind::TooOld]));
    }

    #[test]
    fn one_that_cannot_be_written_is_told_and_the_old_one_stays() {
        let system = FakeSystem::with_directories(&["/", "/r"]);
        let path = Path::new("/r/drills.json");
        let mut drills = Drills::read(&system, path).unwrap();
        drills.note(&drill(10, Outcome::Proven));
        drills.keep(&system, path).unwrap();
        system.fail_from(Some(1));
        let mut later = drills.clone();
        later.note(&drill(20, Outcome::Failed));
        assert!(later.keep(&system, path).is_err());
        system.fail_from(None);
        assert_eq!(Drills::read(&system, path).unwrap(), drills);
    }

    #[test]
    fn what_is_damaged_is_told_and_nothing_else_is_taken_for_it() {
        let mut drills = Drills {
            version: VERSION,
            copies: BTreeMap::new(),
        };
        drills.note(&drill(10, Outcome::Proven));
        let text = serde_json::to_string(&drills).unwrap();
        assert_eq!(Drills::parse(&text).unwrap(), drills);
        for (from, to) in [
            ("\"version\":1", "\"version\":2"),
            ("\"when\":10", "\"when\":-1"),
            ("\"seconds\"", "\"second\""),
            ("\"outcome\":\"proven\"", "\"outcome\":\"failed\""),
            ("\"outcome\":\"proven\"", "\"outcome\":\"planned\""),
            ("\"outcome\":\"proven\"", "\"outcome\":\"fine\""),
            (
                "\"findings\":[]",
                "\"findings\":[{\"kind\":\"too-old\",\"volume\":null,\"message\":\"\"}]",
            ),
            ("\"proven\":{\"when\":10", "\"proven\":{\"when\":11"),
        ] {
            let damaged = text.replacen(from, to, 1);
            assert_ne!(damaged, text, "{from}");
            assert!(Drills::parse(&damaged).is_err(), "{damaged}");
        }
        for end in 0..text.len() {
            assert!(Drills::parse(&text[..end]).is_err(), "{end}");
        }
    }
}
