//! Names, paths and quantities as the declaration writes them: each a type of its own, parsed once.
//!
//! What is hostile (a name with `..`, a path with a newline, a size beyond the disk formats) never gets
//! past this module; everything behind it can join names and paths without looking again.

mod digest;
mod duration;
mod fingerprint;
mod name;
mod path;
mod rate;
mod reference;
mod size;
mod system;
mod text;
mod time_zone;
mod version;

pub use digest::Digest;
pub use duration::Duration;
pub use fingerprint::Fingerprint;
pub use name::{
    ContainerName, FilesystemName, Name, PolicyName, TargetName, UserName, VolumeName, WorkloadName,
};
pub use path::{ContainerPath, DevicePath, HostPath, SubvolumePath};
pub use rate::Rate;
pub use reference::{ImageReference, TargetUrl, VolumeReference};
pub use size::ByteSize;
pub use system::{MountOption, UnitName};
pub use text::{Text, parse_format, parse_key};
pub use time_zone::TimeZoneName;
pub use version::Version;
