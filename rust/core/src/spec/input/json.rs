//! JSON text to a value, without losing the second of two equal names: `serde_json` keeps only the last,
//! and a workload that silently vanishes is a workload without a backup.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::option_path::{OptionPath, Step};

/// Parses JSON text; also returns the paths of names that stand more than once in one object.
///
/// # Errors
/// What is wrong with the text, with line and column.
pub(super) fn parse(text: &str) -> Result<(Value, Vec<OptionPath>), String> {
    let mut reading = Reading {
        at: Vec::new(),
        repeated: Vec::new(),
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = AnyValue(&mut reading)
        .deserialize(&mut deserializer)
        .map_err(|e| e.to_string())?;
    deserializer.end().map_err(|e| e.to_string())?;
    Ok((value, reading.repeated))
}

/// Where the reader stands, and what it has found.
struct Reading {
    at: Vec<Step>,
    repeated: Vec<OptionPath>,
}

struct AnyValue<'r>(&'r mut Reading);

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            self.0.at.push(Step::Index(values.len()));
            let element = list.next_element_seed(AnyValue(&mut *self.0))?;
            self.0.at.pop();
            match element {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.0.at.push(Step::Key(key.clone()));
            let value = map.next_value_seed(AnyValue(&mut *self.0))?;
            if values.insert(key, value).is_some() {
                self.0.repeated.push(OptionPath(self.0.at.clone()));
            }
            self.0.at.pop();
        }
        Ok(Value::Object(values))
    }
}
