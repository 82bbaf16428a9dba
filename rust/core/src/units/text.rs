//! The common shape of everything that is a string in the declaration and a type of its own here.

use super::{
    ByteSize, ContainerName, ContainerPath, DevicePath, Digest, Duration, Fingerprint, HostPath,
    ImageReference, MountOption, Name, Rate, SubvolumePath, TargetUrl, TimeZoneName, UnitName,
    UserName, Version, VolumeReference,
};

/// A value that the declaration writes as a string.
pub trait Text: Sized {
    /// The JSON Schema `format` by which a checker finds the right parser again.
    const FORMAT: &'static str;
    /// What it must look like, as the end of the sentence "`x` is not …".
    const EXPECTED: &'static str;
    /// A JSON Schema pattern that every accepted value matches (it may accept a little more).
    const PATTERN: &'static str;

    /// Parses it, or says in one sentence what is wrong with it.
    fn parse(text: &str) -> Result<Self, String>;
}

/// Parses `text` by the parser that a schema `format` names: `Some(message)` when it is refused.
#[must_use]
pub fn parse_format(format: &str, text: &str) -> Option<String> {
    fn refuse<T: Text>(text: &str) -> Option<String> {
        T::parse(text).err()
    }
    match format {
        ByteSize::FORMAT => refuse::<ByteSize>(text),
        Digest::FORMAT => refuse::<Digest>(text),
        Duration::FORMAT => refuse::<Duration>(text),
        Fingerprint::FORMAT => refuse::<Fingerprint>(text),
        Rate::FORMAT => refuse::<Rate>(text),
        HostPath::FORMAT => refuse::<HostPath>(text),
        ContainerPath::FORMAT => refuse::<ContainerPath>(text),
        DevicePath::FORMAT => refuse::<DevicePath>(text),
        ContainerName::FORMAT => refuse::<ContainerName>(text),
        UserName::FORMAT => refuse::<UserName>(text),
        ImageReference::FORMAT => refuse::<ImageReference>(text),
        VolumeReference::FORMAT => refuse::<VolumeReference>(text),
        TargetUrl::FORMAT => refuse::<TargetUrl>(text),
        TimeZoneName::FORMAT => refuse::<TimeZoneName>(text),
        Version::FORMAT => refuse::<Version>(text),
        SubvolumePath::FORMAT => refuse::<SubvolumePath>(text),
        MountOption::FORMAT => refuse::<MountOption>(text),
        UnitName::FORMAT => refuse::<UnitName>(text),
        Name::<()>::FORMAT => refuse::<Name<()>>(text),
        _ => None,
    }
}

/// Parses `text` as the key of a map whose schema allows keys of this `pattern`.
#[must_use]
pub fn parse_key(pattern: &str, text: &str) -> Option<String> {
    if pattern == UserName::PATTERN {
        UserName::parse(text).err()
    } else if pattern == HostPath::PATTERN {
        HostPath::parse(text).err()
    } else if pattern == VolumeReference::PATTERN {
        VolumeReference::parse(text).err()
    } else {
        Name::<()>::parse(text).err()
    }
}

/// Serde and JSON Schema for a [`Text`] type with a `Display` that [`Text::parse`] accepts again.
macro_rules! text_serde {
    ($(@$generic:ident)? $type:ty) => {
        impl$(<$generic>)? serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de $(, $generic)?> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                <Self as $crate::units::Text>::parse(&text).map_err(serde::de::Error::custom)
            }
        }
        impl$(<$generic>)? schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                <Self as $crate::units::Text>::FORMAT.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "format": <Self as $crate::units::Text>::FORMAT,
                    "pattern": <Self as $crate::units::Text>::PATTERN,
                })
            }
        }
    };
}
pub(super) use text_serde;
