//! What was found out, or why it was not.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A value of the host. That something is *not there* is known, and says so inside (`Option`, an empty map).
///
/// Written as `{"known": …}` or `{"unknown": "why"}`; `{}` is a value that is known to be absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// It was found out.
    Known(T),
    /// It was not: never taken for absent, empty or as planned.
    Unknown {
        /// What stood in the way, one line.
        why: String,
    },
}

impl<T> Known<T> {
    /// One that was not found out.
    pub fn unknown(why: &(impl ToString + ?Sized)) -> Self {
        Self::Unknown {
            why: why.to_string(),
        }
    }

    /// The value, where it is known.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown { .. } => None,
        }
    }

    /// Why it is not known.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Unknown { why } => Some(why),
        }
    }
}

impl<T, E: ToString> From<Result<T, E>> for Known<T> {
    fn from(found: Result<T, E>) -> Self {
        match found {
            Ok(value) => Self::Known(value),
            Err(why) => Self::unknown(&why),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    known: Value,
    unknown: Option<String>,
}

impl<T: Serialize> Serialize for Known<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => serializer.collect_map([("known", value)]),
            Self::Unknown { why } => serializer.collect_map([("unknown", why)]),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Known<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        match written.unknown {
            Some(_) if !written.known.is_null() => {
                Err(D::Error::custom("it is both known and unknown"))
            }
            Some(why) => Ok(Self::Unknown { why }),
            None => serde_json::from_value(written.known)
                .map(Self::Known)
                .map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Known<Option<u8>>, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn absent_and_unknown_are_two_things() {
        assert_eq!(read("{}").unwrap(), Known::Known(None));
        assert_eq!(read(r#"{"known": 7}"#).unwrap(), Known::Known(Some(7)));
        let unknown = read(r#"{"unknown": "no"}"#).unwrap();
        assert_eq!(unknown, Known::unknown("no"));
        for value in [Known::Known(None), Known::Known(Some(1)), unknown] {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(read(&text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn a_value_that_must_be_there_is_asked_for() {
        assert!(serde_json::from_str::<Known<u8>>("{}").is_err());
        assert!(read(r#"{"known": 7, "unknown": "no"}"#).is_err());
        assert!(read(r#"{"knwon": 7}"#).is_err());
    }
}
