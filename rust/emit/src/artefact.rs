//! What an emitter makes.

use podman_btrfs_core::plan::Plan;

use crate::EmitError;

/// One text that follows from a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// Where it stands below the output directory: components of plain names between single slashes.
    pub path: String,
    /// What it says; ends with a line break.
    pub text: String,
}

/// One kind of artefact.
#[derive(Clone, Copy, Debug)]
pub struct Emitter {
    /// Name of the kind.
    pub kind: &'static str,
    /// What it is, as the end of the sentence "it writes …".
    pub about: &'static str,
    /// Makes all artefacts of this kind; none where the plan has nothing to say.
    pub emit: fn(&Plan) -> Result<Vec<Artefact>, EmitError>,
}
