//! Images: what is pulled for which platform, under which reference, and what runs of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Platform;
use crate::units::{ContainerName, ImageReference, UserName};

/// The images that this host holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImagesPlan {
    /// One for each store, image and platform; copies of a workload share it.
    pub pulls: Vec<ImagePull>,
    /// Foreign platforms whose programs the host is set up to run.
    pub emulated: Vec<Platform>,
}

/// One image of one platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImagePull {
    /// The rootless store; absent: root's.
    pub user: Option<UserName>,
    /// The platform to ask the registry for; absent: the host's own, which is not known.
    pub platform: Option<Platform>,
    /// What to pull.
    pub reference: ImageReference,
    /// Whether the reference names one manifest for good; else its tag decides at each pull.
    pub by_digest: bool,
    /// The local name that stays with this platform; absent where the host holds one platform of it.
    pub local_name: Option<ImageReference>,
    /// What happens with it here.
    pub runs: Runs,
    /// Containers that are made of it, of the first copy.
    pub containers: Vec<ContainerName>,
}

/// How an image is used on this host.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Runs {
    /// The processor runs its programs.
    Natively,
    /// An emulator runs its programs.
    Emulated,
    /// It is kept for other hosts.
    Held,
    /// The host's platform is not known.
    Unknown,
}

impl Runs {
    /// As a person reads it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Natively => "runs here",
            Self::Emulated => "runs here under emulation",
            Self::Held => "held for other hosts",
            Self::Unknown => "the host's platform is not known",
        }
    }
}
